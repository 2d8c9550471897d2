#pragma once

#include "platform/clock.h"
#include "platform/service_manager.h"
#include "platform/settings_store.h"
#include "platform/windows/service_control.h"

namespace autodeploy {

/// Windows' service control manager. A hold is demand start without recovery actions; what was before stands in the
/// registry below `holds` until it is released. Accounts come back only where they need no password.
class ScmServiceManager final : public ServiceManager {
  public:
    static constexpr const char* holds = R"(HKLM64\SOFTWARE\Autodeploy\Held Services)";

    ScmServiceManager(ServiceControl& control, SettingsStore& registry, Clock& clock)
        : control_(control), registry_(registry), clock_(clock) {}

    std::string name() const override { return "scm"; }
    std::vector<Service> services_of(const std::vector<std::string>& directories) override;
    std::optional<Service> find(const std::string& name) override;
    void start(const std::string& name, Milliseconds deadline) override;
    void stop(const std::string& name, Milliseconds deadline, bool kill_at_deadline) override;
    bool hold(const std::string& name) override;
    void release(const std::string& name) override;
    /// There are no definitions in files.
    void reload() override {}
    void restore(const Service& service) override;

  private:
    using Settings = ServiceControl::Settings;

    Settings existing(const std::string& name, const std::string& verb);
    Service service_of(const std::string& name, const Settings& settings);
    void await_start(const std::string& name, Milliseconds end);
    /// What the held settings were before; empty where nothing is held.
    Settings held(const std::string& name);
    void keep_held(const std::string& name, const Settings& before);

    ServiceControl& control_;
    SettingsStore& registry_;
    Clock& clock_;
};

} // namespace autodeploy
