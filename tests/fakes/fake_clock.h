#pragma once

#include "platform/clock.h"

#include <atomic>
#include <functional>
#include <string>

namespace autodeploy {

/// Time that passes only when somebody sleeps or the test says so. Threads may share it.
class FakeClock : public Clock {
  public:
    explicit FakeClock(UnixTime now = 1795896000) : now_(now) {} ///< 2026-11-28T20:00:00Z, a Saturday

    UnixTime now() override { return now_ + milliseconds_ / 1000; }
    Milliseconds elapsed() override { return Milliseconds(milliseconds_); }
    void sleep(Milliseconds time) override { pass(time); }
    Seconds local_offset(UnixTime) override { return offset; }
    std::string boot_id() override { return boot; }

    /// Both clocks go on; then `passed` is told.
    void pass(Milliseconds time) {
        milliseconds_ += time.count();
        if (passed) passed();
    }
    /// Wall time jumps, elapsed time does not.
    void set(UnixTime now) { now_ = now - milliseconds_ / 1000; }

    std::function<void()> passed;
    Seconds offset{0};
    std::string boot = "boot-1";

  private:
    std::atomic<UnixTime> now_;
    std::atomic<std::int64_t> milliseconds_ = 0;
};

} // namespace autodeploy
