#include "agent/deployment.h"
#include "agent/deployment_ended.h"
#include "platform/error.h"

#include <algorithm>

namespace autodeploy {

void Deployment::wait_until_allowed() {
    for (;;) {
        enter(Phase::wait);
        take_wishes();
        set_deadline();
        std::vector<std::string> reasons;
        UnixTime until = clock_.now() + settings_.wait.look_every.count();
        for (const auto& hindrance : {closed_window(), pause_after_failure()}) {
            if (!hindrance) continue;
            reasons.push_back(hindrance->reason);
            until = std::max(until, hindrance->until);
        }
        if (reasons.empty()) {
            ClientActivity activity = parts_.activity(parts_.detect(), all_requests());
            if (may_stop(activity)) return;
            reasons = std::move(activity.reasons);
            busy_with_.clear();
            for (const std::string& reason : reasons)
                busy_with_ += (busy_with_.empty() ? "" : "; ") + reason;
        }
        wait(reasons, until);
    }
}

/// The deadline runs from the moment from which the client might be changed at all: a request that comes days before
/// its window is not given up before it opens.
void Deployment::set_deadline() {
    if (only_preview_) return;
    // The clock was ahead when the request was accepted, and was put back since: nobody waits for that time to come
    // again.
    const UnixTime now = clock_.now();
    for (Request& joined : state_.joined)
        joined.accepted_at = std::min(joined.accepted_at, now);
    if (state_.request.accepted_at > now) {
        state_.request.accepted_at = report_.accepted_at = now;
        state_.deadline = 0;
        state_.opening.reset();
        state_.seen_open = false;
    }
    if (state_.deadline != 0) return;
    UnixTime begin = state_.request.accepted_at;
    if (!state_.skips_window() && !settings_.wait.window.rules.empty()) {
        state_.opening =
            opening_at_or_after(settings_.wait.window, begin, [this](UnixTime at) { return clock_.local_offset(at); });
        if (state_.opening) begin = std::max(begin, state_.opening->from + jitter().count());
    }
    state_.deadline = begin + settings_.wait.deadline.count();
    save();
}

Seconds Deployment::jitter() const {
    std::string node = found_.host.name;
    for (const ClientService& service : found_.services)
        if (!service.node_name.empty()) node = service.node_name;
    return stable_jitter(node, settings_.wait.jitter);
}

std::optional<Deployment::Hindrance> Deployment::closed_window() {
    if (state_.skips_window()) return std::nullopt;
    const UnixTime now = clock_.now();
    if (settings_.wait.window.rules.empty()) {
        const UnixTime turn = state_.request.accepted_at + jitter().count();
        if (now >= turn) return std::nullopt;
        return Hindrance{"its turn at " + utc_text(turn) + " (jitter)", turn};
    }
    const auto opening =
        opening_at_or_after(settings_.wait.window, now, [this](UnixTime at) { return clock_.local_offset(at); });
    if (!opening) return Hindrance{"a maintenance window; none comes within 15 days", now + 3600};
    if (state_.opening && now >= state_.opening->to) {
        if (settings_.wait.missed_window == MissedWindowPolicy::go_at_once) return std::nullopt;
        // A window that passed while we were not there takes nothing from the time for waiting.
        if (!state_.seen_open) {
            state_.opening = opening;
            state_.deadline = opening->from + jitter().count() + settings_.wait.deadline.count();
            save();
        }
    }
    if (now < opening->from) return Hindrance{"the maintenance window, from " + utc_text(opening->from), opening->from};
    if (!state_.seen_open) {
        state_.seen_open = true;
        save();
    }
    // However long the jitter may be, some of the window is left.
    const UnixTime turn = opening->from + std::min(jitter().count(), (opening->to - opening->from) / 2);
    if (now < turn) return Hindrance{"its turn in the window at " + utc_text(turn) + " (jitter)", turn};
    return std::nullopt;
}

std::optional<Deployment::Hindrance> Deployment::pause_after_failure() {
    if (state_.request.kind != RequestKind::trigger) return std::nullopt;
    const ReleaseRecord record = records_.of(text(*aim_));
    // The clock was ahead at that failure; the number of attempts bounds them all the same.
    if (record.last_failed_at > clock_.now()) return std::nullopt;
    const UnixTime next = next_attempt_at(record, settings_.retry);
    if (clock_.now() >= next) return std::nullopt;
    return Hindrance{"the pause after a failed attempt to end at " + utc_text(next), next};
}

bool Deployment::may_stop(const ClientActivity& activity) const {
    if (activity.activity == Activity::quiet) return true;
    if (clock_.now() < state_.deadline) return false;
    switch (settings_.wait.at_deadline) {
    case DeadlinePolicy::give_up:
        return false;
    case DeadlinePolicy::proceed_if_unknown:
        return activity.activity == Activity::unknown;
    case DeadlinePolicy::proceed:
        return true;
    }
    return false;
}

/// Waits for the time, the deadline, or a new wish. Throws Ended at the deadline.
void Deployment::wait(const std::vector<std::string>& reasons, UnixTime until) {
    std::string all;
    for (const std::string& reason : reasons)
        all += (all.empty() ? "" : "; ") + reason;
    // A window that has closed meanwhile is not what kept it from being changed.
    if (!busy_with_.empty() && all.find(busy_with_) == std::string::npos) all += "; while it was open: " + busy_with_;
    if (clock_.now() >= state_.deadline)
        throw Ended{Outcome::gave_up, "deadline_passed", "waited until " + utc_text(state_.deadline) + " for: " + all,
                    "look what keeps the client busy, or set wait.deadline and wait.at_deadline"};
    until = std::min(until, state_.deadline);
    progress_.change([&](Status& status) {
        if (!status.deployment) return;
        status.deployment->waiting_for = reasons;
        status.deployment->next_look = until;
        status.deployment->deadline = state_.deadline;
        status.deployment->doing.clear();
    });
    // Wall time may jump: what has been waited for really is enough, and when it goes back all is looked at anew.
    const UnixTime now = clock_.now();
    Milliseconds left = Seconds(until - now);
    const Milliseconds begin = clock_.elapsed();
    while (!take_wishes() && clock_.now() >= now && clock_.now() < until && clock_.elapsed() - begin < left)
        control_.wait(std::min<Milliseconds>(left - (clock_.elapsed() - begin), Milliseconds(60000)));
    progress_.change([](Status& status) {
        if (!status.deployment) return;
        status.deployment->waiting_for.clear();
        status.deployment->next_look = 0;
    });
}

/// True if further requests have joined. Throws where this deployment is to end.
bool Deployment::take_wishes() {
    if (only_preview_) return false;
    switch (control_.wish()) {
    case DeploymentControl::Wish::stop:
        throw Interrupted{};
    case DeploymentControl::Wish::cancel:
        throw Ended{Outcome::cancelled, "cancelled", "cancelled by " + control_.cancelled_by(), ""};
    case DeploymentControl::Wish::none:
        break;
    }
    return take_joined();
}

bool Deployment::take_joined() {
    const std::vector<Request> joined = control_.joined();
    if (joined.empty()) return false;
    state_.joined.insert(state_.joined.end(), joined.begin(), joined.end());
    save();
    control_.joined_are_safe(joined);
    return true;
}

std::vector<Request> Deployment::all_requests() const {
    std::vector<Request> requests{state_.request};
    requests.insert(requests.end(), state_.joined.begin(), state_.joined.end());
    return requests;
}

void Deployment::save() {
    if (!only_preview_) save_deployment_state(files_, paths_.deployment(), state_);
}

} // namespace autodeploy
