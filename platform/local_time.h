#pragma once

#include "platform/time_units.h"

#include <functional>

namespace autodeploy {

/// Offset of local time from UTC at that moment, daylight saving counted: Clock::local_offset.
using LocalOffset = std::function<Seconds(UnixTime)>;

/// Of two equal times of an hour that a clock put back shows twice.
enum class WhenTwice { first, second };

/// When the clock on the wall shows that local time (seconds since 1970 as if local time were UTC). A time that it
/// skips when it is put forward is the moment of the change. Pure.
UnixTime utc_of_local(UnixTime local, WhenTwice which, const LocalOffset& offset);

} // namespace autodeploy
