#include "tests/fakes/faults.h"

#include "platform/error.h"

namespace autodeploy {

void Faults::plan(int k, Fault fault) {
    at_ = count_ + k;
    fault_ = fault;
    happened_ = false;
}

void Faults::change(const std::string& what, const std::function<void()>& whole, const std::function<void()>& torn) {
    log.push_back(what);
    if (++count_ != at_) {
        whole();
        return;
    }
    happened_ = true;
    if ((fault_ == Fault::error_torn || fault_ == Fault::crash_torn) && torn) torn();
    if (fault_ == Fault::error || fault_ == Fault::error_torn)
        throw Error("io_error", "cannot " + what + ": planned to fail");
    if (fault_ == Fault::crash_after) whole();
    throw Crash{};
}

} // namespace autodeploy
