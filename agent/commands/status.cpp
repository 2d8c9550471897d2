#include "agent/reports/status.h"

#include "agent/commands/commands.h"
#include "agent/deployment_state.h"
#include "agent/refused_trigger.h"
#include "agent/reports/history.h"
#include "installer/package/keep.h"
#include "platform/error.h"

#include <algorithm>

namespace autodeploy {
namespace {

/// The newest kept release but the installed one: what a rollback would take. Empty if there is none.
std::string kept_before(FileSystem& files, const std::string& keep, const std::string& installed) {
    for (const StagedRelease& release : kept_releases(files, keep))
        if (const std::string version = text(release.manifest.release); version != installed) return version;
    return "";
}

} // namespace

Status present_status(CommandContext& context) {
    FileSystem& files = context.platform.files;
    const StandardPaths& paths = context.paths;
    const UnixTime now = context.platform.clock.now();
    // In the order in which a request goes on: what has just left one place is then found in the next, and nobody who
    // follows it takes it for ended.
    Status status;
    std::vector<std::string> problems;
    const auto guarded = [&problems](const std::string& path, const auto& look) {
        try {
            look();
        } catch (const Error& error) {
            const std::string why = error.what();
            problems.push_back(why.find(path) == std::string::npos ? "cannot use " + path + ": " + why : why);
        }
    };
    int pending = 0;
    guarded(paths.requests(), [&] { pending = Requests(files, context.platform.clock, paths.requests()).count(); });
    std::optional<DeploymentState> state;
    guarded(paths.deployment(), [&] { state = peek_deployment_state(files, paths.deployment()); });
    guarded(paths.status(), [&] {
        if (files.status(paths.status())) status = status_from_json(parse_json(files.read(paths.status(), 4 << 20)));
    });
    // What is durable is told also where the service does not run, or has not come round to it.
    History::Content history;
    try {
        history = History(files, paths.history()).read();
        if (history.newest_unreadable)
            throw Error("metadata_malformed", "cannot read the newest line of " + paths.history() +
                                                  ": the last deployment may have ended otherwise than is told here");
    } catch (const Error& error) {
        // Without any word of how the last one ended there is no status, least of all a good one.
        if (!status.last && history.reports.empty()) throw;
        problems.emplace_back(error.what());
    }
    for (const Report& report : history.reports)
        if (!status.last || status.last->ended_at <= report.ended_at) take_report(status, report);
    if (const auto refused = refused_trigger(files, paths);
        refused && (!status.last || status.last->ended_at <= refused->ended_at))
        take_report(status, *refused);
    if (status.deployment && status.last && status.last->id == status.deployment->id) status.deployment.reset();
    if (!status.deployment && state && (!status.last || status.last->id != state->request.id)) {
        status.deployment = ActiveDeployment{};
        status.deployment->id = state->request.id;
        status.deployment->kind = text(state->request.kind);
        status.deployment->accepted_at = state->request.accepted_at;
        status.deployment->deadline = state->deadline;
        status.deployment->waiting_for = {"the service to take it up"};
    }
    guarded(probation_path(paths), [&] { status.probation = load_probation(files, probation_path(paths)); });
    guarded(paths.keep(), [&] { status.rollback_to = kept_before(files, paths.keep(), status.installed); });
    if (!files.status(paths.state))
        problems.push_back("there is no " + paths.state + ": the service never ran here, or somebody removed it, and " +
                           "the history and the way back with it; `autodeploy service start` makes it anew");
    status.pending = pending;
    for (const std::string& problem : problems)
        add_problem(status.problems, problem, now);
    return status;
}

namespace {

int run(CommandContext& context) {
    context.need_administrator();
    const auto show = [&](const Status& status) {
        const UnixTime now = context.platform.clock.now();
        context.answer(status_json(status, now), context.coloured(status_text(status, now), exit_code(status)));
    };
    Status status = present_status(context);
    if (!context.invocation.quiet) show(status);
    while (context.invocation.has("follow") && context.out && context.host.wait(Milliseconds(1000)) != Wake::stop) {
        const Status next = present_status(context);
        if (next == status) continue;
        const bool goes_on = status.deployment && next.deployment && next.last == status.last;
        if (context.invocation.json) {
            show(next);
        } else {
            const std::vector<std::string> lines = new_lines(status.told, next.told);
            for (const std::string& line : lines)
                context.say(line);
            if (!goes_on)
                show(next);
            else if (lines.empty() && progress_line(*next.deployment) != progress_line(*status.deployment))
                context.say(progress_line(*next.deployment));
        }
        status = next;
    }
    return context.invocation.has("exit-code") ? exit_code(status) : exit_codes::good;
}

} // namespace

CommandDescription status_command() {
    CommandDescription command;
    command.name = "status";
    command.purpose = "what goes on, how the last deployment ended, what happens next";
    command.options = {{"follow", "", "goes on showing changes until Ctrl-C"},
                       {"exit-code", "", "tells the outcome by its exit code, for a second server schedule"}};
    command.takes_settings = false;
    command.details = "Exit codes with --exit-code: 0 updated, nothing_to_do, observed; 21 waiting or working;\n"
                      "22 refused, gave_up, cancelled; 23 rolled_back; 24 needs_restart; 25 needs_attention;\n"
                      "26 unconfirmed.";
    command.example = "autodeploy status --exit-code";
    command.only_tells = true;
    command.run = run;
    return command;
}

} // namespace autodeploy
