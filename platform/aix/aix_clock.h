#pragma once

#include "platform/posix/posix_clock.h"

namespace autodeploy {

class AixClock final : public PosixClock {
  public:
    /// The moment of the boot, from the system's record of who is logged on.
    std::string boot_id() override;
};

} // namespace autodeploy
