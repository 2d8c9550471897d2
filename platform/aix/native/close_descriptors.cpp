#include "platform/posix/descriptor.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace autodeploy {

void close_descriptors_from(int first) noexcept {
#ifdef F_CLOSEM
    // AIX closes all from there on in one call.
    if (::fcntl(first, F_CLOSEM, 0) == 0) return;
#endif
    rlimit limit{};
    const rlim_t last =
        ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536 ? limit.rlim_cur : rlim_t(65536);
    for (int number = first; rlim_t(number) < last; ++number)
        ::close(number);
}

} // namespace autodeploy
