#pragma once

#include "platform/service_manager.h"

namespace autodeploy {

/// Systemd, and beside it the init scripts that systemd does not know as units. Each service is its own manager's.
class CombinedServiceManager final : public ServiceManager {
  public:
    CombinedServiceManager(ServiceManager& systemd, ServiceManager& scripts) : systemd_(systemd), scripts_(scripts) {}

    std::string name() const override { return systemd_.name(); }
    std::vector<Service> services_of(const std::vector<std::string>& directories) override;
    std::optional<Service> find(const std::string& name) override;
    void start(const std::string& name, Milliseconds deadline) override;
    void stop(const std::string& name, Milliseconds deadline, bool kill_at_deadline) override;
    bool hold(const std::string& name) override;
    void release(const std::string& name) override;
    void reload() override;
    void restore(const Service& service) override;

  private:
    ServiceManager& manager_of(const std::string& name);

    ServiceManager& systemd_;
    ServiceManager& scripts_;
};

} // namespace autodeploy
