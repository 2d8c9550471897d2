#pragma once

#include "agent/deployment_parts.h"
#include "agent/deployment_state.h"
#include "agent/release_records.h"
#include "agent/reports/evidence.h"
#include "agent/reports/status.h"
#include "agent/settings.h"
#include "platform/clock.h"
#include "platform/standard_paths.h"

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace autodeploy {

/// How the agent speaks to the deployment that goes on; called by the thread that runs it.
class DeploymentControl {
  public:
    DeploymentControl() = default;
    DeploymentControl(const DeploymentControl&) = delete;
    DeploymentControl& operator=(const DeploymentControl&) = delete;
    virtual ~DeploymentControl() = default;

    enum class Wish {
        none,
        stop,   ///< the agent ends: stop at a safe point, go on under the next one
        cancel, ///< a person withdrew the request
    };
    virtual Wish wish() = 0;
    /// Who cancelled, for people.
    virtual std::string cancelled_by() = 0;
    /// Requests that this deployment answers as well; each is told once.
    virtual std::vector<Request> joined() = 0;
    /// These are in the saved state: the spool may forget them.
    virtual void joined_are_safe(const std::vector<Request>& requests) = 0;
    /// Blocks; ends early where wish() or joined() have something new.
    virtual void wait(Milliseconds time) = 0;
    /// From here on the client is changed and a cancel is refused. False if one came before.
    virtual bool begin_change() = 0;
    virtual void end_change() = 0;
};

/// What every deployment works with.
struct DeploymentSurroundings {
    DeploymentParts& parts;
    FileSystem& files;
    Clock& clock;
    const Settings& settings;
    const StandardPaths& paths;
    Progress& progress;
};

/// Not an Error: nothing but taking the attempt up again may follow.
struct Unfinished : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One attempt to bring one release onto this client, from the request to the report. May be run again with the same
/// state after the agent ended in its middle: what was fetched and staged is found, deadlines and windows go on.
class Deployment {
  public:
    Deployment(DeploymentSurroundings surroundings, DeploymentControl& control, DeploymentState state);

    /// Blocks until it has ended and returns the report, which nobody has stored yet. Nothing if the agent is to end:
    /// the state is saved. Throws Error only where the state cannot be saved, Unfinished where an attempt has begun and
    /// its journal takes no mark: the state names the attempt.
    std::optional<Report> run();
    /// Everything up to the plan, without waiting; changes nothing of the client and saves no state. The plan is in
    /// plan() unless something refused it.
    Report preview();
    const std::optional<Plan>& plan() const { return plan_; }
    /// Bytes that the plan needs on the disk, and whether a restart may come.
    Json needs_json() const;
    std::string needs_text() const;
    const std::vector<ReportedRequirement>& requirements() const { return requirements_; }
    const DeploymentState& state() const { return state_; }

    /// The attempt that was applied waits for a restart of the machine: run() goes on there. Saves the state.
    void begin_waiting_for_restart(const ApplyResult& result);

    /// The report for an attempt that was applied, also by the recovery after a crash. Nothing where it changed nothing
    /// and the story has to begin again.
    std::optional<Report> conclude(const Plan& plan, const ApplyResult& result);

  private:
    struct Ended;
    struct Interrupted {};
    struct Again {
        std::string why;
    };

    std::optional<Report> go();
    void look();
    void choose();
    void choose_kept();
    void choose_offered();
    void bring();
    void bring_way_back();
    void dry_run(const std::string& release, const PackageSet& set);
    Plan make();
    WayBack find_way_back() const;
    void wait_until_allowed();
    std::optional<Report> change();
    ApplyResult apply();
    void last_checks(const Detection& found);
    std::optional<Report> await_restart();
    std::optional<Report> look_after_restart(const Plan& plan);
    std::optional<Opening> restart_opening() const;
    void ask_for_restart(const Plan& plan);
    std::optional<Report> give_up_restart(const Plan& plan, const std::string& why);
    Report without_restart(const Plan& plan, const std::string& why);

    void judge(const AvailablePackage* package);
    void check_attempts(const std::string& release);
    bool observing() const;

    /// Why it has to wait and until when it is worth to look again.
    struct Hindrance {
        std::string reason;
        UnixTime until = 0;
    };
    std::optional<Hindrance> restart_hindrance();
    bool take_wishes();
    bool take_joined();
    void set_deadline();
    Seconds jitter() const;
    std::optional<Hindrance> closed_window();
    std::optional<Hindrance> pause_after_failure();
    bool may_stop(const ClientActivity& activity) const;
    void wait(const std::vector<std::string>& reasons, UnixTime until);
    std::vector<Request> all_requests() const;
    void save();

    void enter(Phase phase, const std::string& doing = "");
    Report ended(Outcome outcome, const std::string& cause, const std::string& message, const std::string& to_do = "");
    void finish(Report& report);
    void keep_log(const ClientService& service);
    void watch(const Plan& plan, bool unconfirmed);
    void keep_evidence(const std::string& name, const std::string& text);

    DeploymentParts& parts_;
    FileSystem& files_;
    Clock& clock_;
    const Settings& settings_;
    const StandardPaths& paths_;
    Progress& progress_;
    DeploymentControl& control_;
    DeploymentState state_;
    ReleaseRecords records_;
    bool only_preview_ = false;
    std::string busy_with_; ///< what kept the client from being stopped, when that was last looked at

    // What the story has found out so far.
    Report report_;
    std::optional<Evidence> evidence_;
    std::vector<ReportedRequirement> requirements_;
    Detection found_;
    RepositoryView view_;
    Choice choice_;
    std::optional<ClientVersion> aim_;
    StagedRelease staged_;
    std::optional<StagedRelease> back_;
    std::optional<Plan> plan_;
};

/// What is known of this client when a release is chosen; wanted: a release that a person asked for, or empty.
ChoiceInput choice_input(const Settings& settings, const Detection& found, const std::string& wanted, UnixTime now);

/// What the settings say about how to apply, for this client.
PlanPolicy plan_policy(const Settings& settings, const Detection& detection);

} // namespace autodeploy
