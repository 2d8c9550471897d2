#pragma once

#include "tests/fakes/fake_file_system.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// What goes wrong at one call that changes the fake machine.
enum class Fault {
    error,        ///< the call does nothing and throws Error
    error_torn,   ///< the call does half and throws Error
    crash_before, ///< we die, nothing was done
    crash_torn,   ///< we die, half was done
    crash_after,  ///< we die, all was done
};

/// Counts every change of a fake machine, whatever interface it comes through, and lets the k-th go wrong.
class Faults {
  public:
    /// The k-th change from now on (1 is the next); nothing else goes wrong. Forgets what was planned before.
    void plan(int k, Fault fault);
    void none() { at_ = 0; }
    bool happened() const { return happened_; }
    int count() const { return count_; }
    void reset_count() { count_ = 0; }

    /// Makes the change, or the fault. torn: what half of it leaves; nothing where there is no half.
    void change(const std::string& what, const std::function<void()>& whole, const std::function<void()>& torn = {});

    std::vector<std::string> log;

  private:
    int count_ = 0;
    int at_ = 0;
    Fault fault_ = Fault::error;
    bool happened_ = false;
};

} // namespace autodeploy
