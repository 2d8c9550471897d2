#include "agent/commands/commands.h"
#include "agent/reports/outcome.h"

namespace autodeploy {

namespace {

int ask_and_follow(CommandContext& context, RequestKind kind) {
    Request request;
    request.kind = kind;
    request.release = release_option(context);
    request = ask_service(context, request);
    if (context.invocation.has("no-wait")) {
        context.answer(Json::Object{{"format", 1}, {"accepted", true}, {"request", request_json(request)}},
                       context.invocation.quiet ? "" : "accepted: " + request.id + "\n");
        return exit_codes::waiting;
    }
    context.say("asked for: " + request.id);
    const Report report = follow(context, request);
    const int code = exit_code(report.outcome);
    context.answer(report_json(report), context.coloured(report_text(report), code));
    return code;
}

int run_deploy(CommandContext& context) {
    return ask_and_follow(context, RequestKind::deploy);
}

int run_rollback(CommandContext& context) {
    return ask_and_follow(context, RequestKind::rollback);
}

constexpr const char* codes =
    "Exit codes: 0 updated, nothing_to_do, observed; 21 not ended (--no-wait); 22 refused, gave_up,\n"
    "cancelled; 23 rolled_back; 24 needs_restart; 25 needs_attention; 26 unconfirmed.";

} // namespace

CommandDescription deploy_command() {
    CommandDescription command;
    command.name = "deploy";
    command.purpose = "updates now: asks the service and follows it; skips the window, never the wait for quiet";
    command.options = {{"release", "VERSION", "this release instead of the newest that is offered"},
                       {"no-wait", "", "returns when the service has been asked"}};
    command.takes_settings = false;
    command.details = std::string("A lost terminal changes nothing; Ctrl-C asks to cancel.\n") + codes;
    command.example = "autodeploy deploy --release 8.1.27.0";
    command.failed = exit_codes::untouched;
    command.run = run_deploy;
    return command;
}

CommandDescription rollback_command() {
    CommandDescription command;
    command.name = "rollback";
    command.purpose = "goes back to the release that was here before, which is kept";
    command.options = {{"no-wait", "", "returns when the service has been asked"}};
    command.takes_settings = false;
    command.details = codes;
    command.example = "autodeploy rollback";
    command.failed = exit_codes::untouched;
    command.run = run_rollback;
    return command;
}

} // namespace autodeploy
