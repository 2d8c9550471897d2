#include "platform/posix/lock_file.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace autodeploy {

LockAttempt lock_whole_file(int descriptor) {
    struct flock range {};
    range.l_type = F_WRLCK;
    range.l_whence = SEEK_SET;
    // The older kind of lock belongs to the process and is lost when any descriptor of the file is closed.
#ifdef F_OFD_SETLK
    const int command = F_OFD_SETLK;
#else
    const int command = F_SETLK;
#endif
    for (;;) {
        if (::fcntl(descriptor, command, &range) == 0) return LockAttempt::held;
        if (errno == EAGAIN || errno == EACCES) return LockAttempt::held_by_another;
        if (errno != EINTR) return LockAttempt::impossible;
    }
}

} // namespace autodeploy
