#pragma once

#include "agent/preflight.h"
#include "agent/quiet.h"
#include "agent/reports/report.h"
#include "agent/reports/status.h"
#include "agent/requests.h"
#include "installer/apply.h"
#include "installer/detection.h"
#include "installer/package/keep.h"
#include "installer/package/offers.h"
#include "installer/package/prerequisites.h"
#include "installer/package/staging.h"
#include "installer/plan.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// What the repository says now, verified.
struct RepositoryView {
    Offers offers;
    Halt halt;
    std::vector<AvailablePackage> packages;
    MetadataAge age;
};

/// Fetching or staging; bytes done, of all.
using BringProgress = std::function<void(Phase, std::uint64_t, std::uint64_t)>;

/// The rest of the program as the story of a deployment sees it. Every call may block, and throws Error; where trying
/// again later makes sense, the story waits and begins again. What BringProgress throws passes through.
class DeploymentParts {
  public:
    DeploymentParts() = default;
    DeploymentParts(const DeploymentParts&) = delete;
    DeploymentParts& operator=(const DeploymentParts&) = delete;
    virtual ~DeploymentParts() = default;

    virtual Detection detect() = 0;
    /// All requirements, met or not; of the machine alone, or with the package that shall be installed. What the input
    /// says of room and settings is filled in.
    virtual std::vector<ReportedRequirement> requirements(const Detection& detection, PreflightInput input,
                                                          const AvailablePackage* package) = 0;
    virtual RepositoryView refresh(const Detection& detection) = 0;
    /// Of what was verified last, without the network; all zero where nothing was or it cannot be read. Does not throw.
    virtual MetadataAge metadata_age() = 0;
    virtual Choice choose(const ChoiceInput& input, const RepositoryView& view) = 0;
    /// Halt and freeze, fetched again now.
    virtual Halt refresh_halt() = 0;

    /// Fetched and unpacked, or found so; verified.
    virtual StagedRelease stage(const AvailablePackage& package, const Detection& detection,
                                const BringProgress& progress) = 0;
    /// The kept release, whole; nothing if it is not kept.
    virtual std::optional<StagedRelease> kept(const ClientVersion& release) = 0;
    virtual std::vector<StagedRelease> kept_releases() = 0;
    /// Fetches a package and keeps it.
    virtual StagedRelease keep(const AvailablePackage& package, const Detection& detection,
                               const BringProgress& progress) = 0;
    /// The native tool's own dry run: nothing if it would work.
    virtual std::optional<std::string> dry_run(const std::string& installer, const PackageSet& target) = 0;
    /// What the machine has of the release's prerequisites.
    virtual std::vector<FoundPrerequisite> prerequisites(const Manifest& release) = 0;
    virtual void reverify(const StagedRelease& release) = 0;

    /// Whether the client may be stopped now; none of the requests' own events may still be unreported.
    virtual ClientActivity activity(const Detection& detection, const std::vector<Request>& requests) = 0;
    /// Nothing if another process of ours holds it.
    virtual std::unique_ptr<FileLock> instance_lock() = 0;
    /// Begins a journal for the plan and applies it.
    virtual ApplyResult apply(const Plan& plan, const std::function<void(const std::string&)>& progress) = 0;
    /// Attempts whose journal has begun and not ended, oldest first; not those that wait for a restart of the machine
    /// that has not come.
    virtual std::vector<std::string> unfinished_attempts() = 0;
    /// Whether anything of the attempt can have reached the client: it has a journal, or the list of services that are
    /// to run is there without one.
    virtual bool has_begun(const std::string& attempt) = 0;
    /// A journal that cannot be read is put aside, so that it is not found unfinished again.
    virtual void put_aside(const std::string& attempt) = 0;
    /// What a journal was begun for. Throws Error journal_unreadable.
    virtual Plan plan_of(const std::string& attempt) = 0;
    /// Finishes an attempt from where its journal says it stands; one that has ended gives its result again.
    virtual ApplyResult resume(const std::string& attempt, const std::function<void(const std::string&)>& progress) = 0;
    /// After the commit: `now` becomes the kept release, `before` stays, anything else goes.
    virtual void rotate_keep(const ClientVersion& now, const std::optional<ClientVersion>& before) = 0;

    /// The newest attempt that waits for a restart of the machine which has not come.
    virtual std::optional<std::string> waiting_attempt() = 0;
    /// Goes back from waiting for a restart.
    virtual ApplyResult give_up_restart(const std::string& attempt, const std::string& cause,
                                        const std::string& message,
                                        const std::function<void(const std::string&)>& progress) = 0;
    virtual std::vector<std::string> logged_on() = 0;
    /// Announced to who is logged on and in the system's log; returns at once.
    virtual void request_restart(const std::string& message, Seconds delay) = 0;
    /// False if none was called off.
    virtual bool cancel_restart() = 0;
};

} // namespace autodeploy
