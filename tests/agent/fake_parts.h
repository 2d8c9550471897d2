#pragma once

#include "agent/deployment.h"
#include "platform/error.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_file_system.h"
#include "tests/fakes/fake_service_host.h"
#include "tests/fakes/test_paths.h"

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace autodeploy {

/// A package file of a release, as it lies in staging or keep.
inline StagedRelease staged_release(const std::string& release) {
    StagedRelease staged;
    staged.directory = "/state/staging/" + release;
    staged.manifest.product = "backup-archive-client";
    staged.manifest.release = *parse_client_version(release);
    staged.manifest.platform = "linux-x86_64-deb";
    staged.manifest.installer = "dpkg";
    Payload payload;
    payload.path = "tivsm-ba.deb";
    payload.id = {"tivsm-ba", release, "amd64"};
    payload.sha256 = std::string(64, 'a');
    payload.digest = "digest of " + release;
    payload.size = 1000;
    staged.manifest.payloads.push_back(payload);
    staged.paths.push_back(payload.path);
    return staged;
}

/// The record of a kept release, without its packages.
inline void put_kept(FileSystem& files, const std::string& keep, const std::string& release) {
    const std::string folder = keep + "/" + release;
    files.make_private_directory(keep);
    files.make_private_directory(folder);
    Manifest manifest = staged_release(release).manifest;
    manifest.entries = 1;
    manifest.unpacked_bytes = manifest.staged_bytes();
    files.write_durably(
        folder + "/staged.json",
        compact_json(Json::Object{{"format", 1}, {"manifest", manifest_json(manifest)}, {"paths", Json::Array()}}));
}

inline AvailablePackage available(const std::string& release) {
    AvailablePackage package;
    package.manifest = staged_release(release).manifest;
    package.file.path = "packages/linux-x86_64-deb/" + release + ".tar";
    package.file.length = 1000;
    return package;
}

inline Detection installed(const std::string& release) {
    Detection found;
    found.host.name = "alpha";
    found.platform = "linux-x86_64-deb";
    found.program = "/opt/tivoli/tsm/client/ba/bin/dsmc";
    found.installer = "dpkg";
    found.database_version = parse_client_version(release);
    found.packages.push_back({{"tivsm-ba", release, "amd64"}, true, "ii", "digest of " + release});
    ClientService service;
    service.service.name = "dsmcad.service";
    service.service.program = "/opt/tivoli/tsm/client/ba/bin/dsmcad";
    service.service.running = true;
    service.node_name = "ALPHA";
    found.services.push_back(service);
    return found;
}

/// What a test has planned, and a log of what was asked for.
class FakeParts : public DeploymentParts {
  public:
    Detection found = installed("8.1.25.0");
    std::vector<ReportedRequirement> wanting;
    RepositoryView view;
    Choice choice;
    std::vector<Choice> choices; ///< used up before `choice`
    Halt halt;
    std::map<std::string, StagedRelease> in_keep{{"8.1.25.0", staged_release("8.1.25.0")}};
    std::map<std::string, std::string> would_not_install; ///< by version, why
    std::vector<FoundPrerequisite> missing;
    std::deque<ClientActivity> activities; ///< used up, then quiet
    std::deque<ApplyResult> results;
    std::vector<std::string> unfinished;
    std::set<std::string> never_begun; ///< attempts whose journal never reached the disk
    std::map<std::string, Plan> plans;
    std::optional<std::string> waiting; ///< an attempt that waits for a restart
    std::vector<std::string> users;     ///< logged on
    bool lock_is_free = true;

    std::vector<std::string> log;
    PreflightInput last_preflight;
    /// By the name of the call: runs first, may throw.
    std::map<std::string, std::function<void()>> on;
    /// By the name of the call: so often it throws an Error that passes.
    std::map<std::string, int> fails;

    FakeParts() {
        choice.package = available("8.1.27.0");
        choice.mode = Mode::armed;
        choice.channel = "stable";
        view.packages.push_back(*choice.package);
    }

    Detection detect() override {
        say("detect");
        return found;
    }
    std::vector<ReportedRequirement> requirements(const Detection&, PreflightInput input,
                                                  const AvailablePackage*) override {
        last_preflight = std::move(input);
        return wanting;
    }
    RepositoryView refresh(const Detection&) override {
        say("refresh");
        return view;
    }
    MetadataAge metadata_age() override { return view.age; }
    Choice choose(const ChoiceInput& input, const RepositoryView&) override {
        last_input = input;
        if (choices.empty()) return choice;
        Choice next = choices.front();
        choices.erase(choices.begin());
        return next;
    }
    Halt refresh_halt() override {
        say("halt");
        return halt;
    }
    StagedRelease stage(const AvailablePackage& package, const Detection&, const BringProgress& progress) override {
        say("stage " + text(package.manifest.release));
        progress(Phase::fetch, 1, 2);
        return staged_release(text(package.manifest.release));
    }
    std::optional<StagedRelease> kept(const ClientVersion& release) override {
        const auto found_in_keep = in_keep.find(text(release));
        return found_in_keep == in_keep.end() ? std::nullopt : std::optional(found_in_keep->second);
    }
    std::vector<StagedRelease> kept_releases() override {
        std::vector<StagedRelease> releases;
        for (auto at = in_keep.rbegin(); at != in_keep.rend(); ++at)
            releases.push_back(at->second);
        return releases;
    }
    StagedRelease keep(const AvailablePackage& package, const Detection&, const BringProgress&) override {
        say("keep " + text(package.manifest.release));
        return staged_release(text(package.manifest.release));
    }
    std::optional<std::string> dry_run(const std::string&, const PackageSet& target) override {
        say("dry run");
        for (const PackageFile& file : target.present)
            if (const auto why = would_not_install.find(file.id.version); why != would_not_install.end())
                return why->second;
        return std::nullopt;
    }
    std::vector<FoundPrerequisite> prerequisites(const Manifest&) override { return missing; }
    void reverify(const StagedRelease& release) override { say("reverify " + text(release.manifest.release)); }
    ClientActivity activity(const Detection&, const std::vector<Request>&) override {
        say("activity");
        const std::lock_guard guard(mutex_);
        if (activities.empty()) return {Activity::quiet, {}, {}};
        const ClientActivity next = activities.front();
        activities.pop_front();
        return next;
    }
    std::unique_ptr<FileLock> instance_lock() override { return lock_is_free ? std::make_unique<FileLock>() : nullptr; }
    ApplyResult apply(const Plan& plan, const std::function<void(const std::string&)>& progress) override {
        say("apply " + plan.attempt + " " + plan.from_release + " to " + plan.to_release);
        progress("working");
        plans[plan.attempt] = plan;
        return next_result();
    }
    std::vector<std::string> unfinished_attempts() override { return unfinished; }
    bool has_begun(const std::string& attempt) override { return !never_begun.contains(attempt); }
    void put_aside(const std::string& attempt) override {
        say("put aside " + attempt);
        std::erase(unfinished, attempt);
    }
    Plan plan_of(const std::string& attempt) override {
        if (!plans.contains(attempt)) throw Error("journal_unreadable", "cannot read the plan of the deployment");
        return plans.at(attempt);
    }
    ApplyResult resume(const std::string& attempt, const std::function<void(const std::string&)>&) override {
        say("resume " + attempt);
        std::erase(unfinished, attempt);
        return next_result();
    }
    std::optional<std::string> waiting_attempt() override { return waiting; }
    ApplyResult give_up_restart(const std::string& attempt, const std::string& cause, const std::string&,
                                const std::function<void(const std::string&)>&) override {
        say("give up " + attempt + " " + cause);
        return next_result();
    }
    std::vector<std::string> logged_on() override { return users; }
    void request_restart(const std::string& message, Seconds delay) override {
        say("restart in " + std::to_string(delay.count()) + " s: " + message);
    }
    bool cancel_restart() override {
        say("call off");
        return true;
    }
    void rotate_keep(const ClientVersion& now, const std::optional<ClientVersion>& before) override {
        say("rotate to " + text(now) + " and " + (before ? text(*before) : "none"));
    }

    bool applied() const {
        return std::any_of(log.begin(), log.end(), [](const std::string& line) { return line.starts_with("apply"); });
    }
    std::ptrdiff_t count(const std::string& call) const { return std::count(log.begin(), log.end(), call); }

    /// While another thread works with them.
    bool seen(const std::string& call) {
        const std::lock_guard guard(mutex_);
        return std::any_of(log.begin(), log.end(), [&](const std::string& line) { return line.starts_with(call); });
    }
    void clear_activities() {
        const std::lock_guard guard(mutex_);
        activities.clear();
    }

    ChoiceInput last_input;

  private:
    std::mutex mutex_;
    ApplyResult next_result() {
        if (results.empty())
            return {.applied = Applied::committed, .cause = {}, .message = {}, .notes = {}, .down_ms = 12400};
        ApplyResult next = results.front();
        results.pop_front();
        return next;
    }
    void say(const std::string& line) {
        {
            const std::lock_guard guard(mutex_);
            log.push_back(line);
        }
        const std::string name = line.substr(0, line.find(' '));
        if (const auto hook = on.find(name); hook != on.end()) hook->second();
        if (fails[name] > 0) {
            --fails[name];
            throw Error("transport_failed", "cannot reach the repository", Retry::later);
        }
    }
};

} // namespace autodeploy
