#pragma once

#include "platform/clock.h"
#include "platform/posix/descriptor.h"

#include <cstdint>
#include <optional>
#include <string>

namespace autodeploy {

/// When the process was started, in the kernel's own count; nothing where it has ended (reaped or not).
std::optional<std::string> start_of_process(std::int64_t id);

/// One process for ever: never another that has come to use its number.
class ProcessHandle {
  public:
    ProcessHandle(std::int64_t id, std::string started);

    bool has_ended() const;
    /// Waits for the end, at most that long; false if it is still there. Wakes at the very end where the kernel can
    /// tell (since 5.3), else looks often.
    bool wait(Milliseconds time) const;
    /// Nothing happens if it has ended.
    void signal(int number) const;

  private:
    std::int64_t id_;
    std::string started_;
    Descriptor handle_; ///< none on an old kernel
};

} // namespace autodeploy
