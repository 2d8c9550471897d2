#pragma once

#include "platform/clock.h"
#include "platform/service.h"

#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// systemd, SysV scripts, AIX's SRC and inittab, Windows' service control manager. Each call has a deadline of its own
/// and throws Error: service_not_found, service_start_failed, service_stop_failed (still running after the deadline),
/// service_manager_failed. All but the reads may be called again after a crash in their middle.
class ServiceManager {
  public:
    ServiceManager() = default;
    ServiceManager(const ServiceManager&) = delete;
    ServiceManager& operator=(const ServiceManager&) = delete;
    virtual ~ServiceManager() = default;

    /// "systemd", "sysv", "src", "scm"
    virtual std::string name() const = 0;
    /// Services whose program lies below one of the directories (links resolved on both sides), sorted by name.
    virtual std::vector<Service> services_of(const std::vector<std::string>& directories) = 0;
    /// As it is now; nothing where there is none of that name.
    virtual std::optional<Service> find(const std::string& name) = 0;

    /// Starts and waits until the manager calls it running; done as well if it runs. A held service is started all the
    /// same: the hold is against others.
    virtual void start(const std::string& name, Milliseconds deadline) = 0;
    /// Stops and waits until every process of it is gone; done as well if it does not run. At the deadline the service
    /// is left as it is, unless kill is allowed: then it is ended the hard way and awaited.
    virtual void stop(const std::string& name, Milliseconds deadline, bool kill_at_deadline) = 0;

    /// From here on nobody else starts the service: no boot, scriptlet, watchdog. Durable. Returns false where the
    /// manager has no such means (SysV): then stop again after the installer ran. Held twice is held once.
    virtual bool hold(const std::string& name) = 0;
    /// Takes the hold away and changes nothing else; done as well if there is none.
    virtual void release(const std::string& name) = 0;
    /// The manager reads its definitions again after files were changed.
    virtual void reload() = 0;
    /// Sets enabled and settings as given where they differ.
    virtual void restore(const Service& service) = 0;
};

} // namespace autodeploy
