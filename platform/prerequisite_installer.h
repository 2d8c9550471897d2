#pragma once

#include "platform/native_installer.h"
#include "platform/prerequisite.h"

#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// Runtimes that come with a client and are no packages of the native installer's own: Windows only.
class PrerequisiteInstaller {
  public:
    PrerequisiteInstaller() = default;
    PrerequisiteInstaller(const PrerequisiteInstaller&) = delete;
    PrerequisiteInstaller& operator=(const PrerequisiteInstaller&) = delete;
    virtual ~PrerequisiteInstaller() = default;

    /// The newest version that is registered, as it stands there: nothing where it is missing, an empty text where it
    /// is there and does not tell. Throws Error access_denied, io_error.
    virtual std::optional<std::string> installed(const Prerequisite& wanted) = 0;
    /// Of its files, those that wait for a restart of the machine, as sentences for people.
    virtual std::vector<std::string> waiting(const PrerequisiteFile& wanted) = 0;
    /// Installs it unless the same or a newer one is there; never lowers one, never lets it restart the machine. May be
    /// called again after a crash in its middle: waits first for a survivor of the same run_name. Restart needed: its
    /// files wait for one. Throws Error prerequisite_failed where it is not there afterwards.
    virtual ConvergeResult install(const PrerequisiteFile& wanted, const ConvergeOptions& options) = 0;
};

} // namespace autodeploy
