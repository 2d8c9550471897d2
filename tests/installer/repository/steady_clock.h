#pragma once

#include "platform/clock.h"

#include <chrono>
#include <vector>

namespace autodeploy {

/// Real elapsed time, for real sockets; sleeping is only written down.
class SteadyClock final : public Clock {
  public:
    UnixTime now() override { return wall; }
    Milliseconds elapsed() override {
        return slept + std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
    }
    void sleep(Milliseconds time) override {
        sleeps.push_back(time);
        slept += time;
    }
    Seconds local_offset(UnixTime) override { return Seconds(0); }
    std::string boot_id() override { return "boot"; }

    UnixTime wall = 1'800'000'000;
    std::vector<Milliseconds> sleeps;
    Milliseconds slept{0};
};

} // namespace autodeploy
