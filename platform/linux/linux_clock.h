#pragma once

#include "platform/posix/posix_clock.h"

namespace autodeploy {

class LinuxClock final : public PosixClock {
  public:
    std::string boot_id() override;
};

} // namespace autodeploy
