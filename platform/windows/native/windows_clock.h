#pragma once

#include "platform/clock.h"

namespace autodeploy {

/// Windows' clock. A start of the machine is told by a registry key that only lives until the next one.
class WindowsClock final : public Clock {
  public:
    UnixTime now() override;
    std::int64_t now_ms() override;
    Milliseconds elapsed() override;
    void sleep(Milliseconds time) override;
    Seconds local_offset(UnixTime at) override;
    std::string boot_id() override;
};

} // namespace autodeploy
