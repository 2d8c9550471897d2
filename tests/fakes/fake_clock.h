#pragma once

#include "platform/clock.h"

namespace autodeploy {

/// Stands still, but for sleep(), which passes at once.
class FakeClock : public Clock {
  public:
    UnixTime now() override { return time; }
    Milliseconds elapsed() override { return passed; }
    void sleep(Milliseconds length) override {
        passed += length;
        time += length.count() / 1000;
    }
    Seconds local_offset(UnixTime) override { return Seconds(0); }
    std::string boot_id() override { return "boot"; }

    UnixTime time = 1800000000; ///< 2027-01-15T08:00:00Z
    Milliseconds passed{0};
};

} // namespace autodeploy
