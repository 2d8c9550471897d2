#include "platform/linux/proc_file.h"

#include "platform/posix/descriptor.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace autodeploy {

std::string proc_file(const std::string& path) {
    // Streams of the standard library throw when a process goes away while its file is read.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::string text;
    if (!file) return text;
    std::array<char, 16384> buffer;
    for (;;) {
        const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return {};
        if (got == 0) return text;
        text.append(buffer.data(), std::size_t(got));
    }
}

} // namespace autodeploy
