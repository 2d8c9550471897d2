#include "platform/linux/lock_holder.h"

#include "platform/posix/descriptor.h"

#include <fcntl.h>
#include <unistd.h>

namespace autodeploy {

std::optional<std::string> holder_of_lock(const std::string& path, ProcessTable& processes) {
    const Descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    if (!file) return std::nullopt;
    struct flock range {};
    range.l_type = F_WRLCK;
    range.l_whence = SEEK_SET;
    if (::fcntl(file.get(), F_GETLK, &range) != 0 || range.l_type == F_UNLCK) return std::nullopt;
    std::string program;
    for (const Process& process : processes.list())
        if (process.id == range.l_pid) program = " (" + process.program + ")";
    return "process " + std::to_string(range.l_pid) + program + " holds " + path;
}

} // namespace autodeploy
