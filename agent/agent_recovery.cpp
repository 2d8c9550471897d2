#include "agent/agent.h"
#include "agent/last_resort.h"
#include "platform/error.h"

#include <algorithm>

// What an agent does about attempts that an earlier one has begun and not ended.

namespace autodeploy {

/// In the worker: attempts that were cut short first, then what was waiting.
void Agent::recover() {
    try {
        const Settings settings = settings_or_default();
        const auto parts = surroundings_.make_parts(settings);
        std::string damaged;
        std::optional<DeploymentState> state = load_deployment_state(platform_.files, paths_.deployment(), damaged);
        if (!damaged.empty()) problem(damaged, 3);
        std::vector<std::string> attempts = parts->unfinished_attempts();
        if (state && !state->attempt.empty() &&
            std::find(attempts.begin(), attempts.end(), state->attempt) == attempts.end()) {
            if (parts->has_begun(state->attempt)) {
                // It ended just before its report was written, and is reported now.
                attempts.push_back(state->attempt);
            } else {
                // The power went before its journal was on the disk: it is planned anew.
                state->attempt.clear();
                save_deployment_state(platform_.files, paths_.deployment(), *state);
            }
        }
        for (const std::string& attempt : attempts)
            conclude_attempt(*parts, settings, attempt, state && state->attempt == attempt ? state : std::nullopt);
    } catch (const std::exception& error) {
        failure_ = error.what();
    }
}

void Agent::conclude_attempt(DeploymentParts& parts, const Settings& settings, const std::string& attempt,
                             std::optional<DeploymentState> state) {
    const auto lock = parts.instance_lock();
    if (!lock) throw Error("busy", "cannot finish the attempt " + attempt + ": its lock is held", Retry::later);
    const bool known = state.has_value();
    if (!known) {
        state.emplace();
        state->request.id = attempt;
        state->request.accepted_at = platform_.clock.now();
        // One that waited for a restart of the machine was reported as that.
        for (const Report& report : readable_history().reports)
            if (attempt.starts_with(report.id)) {
                state->request.id = report.id;
                state->request.accepted_at = report.accepted_at;
                state->request.requested_by = report.requested_by;
            }
    }
    try {
        finish_attempt(parts, settings, attempt, *state, known);
    } catch (const Error& error) {
        // Whatever is broken, the scheduler comes first; what may pass is tried again in a while.
        const std::vector<std::string> failures = start_listed_services(platform_, paths_.rescue_list());
        if (error.cause() != "journal_unreadable") throw;
        give_up_attempt(parts, attempt, *state, error, failures);
    }
    progress_.change([](Status& status) { status.deployment.reset(); });
}

/// Nobody can tell how far it came: a person has to look.
void Agent::give_up_attempt(DeploymentParts& parts, const std::string& attempt, const DeploymentState& state,
                            const Error& error, const std::vector<std::string>& failures) {
    Report report = report_of(state.request, platform_.clock.now());
    report.kind = "recovery";
    report.outcome = Outcome::needs_attention;
    report.cause = error.cause();
    report.message = error.what();
    report.to_do = "see with `autodeploy check` that the client is whole, and install its packages anew if it is not; "
                   "copies of its files are in " +
                   paths_.attempts() + "/" + attempt + "/captures";
    report.notes = failures;
    report.notes.push_back(failures.empty() ? "the services that had been stopped were started"
                                            : "not all services that had been stopped could be started");
    record(report, {state.request.id});
    parts.put_aside(attempt);
    if (failures.empty()) platform_.files.remove_durably(paths_.rescue_list());
}

void Agent::finish_attempt(DeploymentParts& parts, const Settings& settings, const std::string& attempt,
                           DeploymentState& state, bool known) {
    const Plan plan = parts.plan_of(attempt);
    progress_.change([&](Status& status) {
        status.deployment = ActiveDeployment{};
        status.deployment->id = state.request.id;
        status.deployment->kind = "recovery";
        status.deployment->from = plan.from_release;
        status.deployment->to = plan.to_release;
        status.deployment->phase = Phase::apply;
        status.deployment->accepted_at = state.request.accepted_at;
    });
    const ApplyResult result = parts.resume(attempt, [this](const std::string& line) { progress_.doing(line); });
    Deployment deployment({parts, platform_.files, platform_.clock, settings, paths_, progress_}, worker_, state);
    if (known && result.applied == Applied::awaiting_restart) {
        deployment.begin_waiting_for_restart(result);
        return;
    }
    if (auto report = deployment.conclude(plan, result)) {
        if (!known) report->kind = "recovery";
        report->notes.push_back("the attempt was cut short, and finished after the agent was started again");
        record(*report, {state.request.id});
    } else if (known) {
        state.attempt.clear();
        save_deployment_state(platform_.files, paths_.deployment(), state);
    }
}

} // namespace autodeploy
