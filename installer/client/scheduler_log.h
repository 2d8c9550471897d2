#pragma once

#include "platform/time_units.h"

#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// Whether the client works, as far as that can be told. Unknown is never taken for quiet.
enum class Activity { quiet, busy, unknown };

/// One event of the server's schedule, as the scheduler's log tells it.
struct ScheduledEvent {
    std::string name;            ///< the schedule's: "NIGHTLY"
    std::string scheduled_start; ///< as the server set it: "2026-11-22 21:00:00"
    std::string action; ///< "Command", "Incremental", … as written in the log (may be translated); may be empty
    bool ended = false; ///< its OBJECT END was written
    bool over = false;  ///< ended, and the result was sent or the next query began
    std::optional<int> return_code;   ///< of a finished command, where the log says it
    std::optional<UnixTime> ended_at; ///< time of its OBJECT END
    std::optional<UnixTime> began_at; ///< time of its OBJECT BEGIN

    bool operator==(const ScheduledEvent&) const = default;
};

/// What the log of one scheduler says. Markers and codes are read, never translated words.
struct SchedulerLog {
    std::string path;
    Activity activity = Activity::unknown;
    std::string why;                        ///< for people: "no record of the scheduler in the last 4 MiB"
    std::vector<ScheduledEvent> events;     ///< those of the part that was read, oldest first, at most 64
    std::optional<UnixTime> last_query_end; ///< when the scheduler last had an answer of its server
    std::optional<UnixTime> last_query_begin;
    std::optional<UnixTime> modified; ///< of the file

    bool operator==(const SchedulerLog&) const = default;
};

} // namespace autodeploy
