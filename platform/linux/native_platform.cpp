#include "platform/linux/combined_service_manager.h"
#include "platform/linux/dpkg_installer.h"
#include "platform/linux/extended_attributes.h"
#include "platform/linux/linux_clock.h"
#include "platform/linux/linux_host.h"
#include "platform/linux/linux_process_table.h"
#include "platform/linux/rpm_installer.h"
#include "platform/linux/systemd_command_runner.h"
#include "platform/linux/systemd_service_manager.h"
#include "platform/linux/sysv_service_manager.h"
#include "platform/platform.h"
#include "platform/posix/no_settings_store.h"
#include "platform/posix/posix_file_system.h"
#include "platform/posix/session_command_runner.h"
#include "platform/standard_paths.h"

namespace autodeploy {

namespace {

/// What is kept of running tools is of no use after a boot; in memory no disk takes time or can be full.
std::string place_of_records(FileSystem& files, const std::string& state_directory) {
    const StandardPaths paths = standard_paths();
    return state_directory == paths.state && files.status("/run") ? paths.runtime : state_directory;
}

class LinuxPlatform final : public NativePlatform {
  public:
    explicit LinuxPlatform(const std::string& state_directory)
        : has_systemd_(files_.status("/run/systemd/system").has_value()),
          has_transient_units_(has_systemd_ && files_.status("/usr/bin/systemd-run")),
          records_(place_of_records(files_, state_directory)), sessions_(files_, clock_, processes_, records_),
          units_(sessions_, files_, clock_, processes_, records_),
          scripts_(commands(), files_, clock_, processes_,
                   {"/etc/init.d", {"/etc", "/etc/rc.d"}, state_directory + "/init-scripts.log"}),
          systemd_(commands(), files_, clock_, processes_, {}),
          combined_(systemd_, scripts_), platform_{files_,     clock_, commands(), processes_,
                                                   services(), host_,  settings_,  installers()} {}

    Platform& platform() override { return platform_; }

  private:
    CommandRunner& commands() {
        // Our unit ends nothing but ourselves, so without them a session of its own outlives us as well.
        if (has_transient_units_) return units_;
        return sessions_;
    }
    ServiceManager& services() {
        if (has_systemd_) return combined_;
        return scripts_;
    }

    std::vector<NativeInstaller*> installers() {
        std::vector<NativeInstaller*> found;
        if (files_.status("/usr/bin/dpkg")) found.push_back(&dpkg_);
        if (files_.status("/usr/bin/rpm")) found.push_back(&rpm_);
        return found;
    }

    ExtendedAttributes attributes_;
    PosixFileSystem files_{attributes_};
    bool has_systemd_;
    bool has_transient_units_;
    std::string records_;
    LinuxClock clock_;
    LinuxProcessTable processes_;
    LinuxHost host_{processes_};
    NoSettingsStore settings_;
    SessionCommandRunner sessions_;
    SystemdCommandRunner units_;
    SysvServiceManager scripts_;
    SystemdServiceManager systemd_;
    CombinedServiceManager combined_;
    DpkgInstaller dpkg_{commands(), files_, clock_, processes_};
    RpmInstaller rpm_{commands(), files_, clock_, processes_};
    Platform platform_;
};

} // namespace

std::unique_ptr<NativePlatform> native_platform(const std::string& state_directory) {
    return std::make_unique<LinuxPlatform>(state_directory);
}

} // namespace autodeploy
