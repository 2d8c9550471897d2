#pragma once

#include "agent/settings.h"
#include "platform/file_system.h"

#include <map>
#include <string>
#include <vector>

namespace autodeploy {

/// What became of one release on this client so far.
struct ReleaseRecord {
    std::vector<std::string> failed; ///< ids of the deployments that failed with it
    UnixTime last_failed_at = 0;
    bool left = false; ///< by a rollback: it is not taken again by itself
    bool operator==(const ReleaseRecord&) const = default;
};

/// releases.json: bounds the attempts of each release; visible, and cleared by `retry`. What is damaged counts as
/// empty. Writes are durable when the calls return; they throw Error as FileSystem does.
class ReleaseRecords {
  public:
    ReleaseRecords(FileSystem& files, std::string path);

    ReleaseRecord of(const std::string& release) const;
    std::map<std::string, ReleaseRecord> all() const;
    /// The same deployment counts once, however often it is said.
    void failed(const std::string& release, const std::string& deployment, UnixTime at);
    void left(const std::string& release);
    /// It works now, or a person wants it tried again. Empty: all.
    void clear(const std::string& release);

  private:
    void write(const std::map<std::string, ReleaseRecord>& records);
    FileSystem& files_;
    std::string path_;
};

/// When the next attempt may begin; 0: at once. The pause doubles with each failure.
UnixTime next_attempt_at(const ReleaseRecord& record, const RetrySettings& settings);

} // namespace autodeploy
