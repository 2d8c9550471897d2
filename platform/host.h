#pragma once

#include "platform/clock.h"
#include "platform/host_facts.h"

#include <map>
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

/// Facts of the machine that are nobody else's. Never throws but for facts(), Error io_error.
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
};

} // namespace autodeploy
