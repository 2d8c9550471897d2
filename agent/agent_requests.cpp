#include "agent/agent.h"
#include "agent/refused_trigger.h"
#include "platform/error.h"

#include <algorithm>
#include <utility>

// What an agent does with what it is asked: by a trigger, by a person, or by a trigger that was refused.

namespace autodeploy {

namespace {

/// The others are answered at once.
bool asks_for_deployment(const Request& request) {
    return request.kind != RequestKind::cancel && request.kind != RequestKind::retry;
}

bool of_person(const Request& request) {
    return request.kind == RequestKind::deploy || request.kind == RequestKind::rollback;
}

/// Whether the deployment that goes on answers this request as well.
bool answers(const DeploymentState& state, const Request& request) {
    if (state.request.kind == RequestKind::rollback) return request.kind == RequestKind::rollback;
    if (request.kind == RequestKind::trigger) return true;
    return request.kind == RequestKind::deploy && (request.release.empty() || request.release == state.request.release);
}

} // namespace

void Agent::take_requests() {
    std::vector<RefusedRequest> refused;
    std::vector<Request> waiting;
    try {
        waiting = requests_.pending(refused);
    } catch (const Error& error) {
        problem(error.what());
        return;
    }
    for (const RefusedRequest& request : refused)
        problem("the request " + request.name +
                (request.moved_to.empty() ? " is left where it is: " : " was put aside as " + request.moved_to + ": ") +
                request.why);
    std::erase_if(waiting, [this](const Request& request) { return handed_over_.contains(request.id); });

    // What one request meets keeps neither the service nor the others from going on.
    const auto guarded = [this](auto&& action) {
        try {
            action();
        } catch (const Error& error) {
            problem(error.what(), 3);
        }
    };
    for (const Request& request : waiting)
        if (!asks_for_deployment(request)) guarded([&] { take(request, waiting); });
    std::erase_if(waiting, [this](const Request& request) {
        return !platform_.files.status(paths_.requests() + "/" + request.id + ".json");
    });
    if (work_ == Work::none && platform_.clock.elapsed() >= not_before_) guarded([&] { start_next(waiting); });
    for (const Request& request : waiting)
        if (asks_for_deployment(request)) guarded([&] { take(request, waiting); });
    const int pending = int(std::count_if(waiting.begin(), waiting.end(), [this](const Request& request) {
        return !handed_over_.contains(request.id) && !(current_ && current_->request.id == request.id);
    }));
    progress_.change([&](Status& status) { status.pending = pending; });
}

/// What was under way when the agent ended comes first.
void Agent::start_next(const std::vector<Request>& waiting) {
    std::string damaged;
    if (auto state = load_deployment_state(platform_.files, paths_.deployment(), damaged))
        return start_deployment(std::move(*state));
    if (!damaged.empty()) problem(damaged, 3);
    const auto next = std::find_if(waiting.begin(), waiting.end(), asks_for_deployment);
    if (next == waiting.end()) return;
    DeploymentState fresh;
    fresh.request = *next;
    start_deployment(std::move(fresh));
}

void Agent::take(const Request& request, const std::vector<Request>& waiting) {
    switch (request.kind) {
    case RequestKind::retry:
        records_.clear(request.release);
        requests_.remove(request.id);
        log({6,
             "attempts-cleared",
             "failed attempts of " + (request.release.empty() ? "all releases" : request.release) +
                 " were cleared by " + request.requested_by,
             {{"release", request.release}, {"requested_by", request.requested_by}}});
        return;
    case RequestKind::cancel:
        cancel(request, waiting);
        return;
    case RequestKind::trigger:
    case RequestKind::deploy:
    case RequestKind::rollback:
        break;
    }
    if (!current_ || work_ != Work::deployment || current_->request.id == request.id) return;
    const bool in_state = std::any_of(current_->joined.begin(), current_->joined.end(),
                                      [&](const Request& joined) { return joined.id == request.id; });
    if (in_state)
        requests_.remove(request.id);
    else if (answers(*current_, request)) {
        if (worker_.join(request)) handed_over_.insert(request.id);
    } else if (of_person(request)) {
        // A person's wish comes before what waits; it is taken up when the other has ended.
        worker_.cancel("the request " + request.id + " (" + text(request.kind) + ") of " + request.requested_by);
    }
}

void Agent::cancel(const Request& request, const std::vector<Request>& waiting) {
    const std::string by = request.requested_by;
    for (const Request& other : waiting) {
        if (other.id >= request.id || !asks_for_deployment(other)) continue;
        Report report = report_of(other, platform_.clock.now());
        report.outcome = Outcome::cancelled;
        report.cause = "cancelled";
        report.message = "cancelled by " + by + " before it was taken up";
        if (!current_ || current_->request.id != other.id) {
            tell(report);
            requests_.remove(other.id);
        }
    }
    std::string damaged;
    if (work_ == Work::deployment) {
        if (!worker_.cancel(by)) problem("cannot cancel " + current_->request.id + ": it is being applied");
    } else if (const auto state = load_deployment_state(platform_.files, paths_.deployment(), damaged)) {
        // What has changed the client is asked itself, as soon as it is at work again.
        if (!state->attempt.empty()) return;
        // It is not at work just now, so nothing but its state has to be told.
        Report report = report_of(state->request, platform_.clock.now());
        report.outcome = Outcome::cancelled;
        report.cause = "cancelled";
        report.message = "cancelled by " + by;
        record(report, {state->request.id});
    }
    requests_.remove(request.id);
}

void Agent::take_refused_trigger() {
    try {
        if (!platform_.files.status(paths_.refused_trigger())) return;
        // Twice in the history with the same id and time is once.
        if (const auto refused = refused_trigger(platform_.files, paths_)) tell(*refused);
        platform_.files.remove_durably(paths_.refused_trigger());
    } catch (const Error& error) {
        problem(error.what());
    }
}

} // namespace autodeploy
