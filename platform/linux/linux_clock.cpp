#include "platform/linux/linux_clock.h"

#include "platform/error.h"

#include <fstream>
#include <iterator>

namespace autodeploy {
namespace {

std::string content_of(const char* path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

} // namespace

std::string LinuxClock::boot_id() {
    std::string kernel = content_of("/proc/sys/kernel/random/boot_id");
    while (!kernel.empty() && kernel.back() == '\n')
        kernel.pop_back();
    if (kernel.empty())
        throw Error("io_error", "cannot tell one start of the machine from another: "
                                "/proc/sys/kernel/random/boot_id is not readable; mount /proc");
    // A container has the kernel's identity but starts by itself: the age of its first process tells that.
    const std::string first = content_of("/proc/1/stat");
    std::size_t at = first.rfind(')');
    for (int field = 2; field < 22 && at != std::string::npos; ++field)
        at = first.find(' ', at + 1);
    return at == std::string::npos ? kernel : kernel + "-" + first.substr(at + 1, first.find(' ', at + 1) - at - 1);
}

} // namespace autodeploy
