#include "platform/platform.h"
#include "platform/windows/msi_installer.h"
#include "platform/windows/native/child_process.h"
#include "platform/windows/native/native_service_control.h"
#include "platform/windows/native/registry_store.h"
#include "platform/windows/native/windows_clock.h"
#include "platform/windows/native/windows_command_runner.h"
#include "platform/windows/native/windows_file_system.h"
#include "platform/windows/native/windows_host.h"
#include "platform/windows/native/windows_msi_database.h"
#include "platform/windows/native/windows_process_table.h"
#include "platform/windows/scm_service_manager.h"
#include "platform/windows/windows_prerequisites.h"

#include <windows.h>

namespace autodeploy {

namespace {

/// Ahead of main(): whatever Windows loads from here on comes from its own folder, not from where a program or a person
/// stands.
[[maybe_unused]] const BOOL loads_from_windows_only = ::SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);

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
    NativeServiceControl control_;
    ScmServiceManager services_{control_, settings_, clock_};
    WindowsMsiDatabase database_;
    MsiInstaller msi_{{database_, commands_, files_, clock_, host_, settings_, system_directory()}};
    WindowsPrerequisites prerequisites_{{database_, commands_, clock_, host_, settings_, system_directory()}};
    Platform platform_{files_, clock_, commands_, processes_, services_, host_, settings_, {&msi_}, &prerequisites_};
};

} // namespace

std::unique_ptr<NativePlatform> native_platform(const std::string& state_directory) {
    return std::make_unique<WindowsPlatform>(state_directory);
}

} // namespace autodeploy
