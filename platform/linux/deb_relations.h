#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// Order of Debian versions, as `dpkg --compare-versions` has it.
std::strong_ordering compare_deb_versions(std::string_view left, std::string_view right);

/// "name (>= version)"; without a version, compare is empty.
struct DebRelation {
    std::string name;
    std::string compare; ///< "<<", "<=", "=", ">=", ">>"
    std::string version;

    bool operator==(const DebRelation&) const = default;
};

/// A field such as Depends: all of the outer ones, any of the inner ones.
std::vector<std::vector<DebRelation>> parse_deb_relations(std::string_view field);

/// What the database and a package file say of one package.
struct DebPackage {
    std::string name;
    std::string version;
    std::string architecture;
    std::string status;  ///< "ii ", "iHR"; empty for a file
    std::string depends; ///< Depends and Pre-Depends, each a field of relations
    std::string pre_depends;
    std::string provides;
    std::string conflicts;
    std::string breaks;
};

/// What would be unmet or in conflict if these packages took the place of those of the same name, and those to be
/// absent were gone. What is wrong already, and has nothing to do with them, is left out. Empty is good.
std::vector<std::string> deb_problems(const std::vector<DebPackage>& installed, const std::vector<DebPackage>& target,
                                      const std::vector<std::string>& absent);

/// Groups of packages to be handed to dpkg one after the other: a package that pre-depends on another comes in a later
/// group, since dpkg configures only at the end of a run. Indexes into target.
std::vector<std::vector<std::size_t>> deb_install_order(const std::vector<DebPackage>& target);

} // namespace autodeploy
