#include "agent/commands/commands.h"
#include "platform/error.h"

namespace autodeploy {
namespace {

constexpr int seconds_to_wait = 30;

void answer(const CommandContext& context, bool cancelled, const std::string& message) {
    context.answer(Json::Object{{"format", 1}, {"cancelled", cancelled}, {"message", message}},
                   context.invocation.quiet ? "" : message + "\n");
}

int run(CommandContext& context) {
    context.need_administrator();
    Status status = present_status(context);
    if (!status.deployment && status.pending == 0) {
        answer(context, false, "nothing waits");
        return 0;
    }
    Request request;
    request.kind = RequestKind::cancel;
    ask_service(context, request);
    for (int seconds = 0; seconds < seconds_to_wait; ++seconds) {
        context.host.wait(Milliseconds(1000));
        status = present_status(context);
        if (!status.deployment && status.pending == 0) {
            answer(context, true, "cancelled");
            return 0;
        }
        if (status.deployment && status.deployment->phase == Phase::apply)
            throw Error("not_cancelled", "cannot cancel " + status.deployment->id +
                                             ": it is being applied; it ends by itself, or is put back by itself");
    }
    throw Error("not_cancelled", "cannot tell whether it was cancelled within " + std::to_string(seconds_to_wait) +
                                     " s; see `autodeploy status`");
}

} // namespace

CommandDescription cancel_command() {
    CommandDescription command;
    command.name = "cancel";
    command.purpose = "withdraws what waits; what is being applied is not cut";
    command.takes_settings = false;
    command.example = "autodeploy cancel";
    command.run = run;
    return command;
}

} // namespace autodeploy
