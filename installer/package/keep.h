#pragma once

#include "installer/package/staging.h"

#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// The packages of the installed release, held for the way back: <keep>/<release>/ as stage makes it.
/// At most two releases lie there: the one that is installed, and the one before it.
std::string kept_directory(const std::string& keep, const ClientVersion& release);

/// All that are whole, newest first.
std::vector<StagedRelease> kept_releases(FileSystem& files, const std::string& keep);
std::optional<StagedRelease> find_kept(FileSystem& files, const std::string& keep, const ClientVersion& release);

/// Whether and how one could return to exactly what is installed now.
struct WayBack {
    PackageSet set;                       ///< for converge; to be used only if complete()
    std::vector<std::string> differences; ///< "TIVsm-BA: installed digest …, kept digest …"
    bool by_level_only = false;           ///< some package could only be told by its version, not by its digest
    bool complete() const { return differences.empty(); }
};

/// Compares every installed package of the client with the kept ones: name, version, architecture and digest, not
/// merely version. Reads nothing; call reverify for the bytes.
WayBack way_back(const StagedRelease& kept, const std::vector<InstalledPackage>& installed);

/// After the commit: the staged release becomes a kept one, by rename (keep and staging lie on the same file system),
/// and everything but it and `previous` goes. May be called again after a crash in its middle.
void rotate_keep(FileSystem& files, const std::string& keep, const std::string& staging, const ClientVersion& installed,
                 const std::optional<ClientVersion>& previous);

} // namespace autodeploy
