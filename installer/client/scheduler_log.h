#pragma once

#include "platform/local_time.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

class FileSystem;

/// Whether the client works, as far as that can be told. Unknown is never taken for quiet.
enum class Activity { quiet, busy, unknown };

/// One event of the server's schedule, as the scheduler's log tells it.
struct ScheduledEvent {
    std::string name;                 ///< the schedule's: "NIGHTLY"
    std::string scheduled_start;      ///< as the server set it: "2026-11-22 21:00:00"
    std::string action;               ///< "incremental", "command", where the log announced the event; may be empty
    std::string command;              ///< of an event that runs one, where the log shows it; may be empty
    bool counted = false;             ///< what it inspected and sent was written in it
    bool ended = false;               ///< its OBJECT END was written
    bool over = false;                ///< ended, and a query of the server or 60 s followed
    bool failed = false;              ///< the log has the code of a failed event behind it
    std::optional<int> return_code;   ///< of a finished command, where the log says it
    std::optional<UnixTime> began_at; ///< when its OBJECT BEGIN was written
    std::optional<UnixTime> ended_at;

    bool operator==(const ScheduledEvent&) const = default;
};

/// A backup or an archive, and neither a command (our trigger, one that SCHEDCMDDISABLED forbids) nor a restore. By the
/// action that was announced; where that is unknown (another language, the part before was cut off), by the counts that
/// a client writes of what it has sent.
bool is_backup(const ScheduledEvent& event);

/// What the log of one scheduler says. Markers and codes are read, never translated words.
struct SchedulerLog {
    std::string path;
    Activity activity = Activity::unknown;
    std::string why;                    ///< for people: "the event NIGHTLY began and has not ended"
    std::vector<ScheduledEvent> events; ///< those of the part that was read, oldest first, the last 64 of them
    std::optional<UnixTime> last_query_begin;
    std::optional<UnixTime> last_query_end; ///< when the scheduler last had an answer of its server
    std::optional<UnixTime> modified;       ///< of the file
    std::int64_t end = 0;                   ///< where its newest line ends, in bytes

    bool operator==(const SchedulerLog&) const = default;
};

/// What is known beside the log.
struct SchedulerContext {
    UnixTime now = 0;
    std::optional<UnixTime> modified; ///< of the file
    /// Of the local time in which the log is written.
    LocalOffset local_offset = [](UnixTime) { return Seconds(0); };
    bool whole = true; ///< the text begins where the file begins
    /// A scheduler process lives that could have written this. If it cannot be told, say yes.
    bool scheduler_lives = true;
    bool wraps = false;        ///< SCHEDLOGMAX is set: new lines may overwrite old ones in the middle
    bool shared = false;       ///< more than one scheduler writes to it: a query of one ends no event of another
    Seconds event_settled{60}; ///< an ended event is over after this time
};

/// A scheduler is busy from an event's OBJECT BEGIN until the event is over: OBJECT END and then the next QUERY BEGIN,
/// the end of the scheduler, or event_settled without a further line. An event that began and that a new start of the
/// scheduler followed (its QUERY BEGIN) was cut off and is over. Texts without any marker are unknown, never quiet.
/// Of the two times that a line of an hour shown twice can mean, it is the later one that is not after the next line or
/// the file.
SchedulerLog parse_scheduler_log(std::string_view text, const SchedulerContext& context);

/// Reads at most limit bytes of the newest part (a log with SCHEDLOGMAX wraps within its file; links are followed) and
/// parses them. Fills path, modified and whole by itself. A log that is missing or cannot be read is unknown, with why.
SchedulerLog read_scheduler_log(FileSystem& files, const std::string& path, std::uint64_t limit,
                                SchedulerContext context);

/// The newest part, for people: whole lines from the last record on that was written at or before `since` (the query or
/// the event that led to what is explained), at most limit bytes. Without such a record, the last lines. Throws Error
/// file_not_found, access_denied, io_error.
std::string scheduler_log_since(FileSystem& files, const std::string& path, std::uint64_t limit, UnixTime since,
                                SchedulerContext context);

} // namespace autodeploy
