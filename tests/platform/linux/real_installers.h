#pragma once

#include "platform/linux/dpkg_installer.h"
#include "platform/linux/extended_attributes.h"
#include "platform/linux/linux_clock.h"
#include "platform/linux/linux_process_table.h"
#include "platform/linux/rpm_installer.h"
#include "platform/posix/posix_file_system.h"
#include "platform/posix/session_command_runner.h"
#include "tests/platform/linux/look_alikes.h"
#include "tests/platform/native_installer_contract.h"
#include "tests/platform/temporary_directory.h"

#include <map>
#include <memory>
#include <string>

namespace autodeploy {

/// In memory where that is possible: the tools write everything to the disk again and again.
TemporaryDirectory quick_directory();

/// Look-alike packages of the releases that the tests use and a machine with the first of them, made once for all
/// tests.
struct LookAlikes {
    explicit LookAlikes(bool for_dpkg);

    bool debs;
    TemporaryDirectory directory = quick_directory();
    std::string packages = directory / "packages";
    std::string machine = directory / "machine";
    std::map<std::string, PackageSet> releases; ///< by version: "8.1.25"
};

/// The real dpkg or rpm, on a root of its own with release 8.1.25.0 installed.
class RealBench : public InstallerBench {
  public:
    explicit RealBench(const LookAlikes& look_alikes);
    ~RealBench() override;

    NativeInstaller& installer() override { return *installer_; }
    ConvergeOptions options() override;
    PackageSet packages(const std::string& release, Ailment ailment = Ailment::none) override;
    std::string snapshot() override;
    void hold_lock(bool held) override;

    /// dpkg --audit, or the strays and temporary files of rpm; empty is good.
    std::string broken();

    const LookAlikes& look_alikes;
    TemporaryDirectory directory = quick_directory();
    std::string root = directory / "root";
    ExtendedAttributes attributes;
    PosixFileSystem files{attributes};
    LinuxClock clock;
    LinuxProcessTable processes;
    SessionCommandRunner commands{files, clock, processes, directory / "state"};

  private:
    std::unique_ptr<NativeInstaller> installer_;
    int lock_ = -1;
};

} // namespace autodeploy
