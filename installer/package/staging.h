#pragma once

#include "installer/package/archive.h"
#include "installer/package/manifest.h"
#include "platform/file_system.h"
#include "platform/package.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// A release whose payloads lie in a folder of the administrator's alone: in staging, or in keep.
struct StagedRelease {
    std::string directory; ///< absolute
    Manifest manifest;
    std::vector<std::string> paths; ///< of the payloads that were written, as the manifest names them

    bool operator==(const StagedRelease&) const = default;
};

struct StageRequest {
    std::string archive;      ///< the downloaded update package, absolute, in a private folder
    std::string sha256;       ///< of the whole file, as its signed target says
    std::uint64_t length = 0; ///< of the whole file
    Manifest manifest;
    std::string directory; ///< to be made; what an earlier attempt left in it goes first
    /// Names of the packages that are installed: optional payloads of others are not written. Nothing: all are.
    std::optional<std::vector<std::string>> installed;
    ArchiveLimits limits;
    std::uint64_t spare_bytes = 0;                                   ///< to be left free
    std::function<void(std::uint64_t, std::uint64_t)> progress = {}; ///< bytes of the archive read, and of all
};

/// Unpacks the wanted payloads and checks every byte: the whole file against its signed target while it is read, the
/// size of each payload against the manifest; their hashes are reverify's. When it returns, all of it has reached the
/// disk, manifest last. On any failure the directory is gone. Errors: disk_full (before anything is written, with the
/// figures), archive_*, payload_mismatch, payload_missing, target_mismatch (the file is not the one that was signed),
/// and those of FileSystem.
StagedRelease stage(FileSystem& files, const StageRequest& request);

/// Where a payload lies, absolute.
std::string payload_path(const StagedRelease& staged, const std::string& path);

/// What stage left in the directory, by its own record; nothing if there is no finished one. Reads names and sizes
/// only.
std::optional<StagedRelease> find_staged(FileSystem& files, const std::string& directory);

/// Hashes every payload where it lies and compares with the manifest, right before it is used. Throws Error
/// payload_mismatch, payload_missing; staging_insecure if somebody else could have written there. What is not as it was
/// staged counts as not staged from then on.
void reverify(FileSystem& files, const StagedRelease& staged);

/// Done as well if it is not there.
void discard_staged(FileSystem& files, const std::string& directory);

} // namespace autodeploy
