#pragma once

#include "platform/clock.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// A package as a native tool names it. Versions are the tool's own text ("8.1.27-0", deb "8.1.27-0", AIX "8.1.27.0").
struct PackageId {
    std::string name;
    std::string version;
    std::string architecture;

    auto operator<=>(const PackageId&) const = default;
};

struct InstalledPackage {
    PackageId id;
    bool healthy = true; ///< as the database says: "ii", APPLIED, COMMITTED …
    std::string state;   ///< the tool's own word for it
    /// Tells equal from merely same version: rpm SHA256HEADER; deb: digest of md5sums, conffiles and control fields;
    /// MSI PackageCode; empty on AIX, where only the level can be told.
    std::string digest;

    bool operator==(const InstalledPackage&) const = default;
};

/// A package file in private staging, with what the signed manifest or its own header says of it.
struct PackageFile {
    PackageId id;
    std::string path;
    std::string sha256; ///< lowercase hex of the whole file
    std::string digest; ///< what InstalledPackage::digest will be once it is installed
    std::uint64_t installed_bytes = 0;

    bool operator==(const PackageFile&) const = default;
};

/// The state that converge brings about: exactly these packages, healthy, and none of the others named.
struct PackageSet {
    std::vector<PackageFile> present;
    std::vector<std::string>
        absent; ///< names that must not be installed afterwards (strays, the old names of a migration)

    bool operator==(const PackageSet&) const = default;
};

enum class Convergence {
    reached,        ///< read back from the database: every package there, healthy, nothing else of these names
    busy,           ///< the tool's lock is held by somebody else; nothing was changed
    restart_needed, ///< reached, or pending, but only a restart of the machine completes it
};

struct ConvergeResult {
    Convergence convergence = Convergence::reached;
    std::vector<std::string> warnings; ///< failed scriptlets that verification found harmless, and such
};

struct ConvergeOptions {
    std::string run_name;                 ///< prefix of the names of detached tools; the same after a crash of ours
    std::string evidence_path;            ///< folder that takes the tools' output
    Milliseconds overrun{15 * 60 * 1000}; ///< after this it is reported
    Milliseconds scriptlet_limit{45 * 60 * 1000};   ///< after this its hung scriptlets are ended
    std::function<void(const std::string&)> report; ///< one line of progress; may be empty
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

    /// The tool's own dry run of going to this set; changes nothing. Nothing if it would work, else the tool's reason.
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
