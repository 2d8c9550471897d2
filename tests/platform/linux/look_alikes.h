#pragma once

#include <string>
#include <vector>

namespace autodeploy {

/// A small package that looks like one of the client's.
struct LookAlike {
    std::string name;
    std::string version;               ///< "8.1.27"; the release is 0
    std::string requires_exactly = ""; ///< a package of the same version (deb: a pre-dependency)
    std::string before_script = "";    ///< shell
    std::string after_script = "";
    std::size_t files = 3;
    std::string provides = ""; ///< rpm only
    bool sums = false;         ///< deb only: brings the sums of its files
};

/// Whether the tools to make and to install packages of a kind are there; else says what is missing.
std::string missing_for_debs();
std::string missing_for_rpms();

/// Makes the packages in the folder: NAME_VERSION-0.deb, NAME-VERSION.rpm. All of an rpm call are of one version.
void make_deb(const std::string& folder, const LookAlike& package);
void make_rpms(const std::string& folder, const std::vector<LookAlike>& packages);

/// An empty machine with a shell in it, for dpkg or rpm. The rpm one has a package that provides the shell.
void make_root(const std::string& root);

/// Runs a script of the test and throws what it says where it fails.
std::string run_script(const std::string& script);

} // namespace autodeploy
