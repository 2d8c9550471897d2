#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// A product as Windows Installer lists it, for the whole machine.
struct MsiProduct {
    std::string code; ///< "{…}", in capitals
    std::string name;
    std::string version;      ///< ProductVersion, as it was given
    std::string package_code; ///< of the very package that was installed
    std::string cached;       ///< absolute path of Windows' own copy of that package, without its files
    std::string state;        ///< "installed", else what is wrong

    bool operator==(const MsiProduct&) const = default;
};

/// A row of the table Upgrade.
struct MsiUpgrade {
    std::string code; ///< UpgradeCode
    std::string minimum;
    std::string maximum; ///< both may be empty: no limit
    std::uint32_t attributes = 0;

    bool operator==(const MsiUpgrade&) const = default;
};

/// What a package says of itself.
struct MsiPackage {
    std::string product_code;
    std::string upgrade_code;
    std::string name;
    std::string version;
    std::string package_code;
    std::string architecture; ///< "x64", "Intel", as its template has it
    std::vector<MsiUpgrade> upgrades;
    std::vector<std::string> features;
    bool has_installdir = false;                 ///< it has a directory INSTALLDIR
    std::vector<std::string> installed_services; ///< that it makes (table ServiceInstall)
    std::vector<std::string> deleted_services;   ///< that go with it or before it (table ServiceControl)
    std::uint64_t installed_bytes = 0;
};

/// What an administrator once chose of a product.
struct MsiChoice {
    std::vector<std::string> features; ///< those that are installed
    std::string directory;             ///< INSTALLDIR, without a "\" at its end; empty where it cannot be told

    bool operator==(const MsiChoice&) const = default;
};

/// A file of a product, as its package has it and as it is.
struct MsiFile {
    std::string path;
    bool is_there = true;
    std::string wanted_version; ///< empty: it has none, and its content counts
    std::string version;
    bool same_content = true; ///< true as well where the package keeps no digest of it
};

/// What Windows Installer knows. Reads only; throws Error package_database_damaged, package_unreadable (a package
/// file), tool_failed.
class MsiDatabase {
  public:
    MsiDatabase() = default;
    MsiDatabase(const MsiDatabase&) = delete;
    MsiDatabase& operator=(const MsiDatabase&) = delete;
    virtual ~MsiDatabase() = default;

    virtual std::vector<MsiProduct> products() = 0;
    virtual MsiPackage package(const std::string& path) = 0;
    /// Codes of the installed products with that UpgradeCode.
    virtual std::vector<std::string> related(const std::string& upgrade_code) = 0;
    virtual MsiChoice choice(const MsiProduct& product) = 0;
    /// Those of installed features; what may be changed by people (never overwritten, left behind) is left out.
    virtual std::vector<MsiFile> files(const MsiProduct& product) = 0;
    /// The product that the file belongs to, by name.
    virtual std::optional<std::string> owner(const std::string& path) = 0;
    /// Whether an installation of anybody's is at work now.
    virtual bool is_at_work() = 0;
};

} // namespace autodeploy
