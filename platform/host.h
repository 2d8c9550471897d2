#pragma once

#include "platform/clock.h"
#include "platform/host_facts.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace autodeploy {

/// What is told to the system's own log. Its id is stable for ever: programs look for it, texts are for people.
struct LogEvent {
    int priority = 6; ///< 3 error, 4 warning, 6 information, 7 detail
    std::string id;   ///< "deployment-ended"
    std::string message;
    std::map<std::string, std::string> fields; ///< "outcome": "updated"; lower case, letters and '_'
};

/// Lives as long as the machine is to stay awake.
class StaysAwake {
  public:
    StaysAwake() = default;
    StaysAwake(const StaysAwake&) = delete;
    StaysAwake& operator=(const StaysAwake&) = delete;
    virtual ~StaysAwake() = default;
};

/// Facts of the machine that are nobody else's, and its power. Never throws but for facts(), Error io_error, and where
/// it says so.
class Host {
  public:
    Host() = default;
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    virtual ~Host() = default;

    virtual HostFacts facts() = 0;
    /// Whether we run with an administrator's rights (root, SYSTEM, elevated).
    virtual bool is_administrator() = 0;
    /// Whether a TCP connection comes about within the time.
    virtual bool reaches(const std::string& address, int port, Milliseconds time) = 0;
    /// Cluster software that is active here and could own the client's service, by name; empty if none.
    virtual std::vector<std::string> cluster_software() = 0;
    /// Of these paths, those that wait for a restart of the machine to be renamed or removed (Windows), with why.
    virtual std::vector<std::string> pending_renames(const std::vector<std::string>& below) = 0;
    /// Properties of the file system that holds path which matter here: "read-only", "noexec", "nfs", "ostree".
    virtual std::vector<std::string> mount_properties(const std::string& path) = 0;
    /// Writes to the system's own log: journald, syslog, errlog, event log. priority: 3 error, 4 warning, 6
    /// information.
    virtual void log(int priority, const std::string& message) = 0;
    /// The same with id and fields, as far as that log has places for them.
    virtual void log_event(const LogEvent& event) { log(event.priority, event.message); }
    /// Names of people who are logged on, here or from afar, at work or not; empty where that cannot be told.
    virtual std::vector<std::string> logged_on() { return {}; }
    /// Asks for a restart of the machine after the delay, announced with the message to whoever is logged on; returns
    /// at once. Another one that comes already is as good. Throws Error restart_refused.
    virtual void request_restart(const std::string& message, Seconds delay) = 0;
    /// Calls one off that was asked for and has not begun; false if there was none, or it is too late.
    virtual bool cancel_restart() { return false; }
    /// While the guard lives, the machine does not fall asleep by itself. Nullptr where that is not known to happen.
    virtual std::unique_ptr<StaysAwake> stay_awake() { return nullptr; }
};

} // namespace autodeploy
