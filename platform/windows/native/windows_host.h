#pragma once

#include "platform/host.h"

namespace autodeploy {

class WindowsHost final : public Host {
  public:
    HostFacts facts() override;
    bool is_administrator() override;
    bool reaches(const std::string& address, int port, Milliseconds time) override;
    std::vector<std::string> cluster_software() override;
    std::vector<std::string> pending_renames(const std::vector<std::string>& below) override;
    std::vector<std::string> logged_on() override;
    /// Whoever is logged on is told, and programs may ask for their documents to be saved: nothing is ended by force.
    void request_restart(const std::string& message, Seconds delay) override;
    bool cancel_restart() override;
    std::unique_ptr<StaysAwake> stay_awake() override;
    std::vector<std::string> mount_properties(const std::string& path) override;
    /// To the event log "Application", source "autodeploy".
    void log(int priority, const std::string& message) override;
    void log_event(const LogEvent& event) override;
};

} // namespace autodeploy
