#pragma once

#include "installer/repository/target_file.h"
#include "installer/repository/transport.h"
#include "platform/clock.h"
#include "platform/file_system.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace autodeploy {

struct DownloadLimits {
    std::uint64_t bytes_per_second = 0; ///< 0: as fast as it goes
    int attempts = 5;                   ///< over all mirrors, each going on from the bytes that are kept
    Milliseconds first_pause{1000};     ///< between attempts; doubled each time, with jitter
    Milliseconds longest_pause{60000};
};

/// bytes that are there, bytes of the whole. Throwing from it stops the download; what arrived is kept.
using DownloadProgress = std::function<void(std::uint64_t, std::uint64_t)>;

/// Brings one target to destination (absolute; its directory is private and there). remote_path is the name at the
/// source: with consistent snapshots "dir/HASH.name". The bytes gather in a private file beside destination, hidden by
/// a leading dot, are hashed as they arrive and again over what an earlier attempt left; destination appears by rename,
/// durably, only when length and every known hash hold. A destination that is there already is verified: kept if it is
/// the very file, else replaced. Mirrors are tried in order; bytes that turn out wrong are dropped, and the next mirror
/// begins at 0. Errors: those of the transports (of the last mirror), target_missing (no mirror has it),
/// target_mismatch (hash or length), and those of FileSystem.
void download_target(const std::vector<Transport*>& mirrors, FileSystem& files, Clock& clock, const TargetFile& target,
                     const std::string& remote_path, const std::string& destination, const DownloadLimits& limits,
                     const DownloadProgress& progress);

} // namespace autodeploy
