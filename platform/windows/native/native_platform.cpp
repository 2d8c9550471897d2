#include "platform/error.h"
#include "platform/platform.h"
#include "platform/windows/native/registry_store.h"
#include "platform/windows/native/windows_clock.h"
#include "platform/windows/native/windows_command_runner.h"
#include "platform/windows/native/windows_file_system.h"
#include "platform/windows/native/windows_host.h"
#include "platform/windows/native/windows_process_table.h"

namespace autodeploy {

namespace {

/// Until Windows' service control manager has its adapter: no service is found, so that nothing is ever changed.
class NoServices final : public ServiceManager {
  public:
    std::string name() const override { return "scm"; }
    std::vector<Service> services_of(const std::vector<std::string>&) override { return {}; }
    std::optional<Service> find(const std::string&) override { return std::nullopt; }
    void start(const std::string& name, Milliseconds) override { refuse("start", name); }
    void stop(const std::string& name, Milliseconds, bool) override { refuse("stop", name); }
    bool hold(const std::string& name) override { refuse("hold", name); }
    void release(const std::string& name) override { refuse("release", name); }
    void reload() override {}
    void restore(const Service& service) override { refuse("restore", service.name); }

  private:
    [[noreturn]] static void refuse(const std::string& verb, const std::string& name) {
        throw Error("service_not_found",
                    "cannot " + verb + " the service " + name + ": this release knows nothing of services of Windows");
    }
};

class WindowsPlatform final : public NativePlatform {
  public:
    explicit WindowsPlatform(const std::string& state_directory) : commands_(files_, clock_, state_directory) {}

    Platform& platform() override { return platform_; }

  private:
    WindowsFileSystem files_;
    WindowsClock clock_;
    WindowsProcessTable processes_;
    WindowsHost host_;
    RegistryStore settings_;
    WindowsCommandRunner commands_;
    NoServices services_;
    Platform platform_{files_, clock_, commands_, processes_, services_, host_, settings_, {}};
};

} // namespace

std::unique_ptr<NativePlatform> native_platform(const std::string& state_directory) {
    return std::make_unique<WindowsPlatform>(state_directory);
}

} // namespace autodeploy
