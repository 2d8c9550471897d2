#pragma once

#include "platform/file_system.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace autodeploy {

/// What an archive may cost us. Over any of them: Error archive_refused.
struct ArchiveLimits {
    std::uint64_t entries = 20000;
    std::uint64_t unpacked_bytes = std::uint64_t(16) << 30;    ///< of all members together
    std::uint64_t ratio = 200;                                 ///< unpacked to packed; the first 16 MiB are free
    std::uint64_t dictionary_bytes = std::uint64_t(128) << 20; ///< memory that an xz or zstd stream may ask for
};

struct ArchiveMember {
    std::string path;       ///< safe on every system, names joined by '/', no "./" in front
    std::uint64_t size = 0; ///< as the archive says; 0 where it does not know before the end
};

/// Takes what an archive holds, in its order. Whatever it throws ends the reading and passes through unchanged.
class MemberSink {
  public:
    MemberSink() = default;
    MemberSink(const MemberSink&) = delete;
    MemberSink& operator=(const MemberSink&) = delete;
    virtual ~MemberSink() = default;

    /// A regular file begins. Whether its bytes are wanted; if not, neither write nor end follow.
    virtual bool begin(const ArchiveMember& member) = 0;
    virtual void write(std::string_view bytes) = 0;
    virtual void end() = 0;
    /// A link that stays inside of the archive. Nothing is ever made of it.
    virtual void link(const std::string& path) { static_cast<void>(path); }
};

/// What was read, all of it.
struct ArchiveTotals {
    std::string sha256;      ///< of the whole file, lowercase hex
    std::uint64_t bytes = 0; ///< of the whole file
    std::uint64_t entries = 0;
    std::uint64_t unpacked_bytes = 0;
};

/// Reads an update package as the vendor ships it: tar, alone or in gzip, compress, xz or zstd; zip; 7z, alone or
/// behind a self-extracting program, which is never run. The kind is told by content. Never more than a few hundred KiB
/// in memory beside the compression's own dictionary. The whole file is hashed: in the same reading for tar, in one
/// before it for zip and 7z.
///
/// Refused as a whole (Error archive_refused, naming the member): names that unsafe_member_name tells, two members of
/// the same name, or that differ by letter case only, a file where another member has a directory, links that lead out
/// (or anywhere on an absolute path), devices, pipes, sockets, encrypted members, anything over the limits. What cannot
/// be read: archive_damaged; no archive at all: archive_unknown. name is for messages.
ArchiveTotals read_archive(FileReader& file, const std::string& name, const ArchiveLimits& limits, MemberSink& sink,
                           const std::function<void(std::uint64_t)>& bytes_read = {});

} // namespace autodeploy
