#pragma once

#include <compare>
#include <cstdint>
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

/// The same name for another kind of machine (i386, x86_64): such a one cannot be updated in place.
bool is_for_another_machine(const PackageId& a, const PackageId& b);

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
        absent; ///< removed first, not to be there afterwards; one that is present too: not in another version

    bool operator==(const PackageSet&) const = default;
};

/// Whether what is installed has to be removed before the set is installed: named as absent, or for another machine.
bool goes_first(const PackageSet& set, const PackageId& installed);

} // namespace autodeploy
