#pragma once

#include "platform/command_runner.h"
#include "platform/file_system.h"
#include "platform/process_table.h"
#include "platform/service_manager.h"

#include <map>

namespace autodeploy {

class UnitProperties;

/// Services of systemd, through systemctl. A hold is a drop-in with a condition that only our own start fulfils, by a
/// key in /run: whoever else starts the unit, a boot, a scriptlet, Restart=, finds the condition unmet.
class SystemdServiceManager final : public ServiceManager {
  public:
    struct Places {
        std::string units = "/etc/systemd/system";
        std::string keys = "/run/autodeploy";
        std::string groups = "/sys/fs/cgroup";
    };

    SystemdServiceManager(CommandRunner& commands, FileSystem& files, Clock& clock, ProcessTable& processes,
                          Places places);

    std::string name() const override { return "systemd"; }
    std::vector<Service> services_of(const std::vector<std::string>& directories) override;
    std::optional<Service> find(const std::string& name) override;
    void start(const std::string& name, Milliseconds deadline) override;
    void stop(const std::string& name, Milliseconds deadline, bool kill_at_deadline) override;
    bool hold(const std::string& name) override;
    void release(const std::string& name) override;
    void reload() override;
    void restore(const Service& service) override;

  private:
    UnitProperties existing(const std::string& name, const std::string& verb);
    Service service_from(const UnitProperties& properties, const std::vector<std::string>& directories);
    std::map<std::string, std::string> environment_of(const UnitProperties& properties);
    void exact_arguments(Service& service, const UnitProperties& properties,
                         const std::vector<std::string>& directories);
    std::vector<Process> processes_in(const std::string& group);
    bool wait_until_gone(const std::string& name, const std::string& group, Milliseconds end);
    std::string drop_in_directory(const std::string& name) const;
    std::string drop_in(const std::string& name) const;
    std::string key(const std::string& name) const;

    CommandRunner& commands_;
    FileSystem& files_;
    Clock& clock_;
    ProcessTable& processes_;
    Places places_;
    /// Of services that were just held: the next stop need not ask for it.
    std::map<std::string, std::string> groups_;
    std::vector<std::string> directories_; ///< of the last services_of: where programs of scripts are looked for
};

} // namespace autodeploy
