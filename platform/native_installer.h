#pragma once

#include "platform/clock.h"
#include "platform/package.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

enum class Convergence {
    reached,        ///< read back from the database: every package there, healthy, nothing else of these names
    busy,           ///< the tool's lock is held by somebody else; nothing was changed
    restart_needed, ///< reached, or pending, but only a restart of the machine completes it
};

struct ConvergeResult {
    Convergence convergence = Convergence::reached;
    std::vector<std::string> warnings; ///< harmless failures of scriptlets; told again if called again
};

struct ConvergeOptions {
    std::string run_name;                 ///< prefix of the names of detached tools; the same after a crash of ours
    std::string evidence_path;            ///< folder that takes the tools' output
    Milliseconds overrun{15 * 60 * 1000}; ///< after this it is reported
    Milliseconds scriptlet_limit{45 * 60 * 1000};   ///< after this its hung scriptlets are ended
    std::function<void(const std::string&)> report; ///< one line of progress; may be empty
    bool way_back = false;                          ///< goes on where nothing can be noted in evidence_path any more
};

/// rpm, dpkg, installp, MSI: by state, not by verb. Reads throw Error tool_missing, package_database_damaged,
/// tool_failed.
class NativeInstaller {
  public:
    NativeInstaller() = default;
    NativeInstaller(const NativeInstaller&) = delete;
    NativeInstaller& operator=(const NativeInstaller&) = delete;
    virtual ~NativeInstaller() = default;

    /// "rpm", "dpkg", "installp", "msi"
    virtual std::string name() const = 0;
    /// The package that owns the file, or nothing.
    virtual std::optional<std::string> owner(const std::string& path) = 0;
    /// Installed packages, half-installed ones included, whose name starts with one of the prefixes (case as the tool
    /// has it).
    virtual std::vector<InstalledPackage> installed(const std::vector<std::string>& name_prefixes) = 0;
    /// Who holds the tool's lock or why it cannot work now; nothing if it is free and healthy.
    virtual std::optional<std::string> busy() = 0;
    /// Packages of these names that an administrator has pinned (apt hold, versionlock), with where that was seen.
    virtual std::vector<std::string> pinned(const std::vector<std::string>& names) = 0;
    /// Reads a package file's own header. Throws Error package_unreadable.
    virtual PackageFile describe(const std::string& path) = 0;

    /// The tool's own dry run of going to this set, or of installing it once more where all of it is there; changes
    /// nothing. Nothing if it would work, else the tool's reason.
    virtual std::optional<std::string> dry_run(const PackageSet& target) = 0;
    /// Brings the set about and reads it back. May be called again after a crash in its middle, and with another set to
    /// go back. Waits first for a survivor of the same run_name. Throws Error package_install_failed with the tool's
    /// own words where the state was not reached; the packages may then be in any state, and another converge mends
    /// them.
    virtual ConvergeResult converge(const PackageSet& target, const ConvergeOptions& options) = 0;
    /// What differs from the database in the files of healthy packages ("rpm -V"), configuration files left out; empty
    /// is good.
    virtual std::vector<std::string> verify(const std::vector<std::string>& names) = 0;
};

} // namespace autodeploy
