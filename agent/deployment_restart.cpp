#include "agent/deployment.h"
#include "platform/error.h"

#include <algorithm>

// What a deployment does when its attempt can be finished only by a restart of the machine, which both keys allow.

namespace autodeploy {

namespace {

constexpr Milliseconds look_every{60000};
/// For a machine to go down once its time has come. Who has called the restart off tells nobody.
constexpr Seconds time_to_go_down{15 * 60};

std::string delay_text(Seconds delay) {
    if (delay.count() == 0) return "now";
    const std::int64_t minutes = (delay.count() + 59) / 60;
    return "in " + (minutes > 1 ? std::to_string(minutes) + " minutes" : std::to_string(delay.count()) + " seconds");
}

/// The clock was ahead and was put right: the time for waiting is as long as it was meant.
void mind_clock(AwaitedRestart& restart, UnixTime now) {
    if (restart.since <= now) return;
    restart.deadline -= restart.since - now;
    restart.since = now;
}

std::string asked_text(const AwaitedRestart& restart, bool has_not_come) {
    return "the restart of the machine that was asked for at " + utc_text(restart.asked_at) +
           (has_not_come ? " and has not come: somebody may have called it off"
                         : ", to come at " + utc_text(restart.due));
}

} // namespace

void Deployment::begin_waiting_for_restart(const ApplyResult& result) {
    try {
        if (!state_.restart) {
            AwaitedRestart restart;
            restart.since = clock_.now();
            const auto opening = restart_opening();
            restart.deadline = std::max(restart.since, opening ? opening->from : restart.since) +
                               settings_.apply.restart_deadline.count();
            state_.restart = restart;
        }
        state_.restart->services_run = result.cause.empty();
        save();
    } catch (const Error& error) {
        throw Unfinished("cannot wait for the restart that the attempt " + state_.attempt + " needs: " + error.what());
    }
}

/// Nothing of it is left out where the agent ends meanwhile: the next one goes on here, or finishes the attempt.
std::optional<Report> Deployment::await_restart() {
    try {
        const Plan plan = parts_.plan_of(state_.attempt);
        for (;;)
            if (auto report = look_after_restart(plan)) return report;
    } catch (const Error& error) {
        throw Unfinished("cannot go on waiting for the restart that the attempt " + state_.attempt +
                         " needs: " + error.what());
    }
}

std::optional<Report> Deployment::look_after_restart(const Plan& plan) {
    AwaitedRestart& restart = *state_.restart;
    switch (control_.wish()) {
    case DeploymentControl::Wish::stop:
        throw Interrupted{};
    case DeploymentControl::Wish::cancel:
        if (restart.asked_at != 0) parts_.cancel_restart();
        return without_restart(plan, "the restart was called off by " + control_.cancelled_by());
    case DeploymentControl::Wish::none:
        break;
    }
    take_joined();
    const UnixTime now = clock_.now();
    mind_clock(restart, now);
    std::optional<Hindrance> hindrance = restart.asked_at == 0 ? restart_hindrance() : std::nullopt;
    if (restart.asked_at == 0 && !hindrance) {
        try {
            ask_for_restart(plan);
        } catch (const Error& error) {
            hindrance = Hindrance{std::string("another try: ") + error.what(), now + 600};
        }
    }
    const bool has_not_come = restart.asked_at != 0 && now >= restart.due + time_to_go_down.count();
    const std::string why = hindrance ? hindrance->reason : asked_text(restart, has_not_come);
    if (!restart.services_run && (hindrance || has_not_come))
        if (auto report = give_up_restart(plan, why)) return report;
    if (now >= restart.deadline) return without_restart(plan, "waited until " + utc_text(now) + " for " + why);
    progress_.change([&](Status& status) {
        if (!status.deployment) return;
        status.deployment->from = plan.from_release;
        status.deployment->to = plan.to_release;
        status.deployment->phase = Phase::wait;
        status.deployment->waiting_for = {why};
        status.deployment->next_look = std::min(hindrance ? hindrance->until : now + 60, restart.deadline);
        status.deployment->deadline = restart.deadline;
        status.deployment->doing.clear();
    });
    control_.wait(look_every);
    return std::nullopt;
}

/// The first from now on in which the restart itself may lie. A window that is shorter than the delay will do as well.
std::optional<Opening> Deployment::restart_opening() const {
    const UnixTime now = clock_.now();
    const Seconds delay = settings_.apply.restart_delay;
    if (settings_.restart != RestartPolicy::in_window || settings_.wait.window.rules.empty())
        return Opening{now, now + delay.count() + 1};
    const auto offset = [this](UnixTime at) { return clock_.local_offset(at); };
    const auto opening = opening_at_or_after(settings_.wait.window, now, offset);
    if (!opening || now + delay.count() < opening->to || opening->to - opening->from <= delay.count()) return opening;
    return opening_at_or_after(settings_.wait.window, opening->to, offset);
}

std::optional<Deployment::Hindrance> Deployment::restart_hindrance() {
    const UnixTime now = clock_.now();
    if (settings_.restart == RestartPolicy::never)
        return Hindrance{"a restart of the machine by hand; the setting restart is never by now", now + 600};
    const auto opening = restart_opening();
    if (!opening)
        return Hindrance{"a maintenance window for the restart of the machine; none comes within 15 days", now + 3600};
    if (now < opening->from)
        return Hindrance{"the maintenance window for the restart of the machine, from " + utc_text(opening->from),
                         opening->from};
    if (settings_.apply.restart_logged_on == LoggedOnPolicy::go_on) return std::nullopt;
    std::string users;
    for (const std::string& user : parts_.logged_on())
        users += (users.empty() ? "" : ", ") + user;
    if (users.empty()) return std::nullopt;
    return Hindrance{users + " to log off, so that the machine can be restarted", now + 60};
}

/// Durable before it is asked for, so that no crash of ours ever restarts a machine twice.
void Deployment::ask_for_restart(const Plan& plan) {
    AwaitedRestart& restart = *state_.restart;
    const Seconds delay = settings_.apply.restart_delay;
    restart.asked_at = clock_.now();
    restart.due = restart.asked_at + delay.count();
    save();
    try {
        parts_.request_restart("The update of the backup client to " + plan.to_release +
                                   " is finished by a restart of this machine, " + delay_text(delay) +
                                   ". \"autodeploy cancel\" calls it off.",
                               delay);
    } catch (const Error&) {
        restart.asked_at = restart.due = 0;
        save();
        throw;
    }
}

/// Services that ran before are down: nobody waits for a restart that may never come. Nothing if it cannot be done now.
std::optional<Report> Deployment::give_up_restart(const Plan& plan, const std::string& why) {
    const auto lock = parts_.instance_lock();
    if (!lock) return std::nullopt;
    enter(Phase::apply, "going back, as services are down and the restart does not come");
    return conclude(plan, parts_.give_up_restart(state_.attempt, "restart_did_not_come",
                                                 "cannot finish: services do not run without a restart of the machine, "
                                                 "and there was none; waited for " +
                                                     why,
                                                 [this](const std::string& line) { progress_.doing(line); }));
}

/// The attempt stays open: whatever restart comes, the agent finishes it then.
Report Deployment::without_restart(const Plan& plan, const std::string& why) {
    ApplyResult result = parts_.resume(state_.attempt, [this](const std::string& line) { progress_.doing(line); });
    result.message += "; " + why;
    if (auto report = conclude(plan, result)) return *report;
    return ended(Outcome::needs_restart, "restart_needed", result.message, "restart the machine when it suits");
}

} // namespace autodeploy
