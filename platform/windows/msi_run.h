#pragma once

#include "platform/command_runner.h"

#include <map>
#include <string>

namespace autodeploy {

/// One run of msiexec.
struct MsiRun {
    enum class Action { install, remove };
    Action action = Action::install;
    std::string subject; ///< install: absolute path of the package; remove: {ProductCode}
    std::string log;     ///< absolute path of the log, written anew; empty: none
    std::map<std::string, std::string> properties;
};

/// The one place where a command of msiexec is made: silent, for the whole machine, and with every switch that keeps it
/// from restarting the machine or other people's programs; a property that would decide about that is refused.
/// system_directory: from Windows itself, never looked up in PATH. Throws Error package_install_failed for what msiexec
/// could not read back.
Command msi_command(const std::string& system_directory, const MsiRun& run);

/// What a code of msiexec says. It is a hint: what is installed is read back.
enum class MsiMeaning {
    done,
    restart_asked,      ///< done, but files are in use: look whether these are ours
    restarting,         ///< done, and the machine is going down although it was told not to
    cancelled,          ///< by a person, or by a policy
    failed,             ///< went back by its own roll-back, as far as that works
    not_installed,      ///< there is no such product
    busy,               ///< another installation is at work: wait, and never end it
    unsettled,          ///< one that was broken off has to be finished or rolled back first
    package_unreadable, ///< not found, or not a package
    other_release,      ///< the same product is installed in another release
    unknown,
};

MsiMeaning msi_meaning(unsigned code);
/// "another installation is at work (msiexec 1618)"
std::string msi_words(unsigned code);

} // namespace autodeploy
