#pragma once

#include "platform/clock.h"
#include "platform/file_system.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace autodeploy {

/// What the store knows besides metadata. Times are UnixTime; 0: never.
struct TrustRecord {
    UnixTime time_floor = 0;            ///< no update believes that it is earlier
    std::int64_t timestamp_version = 0; ///< the newest timestamp, and …
    UnixTime timestamp_since = 0;       ///< … when this machine first saw it
    UnixTime refreshed = 0;             ///< the end of the last refresh that succeeded

    bool operator==(const TrustRecord&) const = default;
};

/// Trusted metadata on the disk: one file ROLE.json for each role, byte for byte as it was served. Killed at any point,
/// what is read next was once true. Names of roles are escaped (safe_file_name), so that none can reach another file.
/// Whoever changes it holds the lock. Errors: those of FileSystem, and trust_store_busy.
class TrustStore {
  public:
    /// directory: made, private, where it is missing.
    TrustStore(FileSystem& files, Clock& clock, std::string directory);

    const std::string& directory() const { return directory_; }

    /// Waits for another process until the time is over: Error trust_store_busy (Retry::later). Then finishes what a
    /// crash may have left undone.
    std::unique_ptr<FileLock> lock(Milliseconds patience);

    /// Nothing if there is none, or none of at most limit bytes.
    std::optional<std::string> read(const std::string& role, std::uint64_t limit);
    void write(const std::string& role, std::string_view bytes);
    /// With forget_floors timestamp and snapshot go away with the old root, in one step as far as a crash can tell.
    void write_root(std::string_view bytes, std::int64_t version, bool forget_floors);

    /// One that is damaged counts as empty.
    TrustRecord record();
    void write_record(const TrustRecord& record);

  private:
    std::string path(const std::string& role) const;
    void finish_forgetting();
    std::int64_t stored_root_version();

    FileSystem& files_;
    Clock& clock_;
    std::string directory_;
};

} // namespace autodeploy
