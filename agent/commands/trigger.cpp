#include "agent/trigger.h"

#include "agent/commands/commands.h"
#include "agent/refused_trigger.h"
#include "agent/reports/outcome.h"
#include "platform/error.h"
#include "platform/platform.h"

namespace autodeploy {
namespace {

int run(CommandContext& context) {
    Request request;
    try {
        request = trigger(context.platform, context.host, context.paths, context.settings());
    } catch (const Error& error) {
        // What the scheduler keeps of its command's words is the scheduler's business.
        context.platform.host.log(4, std::string("autodeploy: ") + error.what());
        try {
            leave_refused_trigger(context.platform, context.paths, context.host.caller(), error);
            context.host.poke_service();
        } catch (const Error&) {
            // A lesser user, or a full disk: the reason that counts is the one above.
        }
        throw;
    }
    context.answer(Json::Object{{"format", 1}, {"accepted", true}, {"request", request_json(request)}},
                   context.invocation.quiet ? "" : "accepted: " + request.id + "\n");
    return exit_codes::good;
}

} // namespace

CommandDescription trigger_command() {
    CommandDescription command;
    command.name = "trigger";
    command.purpose = "asks for an update; what the server's schedule runs";
    command.takes_settings = false;
    command.details =
        "Takes no arguments. Returns 0 when the request is accepted and durable, which does not mean that\n"
        "the client is updated (see `autodeploy status`), or 12 with the reason on one line.";
    command.example = "DEFINE SCHEDULE dom AD_W48 ACTION=COMMAND OBJECTS='/usr/bin/autodeploy trigger'";
    command.failed = exit_codes::trigger_refused;
    command.run = run;
    return command;
}

} // namespace autodeploy
