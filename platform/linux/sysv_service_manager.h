#pragma once

#include "platform/command_runner.h"
#include "platform/file_system.h"
#include "platform/process_table.h"
#include "platform/service_manager.h"

namespace autodeploy {

/// Services that are scripts in /etc/init.d. A script belongs to the client if it leads to the client's folder as a
/// link or names a program there. Nothing holds such a service: what starts it meanwhile is stopped again.
class SysvServiceManager final : public ServiceManager {
  public:
    struct Places {
        std::string scripts = "/etc/init.d";
        /// Folders that hold the run levels: /etc/rc2.d or /etc/rc.d/rc2.d.
        std::vector<std::string> run_levels = {"/etc", "/etc/rc.d"};
        std::string output = "/var/lib/autodeploy/init-scripts.log"; ///< what the scripts say
    };

    SysvServiceManager(CommandRunner& commands, FileSystem& files, Clock& clock, ProcessTable& processes,
                       Places places);

    std::string name() const override { return "sysv"; }
    std::vector<Service> services_of(const std::vector<std::string>& directories) override;
    std::optional<Service> find(const std::string& name) override;
    void start(const std::string& name, Milliseconds deadline) override;
    void stop(const std::string& name, Milliseconds deadline, bool kill_at_deadline) override;
    bool hold(const std::string&) override { return false; }
    void release(const std::string&) override {}
    void reload() override {}
    void restore(const Service& service) override;

  private:
    std::optional<Service> service_of(const std::string& name, const std::vector<std::string>& directories);
    Service existing(const std::string& name, const std::string& verb);
    std::vector<Process> processes_of(const Service& service);
    std::vector<std::string> start_links(const std::string& name);
    CommandResult run_script(const std::string& name, const std::string& verb, Milliseconds deadline);

    CommandRunner& commands_;
    FileSystem& files_;
    Clock& clock_;
    ProcessTable& processes_;
    Places places_;
    std::vector<std::string> directories_; ///< of the last services_of
};

} // namespace autodeploy
