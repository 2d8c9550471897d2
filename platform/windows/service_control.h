#pragma once

#include "platform/time_units.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

enum class ScmState { stopped, starting, running, stopping, paused };

struct ScmStatus {
    ScmState state = ScmState::stopped;
    std::int64_t process = 0;
    unsigned exit_code = 0; ///< of its last end, its own code where it gave one

    bool operator==(const ScmStatus&) const = default;
};

/// What Windows' codes for services mean to us.
enum class ScmAnswer : unsigned {
    done = 0,
    denied = 5,
    dependents_run = 1051,
    control_not_taken = 1052,
    locked = 1055,
    already_running = 1056,
    disabled = 1058,
    not_now = 1061, ///< it is starting or stopping
    not_running = 1062,
    marked_for_deletion = 1072,
};

/// The processes of one run of a service: they stay themselves even when their ids are used again.
class ScmProcesses {
  public:
    ScmProcesses() = default;
    ScmProcesses(const ScmProcesses&) = delete;
    ScmProcesses& operator=(const ScmProcesses&) = delete;
    virtual ~ScmProcesses() = default;

    virtual bool ended() = 0;
    /// Ends them the hard way, without waiting.
    virtual void kill() = 0;
};

/// The calls of the service control manager, with nothing decided. What cannot be asked throws Error
/// service_manager_failed or access_denied.
class ServiceControl {
  public:
    ServiceControl() = default;
    ServiceControl(const ServiceControl&) = delete;
    ServiceControl& operator=(const ServiceControl&) = delete;
    virtual ~ServiceControl() = default;

    /// start (boot, system, auto, demand, disabled), image_path, account, display_name, description, error_control,
    /// dependencies (with "/" between), and where the manager knows them: delayed_start (yes, no), failure_actions
    /// ("RESET TYPE:DELAY …"), failure_command, failure_message, failure_on_error (yes, no).
    using Settings = std::map<std::string, std::string>;

    /// Services that are programs; drivers are none.
    virtual std::vector<std::string> names() = 0;
    /// Nothing where there is no such service, or where it may not be asked.
    virtual std::optional<Settings> settings(const std::string& name) = 0;
    /// Sets those that are given.
    virtual void change(const std::string& name, const Settings& settings) = 0;
    virtual ScmStatus status(const std::string& name) = 0;
    /// The code of Windows; both return before anything has come to its end.
    virtual ScmAnswer start(const std::string& name) = 0;
    virtual ScmAnswer stop(const std::string& name) = 0;
    /// Its process and those that came from it out of the same folder.
    virtual std::unique_ptr<ScmProcesses> processes(const std::string& name) = 0;

    /// %VARIABLES% of the system put in.
    virtual std::string expand(const std::string& text) = 0;
    /// With links, short names and case resolved; nothing if there is no such file or no such folder.
    virtual std::optional<std::string> real_file(const std::string& path) = 0;
    virtual std::optional<std::string> real_folder(const std::string& path) = 0;
};

} // namespace autodeploy
