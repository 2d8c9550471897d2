#include "agent/deployment.h"

#include "agent/deployment_ended.h"
#include "installer/package/choose_packages.h"
#include "installer/package/foreseen_way_back.h"
#include "platform/error.h"

#include <algorithm>
#include <utility>

namespace autodeploy {

namespace {

constexpr Seconds first_pause{60};
constexpr Seconds longest_pause{3600};

std::string joined_lines(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines)
        text += (text.empty() ? "" : "; ") + line;
    return text;
}

/// While it lives nobody cancels.
class Change {
  public:
    explicit Change(DeploymentControl& control) : control_(control), begun_(control.begin_change()) {}
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;
    ~Change() { control_.end_change(); }
    bool begun() const { return begun_; }

  private:
    DeploymentControl& control_;
    bool begun_;
};

} // namespace

std::optional<Report> Deployment::run() {
    Seconds pause = first_pause;
    for (;;) {
        try {
            try {
                set_deadline();
                if (auto report = go()) return report;
            } catch (const Again& again) {
                wait({again.why}, clock_.now() + settings_.wait.look_every.count());
            } catch (const Error& error) {
                if (!error.retry_makes_sense()) throw;
                wait({std::string("another try: ") + error.what()}, clock_.now() + pause.count());
                pause = std::min(pause * 2, longest_pause);
            }
        } catch (const Ended& end) {
            return ended(end.outcome, end.cause, end.message, end.to_do);
        } catch (const Error& error) {
            return ended(Outcome::refused, error.cause(), error.what());
        } catch (const Interrupted&) {
            save();
            return std::nullopt;
        }
    }
}

/// The story. Whatever keeps it from going on is thrown: Ended for good, Again for what passes, Error by its kind.
std::optional<Report> Deployment::go() {
    if (state_.restart) return await_restart();
    look();
    choose();
    bring();
    if (observing())
        throw Ended{Outcome::observed, "",
                    "the plan was made and nothing was changed: only observed, as " + choice_.mode_reason, ""};
    wait_until_allowed();
    if (auto report = change()) return report;
    return await_restart();
}

void Deployment::look() {
    enter(Phase::preflight, "looking at the machine");
    choice_ = {};
    aim_.reset();
    staged_ = {};
    back_.reset();
    if (const auto waiting = parts_.waiting_attempt(); waiting && !only_preview_)
        throw Ended{Outcome::refused, "restart_needed",
                    "cannot begin: the attempt " + *waiting + " waits for a restart of the machine to be finished",
                    "restart the machine when it suits"};
    found_ = parts_.detect();
    report_.from = found_.database_version ? text(*found_.database_version) : "";
    for (const ClientProcess& process : found_.processes)
        if (state_.request.started_by && process.process.id == state_.request.started_by->id &&
            process.process.started == state_.request.started_by->started && !process.service.empty())
            report_.started_by = process.service;
    progress_.change([this](Status& status) { status.installed = report_.from; });
    keep_evidence("detection.json", pretty_json(detection_json(found_)));
    judge(nullptr);
}

void Deployment::choose() {
    if (state_.request.kind == RequestKind::rollback)
        choose_kept();
    else
        choose_offered();
    report_.to = text(*aim_);
    progress_.change([this](Status& status) {
        status.mode = report_.mode;
        if (status.deployment) status.deployment->from = report_.from;
        if (status.deployment) status.deployment->to = report_.to;
    });
}

/// The way down that needs no metadata: to the release that was here before.
void Deployment::choose_kept() {
    enter(Phase::choose);
    if (settings_.mode == Mode::observe && !only_preview_)
        throw Ended{Outcome::refused, "mode_observe", "cannot roll back: the setting mode is observe",
                    "set mode: armed in " + paths_.settings};
    for (const StagedRelease& release : parts_.kept_releases()) {
        if (release.manifest.release == found_.database_version) continue;
        staged_ = release;
        aim_ = release.manifest.release;
        choice_ = {};
        choice_.mode = Mode::armed;
        return;
    }
    throw Ended{Outcome::refused, "no_way_back", "cannot roll back: no earlier release is kept in " + paths_.keep(),
                "`autodeploy deploy --release VERSION` installs a release that the repository offers"};
}

void Deployment::choose_offered() {
    enter(Phase::refresh, "refreshing the repository's metadata");
    view_ = parts_.refresh(found_);
    progress_.change([this](Status& status) { status.metadata = view_.age; });

    enter(Phase::choose);
    choice_ = parts_.choose(choice_input(settings_, found_, state_.request.release, clock_.now()), view_);
    report_.mode = text(choice_.mode);
    report_.channel = choice_.channel;
    report_.change = choice_.change;
    report_.approvals.clear();
    for (const Approval& approval : choice_.approvals)
        report_.approvals.push_back(approval.by + " " + utc_text(approval.at));
    keep_evidence("choice.txt", joined_lines(choice_.why) + "\n");

    if (!choice_.package) {
        const bool nothing = choice_.cause == "up_to_date" || choice_.cause == "not_offered" ||
                             choice_.cause == "not_in_share" || choice_.cause == "node_excluded";
        throw Ended{nothing ? Outcome::nothing_to_do : Outcome::refused, choice_.cause, joined_lines(choice_.why), ""};
    }
    aim_ = choice_.package->manifest.release;
    check_attempts(text(*aim_));
    judge(&*choice_.package);
}

void Deployment::bring() {
    const auto follow = [this](Phase phase, std::uint64_t done, std::uint64_t total) {
        take_wishes();
        progress_.change([&](Status& status) {
            if (!status.deployment) return;
            status.deployment->phase = phase;
            status.deployment->done = done;
            status.deployment->total = total;
        });
    };
    enter(Phase::fetch, "fetching " + text(*aim_));
    if (choice_.package) staged_ = parts_.stage(*choice_.package, found_, follow);
    bring_way_back();
    enter(Phase::stage, "dry run of the native installer");
    plan_ = make();
    const PackageSet target = choose_packages(staged_, found_.packages).set;
    dry_run(text(*aim_), target);
    const bool removes_first =
        std::any_of(found_.packages.begin(), found_.packages.end(),
                    [&](const InstalledPackage& package) { return goes_first(target, package.id); });
    // The way back then begins with nothing installed.
    if (back_ && removes_first) dry_run(report_.from, find_way_back().set);
}

void Deployment::dry_run(const std::string& release, const PackageSet& set) {
    if (const auto reason = parts_.dry_run(found_.installer, set))
        throw Ended{Outcome::refused, "dry_run_failed",
                    "cannot install " + release + ": " + found_.installer + " would not take it: " + *reason, ""};
}

/// The installed release, so that there is a way back: kept already, or fetched now.
void Deployment::bring_way_back() {
    const auto follow = [this](Phase, std::uint64_t, std::uint64_t) { take_wishes(); };
    back_ = found_.database_version ? parts_.kept(*found_.database_version) : std::nullopt;
    if (back_ && !find_way_back().complete()) back_.reset();
    for (const AvailablePackage& package : packages_of_installed(found_, view_.packages)) {
        if (back_) break;
        enter(Phase::fetch, "fetching " + report_.from + " for the way back");
        back_ = parts_.keep(package, found_, follow);
        const WayBack way = find_way_back();
        for (const std::string& difference : way.differences)
            report_.notes.push_back("way back: " + difference);
        if (!way.complete()) back_.reset();
    }
    if (!back_ && !settings_.allow_without_way_back)
        throw Ended{Outcome::refused, "no_way_back",
                    "cannot update without a way back: the packages of the installed release " + report_.from +
                        " are neither kept nor in the repository as they are installed",
                    "ask the publisher for `autodeploy-repository add --way-back-only` of that release"};
}

WayBack Deployment::find_way_back() const {
    if (!back_) return {.set = {}, .differences = {"the installed release is not kept"}, .by_level_only = false};
    return way_back(*back_, found_.packages, choose_packages(staged_, found_.packages).set);
}

/// From what was found last, the packages that were brought, and the settings.
Plan Deployment::make() {
    PlanTarget target;
    target.attempt = state_.request.id + (state_.attempts > 0 ? "-" + std::to_string(state_.attempts + 1) : "");
    target.release = text(*aim_);
    target.bits = staged_.manifest.bits;
    const ChosenPackages chosen = choose_packages(staged_, found_.packages);
    target.target = chosen.set;
    if (back_) {
        const WayBack way = find_way_back();
        if (!way.complete()) throw Again{"the installed packages to stay the same"};
        target.way_back = way.set;
    }
    target.prerequisites = needed_prerequisites(parts_.prerequisites(staged_.manifest), staged_);
    Plan plan = make_plan(found_, target, plan_policy(settings_, found_));
    report_.direction = plan.direction == Direction::up ? "up" : plan.direction == Direction::down ? "down" : "same";
    keep_evidence("plan.txt", plan_text(plan));
    return plan;
}

/// Everything again, now, with nobody else at work; a plan is applied only if it was made after the wait. No report
/// where only a restart of the machine finishes it.
std::optional<Report> Deployment::change() {
    const auto lock = parts_.instance_lock();
    if (!lock) throw Again{"another process of autodeploy (an upgrade of the agent itself?) to end"};
    enter(Phase::plan, "looking again and making the plan");
    const auto before = found_.database_version;
    found_ = parts_.detect();
    if (found_.database_version != before) throw Again{"the change of the installed release to be understood"};
    judge(choice_.package ? &*choice_.package : nullptr);
    plan_ = make();
    last_checks(found_);
    const Change changing(control_);
    if (!changing.begun()) throw Again{"a cancel to be heard"};

    state_.attempt = plan_->attempt;
    ++state_.attempts;
    save();
    enter(Phase::apply, "applying the plan");
    report_.began_at = clock_.now();
    const ApplyResult result = apply();
    if (result.applied == Applied::awaiting_restart) {
        begin_waiting_for_restart(result);
        return std::nullopt;
    }
    auto report = conclude(*plan_, result);
    if (!report) {
        state_.attempt.clear();
        save();
        throw Again{result.message.empty() ? "the package tool to be free" : result.message};
    }
    return report;
}

/// What has begun and could not be written to its end is neither refused nor tried anew: it is taken up again.
ApplyResult Deployment::apply() {
    try {
        return parts_.apply(*plan_, [this](const std::string& line) { progress_.doing(line); });
    } catch (const Error& error) {
        const std::vector<std::string> unfinished = parts_.unfinished_attempts();
        if (std::find(unfinished.begin(), unfinished.end(), plan_->attempt) == unfinished.end()) throw;
        throw Unfinished("cannot finish the attempt " + plan_->attempt +
                         ", which is taken up again in a while: " + error.what());
    }
}

/// Right before the stop: may it still be installed, are the bytes what they were, is the client still quiet?
void Deployment::last_checks(const Detection& found) {
    if (choice_.package) {
        enter(Phase::plan, "asking for a halt");
        const Halt halt = parts_.refresh_halt();
        if (const auto stop = stopped(halt, *aim_, found.platform, choice_.channel, clock_.now()))
            throw Ended{Outcome::refused, stop->cause, stop->reason, ""};
    }
    enter(Phase::plan, "hashing the packages once more");
    parts_.reverify(staged_);
    if (back_) parts_.reverify(*back_);
    take_wishes();
    const ClientActivity activity = parts_.activity(parts_.detect(), all_requests());
    if (!may_stop(activity)) throw Again{joined_lines(activity.reasons)};
}

} // namespace autodeploy
