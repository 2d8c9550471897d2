#pragma once

#include "installer/client/scheduler_log.h"
#include "installer/detection.h"
#include "platform/time_units.h"

#include <cstdint>
#include <string>
#include <vector>

namespace autodeploy {

/// Which event of the server ran our trigger: its result has to reach the server before the scheduler is stopped.
struct TriggerOrigin {
    UnixTime accepted_at = 0;
    std::int64_t process = 0; ///< of the client, that ran the trigger; 0 where it is not known
    std::string started;      ///< of that process, as Process::started
    bool operator==(const TriggerOrigin&) const = default;
};

struct QuietInput {
    std::vector<TriggerOrigin> origins;      ///< of every request that this deployment answers
    std::vector<std::int64_t> own_processes; ///< ours: what they run of the client (our own retrieval) is no activity
};

/// Whether the client may be stopped now.
struct ClientActivity {
    Activity activity = Activity::unknown;
    std::vector<std::string> reasons; ///< for people: what keeps it from being quiet
    std::vector<std::string> notes;   ///< what was seen and does not count
    bool operator==(const ClientActivity&) const = default;
};

/// Pure. Busy: an event of a schedule that is not over, a program of the client that belongs to no scheduler, the
/// trigger's own event not yet reported. Unknown, and never quiet: a log that is missing or unreadable, options or
/// processes that cannot be told. Other software that only has the client's libraries in its memory is a matter of the
/// requirement api-users: it would be so for ever.
ClientActivity client_activity(const Detection& detection, const QuietInput& input);

} // namespace autodeploy
