#include "installer/apply.h"

#include "installer/attempt_findings.h"
#include "installer/rescue_list.h"
#include "platform/error.h"
#include "platform/platform.h"

#include <algorithm>
#include <exception>
#include <variant>

namespace autodeploy {

namespace {

constexpr std::size_t forward_retries = 1;
constexpr Milliseconds last_start_deadline{120000};
constexpr int undo_attempts = 3;
constexpr Milliseconds undo_pause{1000};

/// Runs the action; what it throws, of whatever library, comes out as Error.
template<class Action> auto as_error(const std::string& what, Action&& action) {
    try {
        return action();
    } catch (const Error&) {
        throw;
    } catch (const std::exception& exception) {
        throw Error("internal", "cannot " + what + ": " + exception.what());
    }
}

enum class Forward { done, busy, awaiting_restart };

struct ForwardResult {
    Forward forward = Forward::done;
    std::string why;
};

void prepare_all(Journal& journal, StepContext& context) {
    const std::vector<Step>& steps = journal.plan().steps;
    for (std::size_t i = journal.state().prepared; i < steps.size(); ++i) {
        journal.preparing(i);
        Captures captures = captures_of(i, journal, context);
        as_error("prepare step " + kind_of(steps[i]),
                 [&] { std::visit([&](const auto& step) { prepare(step, captures, context); }, steps[i]); });
        journal.prepared(i);
    }
}

Performed perform_one(std::size_t number, const Journal& journal, StepContext& context) {
    const Step& step = journal.plan().steps[number];
    Captures captures = captures_of(number, journal, context);
    return as_error("perform step " + kind_of(step), [&] {
        return std::visit([&](const auto& kind) { return perform(kind, captures, context); }, step);
    });
}

/// After an interruption the step before the one that was begun is performed again too: services that it started are
/// gone if the machine was restarted meanwhile.
std::size_t first_to_perform(const Journal& journal) {
    const std::size_t begun = journal.state().begun.value_or(0);
    return begun > 0 ? begun - 1 : 0;
}

ForwardResult perform_all(Journal& journal, StepContext& context) {
    const std::vector<Step>& steps = journal.plan().steps;
    for (std::size_t i = first_to_perform(journal); i < steps.size(); ++i) {
        journal.performing(i);
        context.progress(std::visit([](const auto& step) { return describe(step); }, steps[i]));
        const Performed performed = perform_one(i, journal, context);
        switch (performed.result) {
        case Performed::Result::done:
            journal.performed(i);
            break;
        case Performed::Result::busy:
            return {Forward::busy, performed.why};
        case Performed::Result::restart_needed:
            if (!journal.plan().restart_allowed)
                throw Error("restart_not_allowed",
                            "cannot finish without a restart of the machine, which is not allowed: " + performed.why);
            if (journal.state().awaiting_restart_of)
                throw Error("restart_not_enough",
                            "cannot finish: a restart was made and another is asked for: " + performed.why);
            journal.awaiting_restart(context.platform.clock.boot_id());
            return {Forward::awaiting_restart, performed.why};
        }
    }
    return {};
}

/// Where there is no other way, a failure may pass: a few tries, then it is reported.
template<class Action> void insist(const std::string& what, StepContext& context, Action&& action) {
    for (int attempt = 1;; ++attempt) {
        try {
            as_error(what, action);
            return;
        } catch (const Error& error) {
            if (attempt == undo_attempts || error.cause() == restart_completes_undo) throw;
            context.platform.clock.sleep(undo_pause);
        }
    }
}

struct Undone {
    std::vector<std::string> failures; ///< what could not be undone
    std::string restart;               ///< what only a restart of the machine completes; empty if nothing
};

/// Undoes every step, the last one first.
Undone undo_all(Journal& journal, StepContext& context) {
    Undone undone;
    for (std::size_t i = journal.plan().steps.size(); i-- > 0;) {
        context.progress("going back: " + kind_of(journal.plan().steps[i]));
        try {
            Captures captures = captures_of(i, journal, context);
            const Step& step = journal.plan().steps[i];
            insist("undo step " + kind_of(step), context,
                   [&] { std::visit([&](const auto& kind) { undo(kind, captures, context); }, step); });
            journal.undone(i);
        } catch (const Error& error) {
            if (error.cause() == restart_completes_undo)
                undone.restart = error.what();
            else
                undone.failures.emplace_back(error.what());
        }
    }
    return undone;
}

enum class Hold { taken_away, kept };

/// The last thing that is tried, whatever happened before.
std::vector<std::string> start_rescue_services(const Plan& plan, StepContext& context, Hold hold = Hold::taken_away) {
    std::vector<std::string> failures;
    for (const std::string& name : plan.restart_services) {
        try {
            insist("start " + name, context, [&] {
                if (hold == Hold::taken_away) context.platform.services.release(name);
                context.platform.services.start(name, last_start_deadline);
            });
        } catch (const Error& error) {
            failures.push_back(error.what());
        }
    }
    return failures;
}

ApplyResult end(Journal& journal, StepContext& context, ApplyResult result) {
    add_findings(result, journal, context);
    journal.ended(apply_result_json(result));
    remove_rescue_list(context.platform.files, context.rescue_path);
    return result;
}

ApplyResult clean_up_after_commit(Journal& journal, StepContext& context) {
    ApplyResult result;
    result.applied = server_was_unreachable(journal, context) ? Applied::unconfirmed : Applied::committed;
    const Plan& plan = journal.plan();
    for (const Step& step : plan.steps)
        if (const auto* stop = std::get_if<StopServices>(&step))
            for (const Service& service : stop->services)
                context.platform.services.release(service.name);
    // The power may have gone between the commit and here, and a held service is not started at boot.
    result.notes = start_rescue_services(plan, context);
    if (!result.notes.empty()) {
        result.applied = Applied::needs_attention;
        result.cause = "service_start_failed";
        result.message = "the new release is in place and was verified, but a service does not start any more";
    }
    for (const Step& step : plan.steps)
        if (const auto* old_places = std::get_if<ClearOldPlaces>(&step)) {
            try {
                insist("clear the places of the old client", context, [&] {
                    const std::vector<std::string> left = clean_up(*old_places, context);
                    result.notes.insert(result.notes.end(), left.begin(), left.end());
                });
            } catch (const Error& error) {
                result.notes.emplace_back(error.what()); // it harms nobody
            }
        }
    return end(journal, context, std::move(result));
}

/// Which release runs now, as the client's program says, and which will.
std::string runs_and_will(const Journal& journal, StepContext& context, const std::string& release) {
    std::optional<std::string> now;
    try {
        now = context.client.version();
    } catch (const Error&) {
        // It is for people; what the package database says is told elsewhere.
    }
    if (now == release) return "; " + release + " runs now, and whole after a restart of the machine";
    return "; " + now.value_or("an unknown release") + " runs now, " + release +
           " will after a restart of the machine" + (journal.state().going_back ? ", which nobody asks for" : "");
}

/// Nothing is left to be done before a restart; after it the way back is gone once more, and read back.
ApplyResult back_but_for_restart(Journal& journal, StepContext& context, ApplyResult result) {
    result.applied = Applied::needs_restart;
    result.message += runs_and_will(journal, context, journal.plan().from_release);
    add_findings(result, journal, context);
    try {
        journal.awaiting_restart(context.platform.clock.boot_id());
    } catch (const Error&) {
        // Then it is gone back again and again, until the mark can be written.
    }
    return result;
}

ApplyResult go_back(Journal& journal, StepContext& context, const std::string& cause, const std::string& message,
                    Applied clean_outcome) {
    if (!journal.state().going_back) journal.going_back(cause, message);
    try {
        // The way back may need room too: for what the package tool's run leaves on the same disk.
        context.platform.files.remove_durably(context.folder + "/reserve");
    } catch (const Error&) {
        // It goes without.
    }
    ApplyResult result;
    result.applied = clean_outcome;
    result.cause = cause;
    result.message = message;
    const Undone undone = undo_all(journal, context);
    const std::vector<std::string> start_failures = start_rescue_services(journal.plan(), context);
    result.notes.insert(result.notes.end(), undone.failures.begin(), undone.failures.end());
    result.notes.insert(result.notes.end(), start_failures.begin(), start_failures.end());
    if (!undone.restart.empty()) result.notes.push_back(undone.restart);
    if (!undone.failures.empty() || !start_failures.empty())
        result.applied = Applied::needs_attention;
    else if (!undone.restart.empty())
        return back_but_for_restart(journal, context, std::move(result));
    return end(journal, context, std::move(result));
}

/// What asks for a restart before the stop has changed nothing of the client, which runs on as it is.
bool lies_behind_stop(const Plan& plan, std::size_t step) {
    return std::any_of(plan.steps.begin(), plan.steps.begin() + std::ptrdiff_t(step),
                       [](const Step& one) { return std::holds_alternative<StopServices>(one); });
}

/// What lies between the step that waits for a restart and the start of the services, so that the client can run.
void settle_behind(std::size_t waiting, const Journal& journal, StepContext& context) {
    const std::vector<Step>& steps = journal.plan().steps;
    for (std::size_t i = waiting + 1; i < steps.size() && !std::holds_alternative<StartServices>(steps[i]); ++i)
        perform_one(i, journal, context);
}

/// Until the machine is restarted the client is what it is: its files are settled, and what ran before runs. It stays
/// held, so that nothing of it starts at boot before the rest is done.
ApplyResult run_until_restart(Journal& journal, StepContext& context) {
    const std::size_t waiting = journal.state().begun.value_or(0);
    Captures captures = captures_of(waiting, journal, context);
    std::vector<std::string> failures;
    if (lies_behind_stop(journal.plan(), waiting)) {
        if (!captures.has("ran-from")) settle_behind(waiting, journal, context);
        context.held_down.clear();
        failures = start_rescue_services(journal.plan(), context, Hold::kept);
        captures.save("ran-from", context.platform.clock.now_ms());
    }
    ApplyResult result;
    result.applied = Applied::awaiting_restart;
    if (!failures.empty()) result.cause = "service_start_failed";
    result.message = captures.load("restart").value_or(Json("what was installed waits for one")).string() +
                     runs_and_will(journal, context, journal.plan().to_release);
    add_findings(result, journal, context);
    result.notes.insert(result.notes.end(), failures.begin(), failures.end());
    return result;
}

/// From here on it is down again. For the report only.
void end_of_running(Journal& journal, StepContext& context) {
    try {
        captures_of(journal.state().begun.value_or(0), journal, context)
            .save("ran-until", context.platform.clock.now_ms());
    } catch (const Error&) {
        // It then tells more than there was.
    }
}

ApplyResult go_forward(Journal& journal, StepContext& context) {
    try {
        prepare_all(journal, context);
        const ForwardResult forward = perform_all(journal, context);
        if (forward.forward == Forward::awaiting_restart) return run_until_restart(journal, context);
        if (forward.forward == Forward::busy) return go_back(journal, context, "busy", forward.why, Applied::busy);
        journal.committed();
    } catch (const Error& error) {
        return go_back(journal, context, error.cause(), error.what(), Applied::rolled_back);
    }
    return clean_up_after_commit(journal, context);
}

/// Forward under a mark that says so. On a disk that takes no mark there is only the way back, which needs none: the
/// services are down, and nobody may wait for room while they are.
template<class Mark> ApplyResult go_on(Journal& journal, StepContext& context, Mark&& mark) {
    try {
        mark();
    } catch (const Error& error) {
        return go_back(journal, context, error.cause(),
                       std::string("cannot go on with the deployment after it was interrupted: ") + error.what(),
                       Applied::rolled_back);
    }
    return go_forward(journal, context);
}

/// The restart has not come.
ApplyResult still_waiting(Journal& journal, StepContext& context) {
    const JournalState& state = journal.state();
    if (state.going_back) {
        ApplyResult result;
        result.cause = state.cause;
        result.message = state.message;
        return back_but_for_restart(journal, context, std::move(result));
    }
    try {
        return run_until_restart(journal, context);
    } catch (const Error& error) {
        return go_back(journal, context, error.cause(), error.what(), Applied::rolled_back);
    }
}

} // namespace

ApplyResult apply(Journal& journal, StepContext& context) {
    const JournalState& state = journal.state();
    if (state.ended) {
        remove_rescue_list(context.platform.files, context.rescue_path);
        return apply_result_from_json(*state.ended);
    }
    const bool lost = !state.begun && !state.committed && !journal.is_fresh() && was_begun(journal, context);
    if (state.damaged || lost)
        return go_back(
            journal, context, "journal_damaged",
            "cannot go on with the deployment: its journal is damaged; everything was put back from the captures",
            Applied::rolled_back);
    if (state.committed) return clean_up_after_commit(journal, context);
    if (waits_for_restart(state, context.platform.clock.boot_id())) return still_waiting(journal, context);
    if (state.going_back)
        return go_back(journal, context, state.cause, state.message,
                       state.cause == "busy" ? Applied::busy : Applied::rolled_back);
    if (state.awaits_restart)
        return go_on(journal, context, [&] {
            journal.restarted();
            end_of_running(journal, context);
        });
    if (!state.begun) {
        if (journal.is_fresh()) return go_forward(journal, context);
        ApplyResult result;
        result.message = "the deployment was interrupted before anything was changed";
        return end(journal, context, std::move(result));
    }
    if (state.resumes >= forward_retries)
        return go_back(journal, context, "interrupted_twice",
                       "cannot finish the deployment: it was interrupted again after it had been taken up once",
                       Applied::rolled_back);
    return go_on(journal, context, [&] { journal.resumed(); });
}

ApplyResult give_up_restart(Journal& journal, StepContext& context, const std::string& cause,
                            const std::string& message) {
    end_of_running(journal, context);
    return go_back(journal, context, cause, message, Applied::rolled_back);
}

} // namespace autodeploy
