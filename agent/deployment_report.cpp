#include "agent/deployment.h"
#include "agent/deployment_ended.h"
#include "agent/probation.h"
#include "installer/client/layout.h"
#include "installer/client/scheduler_log.h"
#include "installer/package/choose_packages.h"
#include "platform/error.h"

#include <algorithm>

namespace autodeploy {

Deployment::Deployment(DeploymentSurroundings surroundings, DeploymentControl& control, DeploymentState state)
    : parts_(surroundings.parts), files_(surroundings.files), clock_(surroundings.clock),
      settings_(surroundings.settings), paths_(surroundings.paths), progress_(surroundings.progress), control_(control),
      state_(std::move(state)), records_(surroundings.files, surroundings.paths.releases()) {
    report_.id = state_.request.id;
    report_.kind = state_.request.requested_by == probation_requester ? "probation" : text(state_.request.kind);
    report_.requested_by = state_.request.requested_by;
    if (state_.request.started_by) report_.started_by = state_.request.started_by->program;
    report_.accepted_at = state_.request.accepted_at;
    report_.attempts_allowed = settings_.retry.attempts;
    report_.mode = text(settings_.mode); // until metadata says what follow means
}

Report Deployment::preview() {
    only_preview_ = true;
    try {
        look();
        choose();
        bring();
        return ended(Outcome::observed, "", "the plan was made, nothing was changed");
    } catch (const Ended& end) {
        return ended(end.outcome, end.cause, end.message, end.to_do);
    } catch (const Again& again) {
        return ended(Outcome::refused, "busy", "cannot make a plan now; a deployment would wait for " + again.why);
    } catch (const Error& error) {
        return ended(Outcome::refused, error.cause(), error.what());
    }
}

bool Deployment::observing() const {
    return only_preview_ || choice_.mode == Mode::observe;
}

/// Every requirement; one that is not met ends the story, or lets it wait where it goes away by itself.
void Deployment::judge(const AvailablePackage* package) {
    PreflightInput input;
    input.way_down_allowed = choice_.recall || state_.request.kind == RequestKind::rollback;
    if (aim_) {
        input.release = package ? package->manifest : staged_.manifest;
        input.approved_one_way = choice_.crossed_one_way;
    }
    if (state_.request.started_by) input.caller = TriggerCaller{state_.request.requested_by, true};
    if (aim_ && !staged_.paths.empty()) {
        input.target = choose_packages(staged_, found_.packages).set;
        input.way_back = find_way_back();
    }
    requirements_ = parts_.requirements(found_, std::move(input), package);
    report_.requirements.clear();
    std::string passing;
    const ReportedRequirement* blocker = nullptr;
    for (const ReportedRequirement& requirement : requirements_) {
        if (requirement.state != "met") report_.requirements.push_back(requirement);
        if (!blocks(requirement)) continue;
        if (requirement.passing)
            passing += (passing.empty() ? "" : "; ") + requirement.id + " (" + requirement.evidence + ")";
        else if (!blocker)
            blocker = &requirement;
    }
    std::string text;
    for (const ReportedRequirement& requirement : requirements_)
        text += requirement.state + " " + requirement.id + ": " + requirement.what +
                (requirement.evidence.empty() ? "" : " [" + requirement.evidence + "]") + "\n";
    keep_evidence("requirements.txt", text);
    if (blocker)
        throw Ended{Outcome::refused, blocker->id,
                    blocker->state == "not_met" ? blocker->evidence + "; required is: " + blocker->what
                                                : "cannot tell whether " + blocker->what + ": " + blocker->evidence,
                    blocker->mend};
    if (!passing.empty()) throw Again{passing};
}

void Deployment::check_attempts(const std::string& release) {
    const ReleaseRecord record = records_.of(release);
    report_.attempt = int(record.failed.size()) + 1;
    if (observing()) return;
    if (record.left && state_.request.release != release)
        throw Ended{Outcome::refused, "release_left",
                    "cannot take " + release + " by itself: this client was led back from it",
                    "`autodeploy retry --release " + release + "` allows it again"};
    if (int(record.failed.size()) >= settings_.retry.attempts)
        throw Ended{Outcome::refused, "attempts_used_up",
                    "cannot try " + release + " again: it failed " + std::to_string(record.failed.size()) +
                        " times here, last on " + utc_text(record.last_failed_at),
                    "find out why (`autodeploy history`), then `autodeploy retry --release " + release + "`"};
}

void Deployment::enter(Phase phase, const std::string& doing) {
    if (only_preview_) return;
    progress_.change([&](Status& status) {
        if (!status.deployment || status.deployment->id != state_.request.id) {
            status.deployment = ActiveDeployment{};
            status.deployment->id = state_.request.id;
            status.deployment->kind = report_.kind;
            status.deployment->accepted_at = report_.accepted_at;
        }
        ActiveDeployment& active = *status.deployment;
        if (active.phase != phase || active.since == 0) active.since = clock_.now();
        active.phase = phase;
        active.deadline = state_.deadline;
        active.doing = doing;
        active.done = active.total = 0;
    });
    // Between two phases is a safe point.
    if (phase != Phase::apply && phase != Phase::report) take_wishes();
}

void Deployment::keep_evidence(const std::string& name, const std::string& text) {
    if (only_preview_) return;
    try {
        if (!evidence_)
            evidence_.emplace(files_, paths_.attempts(), state_.request.id, settings_.limits.evidence_bytes);
        evidence_->add(name, text);
    } catch (const Error&) {
        // Evidence never fails a deployment.
    }
}

std::optional<Report> Deployment::conclude(const Plan& plan, const ApplyResult& result) {
    report_.from = plan.from_release;
    report_.to = plan.to_release;
    report_.direction = plan.direction == Direction::up ? "up" : plan.direction == Direction::down ? "down" : "same";
    report_.down_ms = result.down_ms;
    report_.notes.insert(report_.notes.end(), result.notes.begin(), result.notes.end());
    const auto before = parse_client_version(plan.from_release);
    const auto after = parse_client_version(plan.to_release);
    const auto count_failure = [&] {
        records_.failed(plan.to_release, report_.id, clock_.now());
        report_.attempt = int(records_.of(plan.to_release).failed.size());
    };
    switch (result.applied) {
    case Applied::busy:
    case Applied::untouched:
        return std::nullopt;
    case Applied::committed:
    case Applied::unconfirmed: {
        try {
            if (after) parts_.rotate_keep(*after, before);
        } catch (const Error& error) {
            report_.notes.push_back("the way back is not in order: " + std::string(error.what()));
        }
        records_.clear(plan.to_release);
        if (state_.request.kind == RequestKind::rollback) records_.left(plan.from_release);
        watch(plan, result.applied == Applied::unconfirmed);
        if (result.applied == Applied::committed) return ended(Outcome::updated, result.cause, result.message);
        return ended(Outcome::unconfirmed, result.cause.empty() ? "server_not_reached" : result.cause, result.message,
                     "see that the server can be reached from here; it is looked at again by itself");
    }
    case Applied::rolled_back:
        count_failure();
        return ended(Outcome::rolled_back, result.cause,
                     result.message + " (the client runs " + plan.from_release + " as before)");
    case Applied::awaiting_restart:
        return ended(Outcome::needs_restart, "restart_needed", result.message,
                     "restart the machine when it suits: the update is finished and verified after it");
    case Applied::needs_restart:
        count_failure();
        return ended(Outcome::needs_restart, result.cause, result.message,
                     "restart the machine when it suits: after it the old release is whole again");
    case Applied::needs_attention:
        count_failure();
        return ended(Outcome::needs_attention, result.cause, result.message,
                     "read the notes, mend the client by hand, then `autodeploy retry`; everything is in the evidence");
    }
    return std::nullopt;
}

/// The days after the update. A client that went back is what it was for long: nothing new has to prove itself.
void Deployment::watch(const Plan& plan, bool unconfirmed) {
    try {
        const bool back = state_.request.kind == RequestKind::rollback;
        if (unconfirmed || (!back && settings_.verify.probation.count() > 0))
            save_probation(files_, probation_path(paths_),
                           begin_probation(report_.id, plan, unconfirmed, clock_.now(),
                                           back ? Seconds(0) : settings_.verify.probation));
        else
            files_.remove_durably(probation_path(paths_));
    } catch (const Error& error) {
        report_.notes.push_back("the client is not looked at in the days to come: " + std::string(error.what()));
    }
}

Report Deployment::ended(Outcome outcome, const std::string& cause, const std::string& message,
                         const std::string& to_do) {
    report_.outcome = outcome;
    report_.cause = cause;
    report_.message = message;
    report_.to_do = to_do;
    finish(report_);
    return report_;
}

void Deployment::finish(Report& report) {
    report.ended_at = clock_.now();
    if (only_preview_) return;
    keep_evidence("request.json", pretty_json(request_json(state_.request)));
    if (!evidence_) return;
    report.evidence = evidence_->folder();
    for (const ClientService& service : found_.services)
        if (!service.log.path.empty() && report.began_at) keep_log(service);
    keep_evidence("report.json", pretty_json(report_json(report)));
    evidence_->bound();
}

/// Of the scheduler's log the part that matters: from the event on that led to this deployment.
void Deployment::keep_log(const ClientService& service) {
    constexpr std::uint64_t most = 64 << 10;
    SchedulerContext context;
    context.now = clock_.now();
    context.local_offset = [this](UnixTime at) { return clock_.local_offset(at); };
    std::string text;
    try {
        text = scheduler_log_since(files_, service.log.path, most, report_.accepted_at, context);
    } catch (const Error& error) {
        text = error.what();
    }
    keep_evidence("log of " + service.service.name + ".txt", text);
}

Json Deployment::needs_json() const {
    std::uint64_t way_back_bytes = 0;
    if (back_) way_back_bytes = back_->manifest.staged_bytes();
    std::uint64_t installed_bytes = 0;
    for (const Payload& payload : staged_.manifest.payloads)
        installed_bytes += payload.installed_bytes;
    return Json::Object{{"package_bytes", choice_.package ? choice_.package->file.length : 0},
                        {"staging_bytes", staged_.manifest.staged_bytes()},
                        {"way_back_bytes", way_back_bytes},
                        {"installed_bytes", installed_bytes},
                        {"restart_allowed", plan_ && plan_->restart_allowed}};
}

std::string Deployment::needs_text() const {
    const Json needs = needs_json();
    const auto megabytes = [&needs](const char* key) {
        return std::to_string((needs.at(key).integer() + 999999) / 1000000) + " MB";
    };
    return "Needs: package " + megabytes("package_bytes") + " in " + paths_.downloads() + ", staging " +
           megabytes("staging_bytes") + " in " + paths_.staging() + ", way back " + megabytes("way_back_bytes") +
           " in " + paths_.keep() + ", installed " + megabytes("installed_bytes") + " below " +
           (found_.program.empty() ? "/" : directory_of(found_.program)) + "\n" +
           "Restart of the machine: " + (plan_ && plan_->restart_allowed ? "allowed, if a package needs it" : "never") +
           "\n";
}

} // namespace autodeploy
