#pragma once

#include "platform/aix/aix_process_table.h"
#include "platform/aix/aix_services.h"
#include "platform/aix/installp_installer.h"
#include "platform/linux/extended_attributes.h"
#include "platform/linux/linux_clock.h"
#include "platform/linux/linux_process_table.h"
#include "platform/posix/posix_file_system.h"
#include "platform/posix/real_path.h"
#include "platform/posix/session_command_runner.h"
#include "tests/platform/linux/real_installers.h"
#include "tests/platform/temporary_directory.h"

#include <string>

namespace autodeploy {

/// Folder with the programs of the stand-in, built beside the tests; empty where they are not there.
std::string standin_programs();
/// Folder with its scripts; the tests run in the project's folder.
std::string standin_scripts();

/// The stand-in AIX below a folder of its own, and the adapters on it. What it started is ended with it.
class StandinMachine {
  public:
    StandinMachine();
    ~StandinMachine();

    /// Runs it in a shell with $R as the root; throws what it says where it fails.
    std::string shell(const std::string& script);
    /// A switch of the stand-in: "lose=FILESET"; empty takes all away.
    void ask(const std::string& line);

    TemporaryDirectory directory = quick_directory();
    std::string root = real_path(directory.path());
    ExtendedAttributes attributes;
    PosixFileSystem files{attributes};
    LinuxClock clock;
    LinuxProcessTable real_processes;
    SessionCommandRunner commands{files, clock, real_processes, root + "/state"};
    AixProcessTable processes{commands, clock, {root + "/client"}, root};
    AixServices tools{commands, processes, files, clock, root + "/state", root};
    AixServiceManager services{tools};
    InstallpInstaller installer{commands, processes, files, clock, root};
};

} // namespace autodeploy
