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
    std::vector<std::string> differences; ///< "TIVsm-BA 8.1.25-0 is installed with another digest than the kept one"
    bool by_level_only = false;           ///< some package could only be told by its version, not by its digest
    bool complete() const { return differences.empty(); }
    bool operator==(const WayBack&) const = default;
};

/// The way back from an update: every installed package that the update replaces or removes must be among the kept
/// ones, equal in name, version, architecture and digest, not merely in version; what the update adds will go. Reads
/// nothing; call reverify for the bytes.
WayBack way_back(const StagedRelease& kept, const std::vector<InstalledPackage>& installed, const PackageSet& update);

/// After the commit: the staged release becomes a kept one, by rename (keep and staging lie on the same file system),
/// and everything but it and `previous` goes. May be called again after a crash in its middle. False if the packages of
/// the installed release are to be found neither in keep nor in staging: nothing else is removed then.
bool rotate_keep(FileSystem& files, const std::string& keep, const std::string& staging, const ClientVersion& installed,
                 const std::optional<ClientVersion>& previous);

} // namespace autodeploy
