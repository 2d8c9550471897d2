#include "platform/posix/lock_file.h"

#include <cerrno>
#include <sys/file.h>

namespace autodeploy {

LockAttempt lock_whole_file(int descriptor) {
    // As flock(1) does: the rescue script and the package's scripts ask for the same lock.
    for (;;) {
        if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return LockAttempt::held;
        if (errno == EWOULDBLOCK) return LockAttempt::held_by_another;
        if (errno != EINTR) return LockAttempt::impossible;
    }
}

void unlock_whole_file(int descriptor) noexcept {
    ::flock(descriptor, LOCK_UN);
}

} // namespace autodeploy
