#pragma once

#include "platform/windows/service_control.h"

namespace autodeploy {

/// The service control manager of this machine. No handle to a service outlives a call: an open one would keep a
/// removed service there.
class NativeServiceControl final : public ServiceControl {
  public:
    std::vector<std::string> names() override;
    std::optional<Settings> settings(const std::string& name) override;
    void change(const std::string& name, const Settings& settings) override;
    /// A service whose process is gone is stopped, whatever the manager still says.
    ScmStatus status(const std::string& name) override;
    ScmAnswer start(const std::string& name) override;
    ScmAnswer stop(const std::string& name) override;
    std::unique_ptr<ScmProcesses> processes(const std::string& name) override;
    std::string expand(const std::string& text) override;
    std::optional<std::string> real_file(const std::string& path) override;
    std::optional<std::string> real_folder(const std::string& path) override;
};

} // namespace autodeploy
