#include "platform/posix/descriptor.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace autodeploy {

void close_descriptors_from(int first) noexcept {
    if (::syscall(SYS_close_range, unsigned(first), ~0U, 0U) == 0) return;
    rlimit limit{};
    const rlim_t last =
        ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? limit.rlim_cur : 65536;
    for (int number = first; rlim_t(number) < last; ++number)
        ::close(number);
}

} // namespace autodeploy
