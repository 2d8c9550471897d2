#pragma once

#include "platform/clock.h"
#include "platform/command_runner.h"
#include "platform/file_system.h"

#include <cstdint>
#include <optional>
#include <string>

namespace autodeploy {

/// What is kept of a detached tool, so that a later run of ours finds it again.
struct DetachedRecord {
    std::string name;
    std::string boot;               ///< start of the machine in which it was started
    std::string output_path;        ///< where its streams go
    std::uint64_t output_start = 0; ///< size of that file before
    bool started = false;           ///< the start is known to have happened
    std::int64_t process = 0;       ///< with started_at: who is to be waited for, where that is no unit
    std::string process_start;
    std::optional<int> exit_code; ///< of one that has ended; -1 where it is not known

    bool operator==(const DetachedRecord&) const = default;
};

/// One line a field, "name value"; and back. Nothing for a text of another form.
std::string record_text(const DetachedRecord& record);
std::optional<DetachedRecord> parse_record(const std::string& text);

/// The records in one directory, each a file. Durable where that is.
class DetachedRecords {
  public:
    /// parent: made where it is missing; need not outlast a restart of the machine.
    DetachedRecords(FileSystem& files, Clock& clock, const std::string& parent);

    /// A new record for a tool that is about to be started; those of earlier starts of the machine are cleared away.
    /// Throws Error tool_failed for a name that is empty, longer than 100 or has other than letters, digits and '-'.
    DetachedRecord begin(const DetachedCommand& command);
    void save(const DetachedRecord& record);
    /// Nothing if there is none, or the machine was started again since.
    std::optional<DetachedRecord> find(const std::string& name);
    /// What the tool wrote, its last limit bytes.
    std::string output(const DetachedRecord& record, std::size_t limit);
    std::string path_of(const std::string& name) const;
    void make_directory();
    /// Private; what lies there beside the records has a dot in its name.
    const std::string& directory() const { return directory_; }

  private:
    FileSystem& files_;
    Clock& clock_;
    std::string parent_;
    std::string directory_;
};

class ProcessTable;

/// Ends what the process started, but not itself: asks, then kills what is left after some seconds. Bounded.
void end_descendants(ProcessTable& processes, std::int64_t ancestor);

} // namespace autodeploy
