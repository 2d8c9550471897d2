#include "platform/linux/linux_clock.h"

#include "platform/error.h"
#include "platform/linux/proc_file.h"

namespace autodeploy {
std::string LinuxClock::boot_id() {
    std::string kernel = proc_file("/proc/sys/kernel/random/boot_id");
    while (!kernel.empty() && kernel.back() == '\n')
        kernel.pop_back();
    if (kernel.empty())
        throw Error("io_error", "cannot tell one start of the machine from another: "
                                "/proc/sys/kernel/random/boot_id is not readable; mount /proc");
    // A container has the kernel's identity but starts by itself: the age of its first process tells that.
    const std::string first = proc_file("/proc/1/stat");
    std::size_t at = first.rfind(')');
    for (int field = 2; field < 22 && at != std::string::npos; ++field)
        at = first.find(' ', at + 1);
    return at == std::string::npos ? kernel : kernel + "-" + first.substr(at + 1, first.find(' ', at + 1) - at - 1);
}

} // namespace autodeploy
