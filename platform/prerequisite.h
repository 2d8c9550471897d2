#pragma once

#include "platform/package.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// Who made the installer of a prerequisite: decides its command line.
enum class PrerequisiteKind {
    vc_redist,      ///< bootstrapper of a Visual C++ runtime from 2012 on
    vc_redist_2010, ///< the one before, with other switches
    spinstall,      ///< InstallShield's bootstrapper over an MSI, as the vendor packs the Java runtime
    msi,            ///< for msiexec
};

/// A runtime that a client needs and other programs may share: how it is installed, and how a machine shows that it is
/// there. Keys are those of SettingsStore ("HKLM64\SOFTWARE\…").
struct Prerequisite {
    PrerequisiteKind kind = PrerequisiteKind::vc_redist;
    /// It is there if any of them says so; the newest counts.
    std::vector<std::string> keys;
    /// If not empty: the keys directly below those of `keys` count whose DisplayName fits this pattern ("IBM Java*").
    std::string display_name;
    std::string installed_value; ///< name of a number that is 1 where it is there; empty: the version alone tells
    std::string version_value;   ///< name of a text: "v14.38.33130.00"
    /// What may wait for a restart of the machine: absolute paths, or names in the system's own folder for programs of
    /// the package's architecture ("msvcp140.dll").
    std::vector<std::string> files;

    bool operator==(const Prerequisite&) const = default;
};

/// In private staging.
struct PrerequisiteFile {
    PackageFile file; ///< version: digits and dots, "14.38.33130"; architecture: "x64" or "x86"
    Prerequisite how;

    bool operator==(const PrerequisiteFile&) const = default;
};

/// Whether it is one to four numbers with dots between them, as Windows counts.
bool is_dotted_version(std::string_view version);

enum class PrerequisiteNeed {
    missing,
    older,
    met,     ///< the same or a newer one is there
    unknown, ///< it is there and does not tell its version: left alone, since it could be newer
};

/// installed: as PrerequisiteInstaller has it. A "v" at the beginning does not count, nor do zeros at the end.
PrerequisiteNeed need_of(const std::string& wanted, const std::optional<std::string>& installed);

} // namespace autodeploy
