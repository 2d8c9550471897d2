#pragma once

#include "agent/deployment.h"
#include "agent/probation.h"
#include "agent/reports/history.h"
#include "agent/worker.h"
#include "platform/error.h"
#include "platform/platform.h"
#include "platform/service_host.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace autodeploy {

struct AgentSurroundings {
    Platform& platform;
    ServiceHost& host;
    const StandardPaths& paths;
    /// Read anew for each deployment; throws Error.
    std::function<Settings()> load_settings;
    std::function<std::shared_ptr<DeploymentParts>(const Settings&)> make_parts;
};

/// The service: one event loop for timers, requests and signals; everything that blocks runs in its worker.
/// An attempt that was cut short is finished before anything else, whatever the settings say.
class Agent {
  public:
    explicit Agent(AgentSurroundings surroundings);

    /// Blocks until it is asked to end: a deployment stops at a safe point and goes on under the next agent; one that
    /// changes the client is finished first. Throws Error already_running, io_error.
    void run();
    /// One turn of the loop without the wait at its end: takes requests, starts work, looks after its results. How long
    /// to wait at most until the next turn. For run() and for tests.
    Milliseconds turn();
    void finish_work();

  private:
    void begin();
    void recover();
    void look_after_result();
    void take_requests();
    void start_next(const std::vector<Request>& waiting);
    void take(const Request& request, const std::vector<Request>& waiting);
    void cancel(const Request& request, const std::vector<Request>& waiting);
    void start_deployment(DeploymentState state);
    void work_in_background();
    void refresh_metadata(DeploymentParts& parts, const Settings& settings, const Detection& found);
    void warn_of_expiry();

    void conclude_attempt(DeploymentParts& parts, const Settings& settings, const std::string& attempt,
                          std::optional<DeploymentState> state);
    void finish_attempt(DeploymentParts& parts, const Settings& settings, const std::string& attempt,
                        DeploymentState& state, bool known);
    void give_up_attempt(DeploymentParts& parts, const std::string& attempt, const DeploymentState& state,
                         const Error& error, const std::vector<std::string>& failures);
    void take_refused_trigger();
    History::Content readable_history();
    /// Of the probation that goes on.
    std::optional<Probation> readable_probation();
    void put_aside(const std::string& path, const Error& why);
    Status status_before();
    /// Into the history and the spool of reports, durably; then into the status.
    void tell(const Report& report);
    void record(const Report& report, const std::vector<std::string>& requests);
    void problem(const std::string& text, int priority = 4);
    void log(const LogEvent& event);
    /// Those settings that concern more than one deployment.
    void take(const Settings& settings);
    void tell_phase();
    void write_metrics();
    void conclude_look(Probation probation, const ProbationLook& look);
    Settings settings_or_default();

    Platform& platform_;
    ServiceHost& host_;
    const StandardPaths& paths_;
    AgentSurroundings surroundings_;
    Requests requests_;
    History history_;
    ReleaseRecords records_;
    Progress progress_;
    std::unique_ptr<FileLock> service_lock_;

    enum class Work { none, recovery, deployment, background };
    Work work_ = Work::none;
    std::optional<DeploymentState> current_; ///< the deployment in the worker, as it was when it was handed over
    std::optional<Report> result_;
    std::string failure_;               ///< what the worker could not even report
    std::set<std::string> handed_over_; ///< requests that joined the deployment and may still lie in the spool
    bool begun_ = false;
    bool ending_ = false;
    Milliseconds not_before_{0}; ///< after a failure of our own
    Milliseconds background_at_{0};
    Milliseconds refresh_at_{0};
    int expiry_told_ = 7;

    struct Look {
        Probation probation;
        ProbationLook look;
    };
    std::optional<Look> look_; ///< of the background work
    std::atomic<int> least_urgent_ = 6;
    std::string textfile_;
    std::string metrics_told_;
    std::string phase_told_;
    ProbationPolicy after_failed_probation_ = ProbationPolicy::report;

    Worker worker_; ///< last: its thread ends before the rest goes
};

} // namespace autodeploy
