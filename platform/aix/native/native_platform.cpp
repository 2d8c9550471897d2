#include "platform/aix/aix_clock.h"
#include "platform/aix/aix_file_system.h"
#include "platform/aix/aix_host.h"
#include "platform/aix/aix_process_table.h"
#include "platform/aix/aix_services.h"
#include "platform/aix/installp_installer.h"
#include "platform/platform.h"
#include "platform/posix/no_settings_store.h"
#include "platform/posix/reading_command_runner.h"
#include "platform/posix/session_command_runner.h"

namespace autodeploy {

namespace {

/// Where a program that ps shows without a path is looked for.
const std::vector<std::string> program_folders = {"/usr/tivoli/tsm/client/ba/bin64", "/usr/tivoli/tsm/client/ba/bin",
                                                  "/usr/bin", "/usr/sbin", "/opt/freeware/bin"};

class AixPlatform final : public NativePlatform {
  public:
    explicit AixPlatform(const std::string& state_directory)
        : commands_(files_, clock_, processes_, state_directory),
          tools_(commands_, processes_, files_, clock_, state_directory), platform_{files_,     clock_,       commands_,
                                                                                    processes_, services_,    host_,
                                                                                    settings_,  {&installer_}} {}

    Platform& platform() override { return platform_; }

  private:
    ReadingCommandRunner questions_;
    AixAttributes attributes_{questions_};
    AixFileSystem files_{attributes_, questions_};
    AixClock clock_;
    AixProcessTable processes_{questions_, clock_, program_folders};
    SessionCommandRunner commands_;
    AixHost host_{questions_, processes_};
    NoSettingsStore settings_;
    AixServices tools_;
    AixServiceManager services_{tools_};
    InstallpInstaller installer_{commands_, processes_, files_, clock_};
    Platform platform_;
};

} // namespace

std::unique_ptr<NativePlatform> native_platform(const std::string& state_directory) {
    return std::make_unique<AixPlatform>(state_directory);
}

} // namespace autodeploy
