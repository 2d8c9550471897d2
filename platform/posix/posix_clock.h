#pragma once

#include "platform/clock.h"

namespace autodeploy {

/// All of Clock but boot_id(), for which every system has a place of its own.
class PosixClock : public Clock {
  public:
    UnixTime now() override;
    std::int64_t now_ms() override;
    Milliseconds elapsed() override;
    void sleep(Milliseconds time) override;
    Seconds local_offset(UnixTime at) override;
};

} // namespace autodeploy
