#pragma once

#include "platform/time_units.h"

#include <string>

namespace autodeploy {

/// Time as the machine has it. Wall time may jump either way; only elapsed() is fit to measure with.
class Clock {
  public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;

    virtual UnixTime now() = 0;
    /// Milliseconds since 1970, for figures that must outlive our process.
    virtual std::int64_t now_ms() { return now() * 1000; }
    /// Since some moment in the past; goes on in one direction while the machine is up.
    virtual Milliseconds elapsed() = 0;
    /// Blocks for that long.
    virtual void sleep(Milliseconds time) = 0;
    /// Offset of local time from UTC at that moment, in seconds; daylight saving counted.
    virtual Seconds local_offset(UnixTime at) = 0;
    /// Another text after each start of the machine.
    virtual std::string boot_id() = 0;
};

} // namespace autodeploy
