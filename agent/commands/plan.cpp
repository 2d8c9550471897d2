#include "installer/plan.h"

#include "agent/commands/commands.h"
#include "agent/deployment.h"
#include "agent/machine_parts.h"
#include "agent/reports/outcome.h"

namespace autodeploy {
namespace {

/// A preview takes no wishes and waits for nothing.
class NoControl : public DeploymentControl {
  public:
    Wish wish() override { return Wish::none; }
    std::string cancelled_by() override { return ""; }
    std::vector<Request> joined() override { return {}; }
    void joined_are_safe(const std::vector<Request>&) override {}
    void wait(Milliseconds) override {}
    bool begin_change() override { return false; }
    void end_change() override {}
};

int run(CommandContext& context) {
    context.need_administrator();
    const Settings settings = context.settings();
    const auto parts = machine_parts(context.platform, context.paths, settings, context.host.process_id());
    Progress unseen(context.platform.files, context.platform.clock, context.host, context.paths.status());
    NoControl control;
    DeploymentState state;
    state.request.id = "preview";
    state.request.kind = context.invocation.has("rollback") ? RequestKind::rollback : RequestKind::deploy;
    state.request.release = release_option(context);
    state.request.requested_by = context.host.caller();
    state.request.accepted_at = context.platform.clock.now();
    Deployment deployment({*parts, context.platform.files, context.platform.clock, settings, context.paths, unseen},
                          control, state);
    const Report report = deployment.preview();
    Json plan;
    std::string text;
    if (deployment.plan()) {
        plan = plan_json(*deployment.plan());
        text = plan_text(*deployment.plan()) + deployment.needs_text();
    }
    if (report.outcome != Outcome::observed) text = report_text(report) + text;
    context.answer(
        Json::Object{
            {"format", 1}, {"report", report_json(report)}, {"plan", plan}, {"needs", deployment.needs_json()}},
        text);
    return exit_code(report.outcome);
}

} // namespace

CommandDescription plan_command() {
    CommandDescription command;
    command.name = "plan";
    command.purpose = "everything up to the plan, native dry run included; changes nothing of the client";
    command.options = {{"release", "VERSION", "this release instead of the newest that is offered"},
                       {"rollback", "", "the plan of `autodeploy rollback`"}};
    command.details = "Fetches and stages packages. Exit codes: 0 there is a plan, or nothing to do; 22 refused.";
    command.example = "autodeploy plan --release 8.1.27.0";
    command.failed = exit_codes::untouched;
    command.only_tells = true;
    command.run = run;
    return command;
}

} // namespace autodeploy
