#include "platform/posix/descriptor.h"

#include "platform/error.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace autodeploy {

void Descriptor::close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
}

Pipe make_pipe() {
    int ends[2] = {-1, -1};
    if (::pipe(ends) != 0) throw Error("tool_failed", "cannot make a pipe: " + system_message(errno), Retry::later);
    Pipe pipe{Descriptor(ends[0]), Descriptor(ends[1])};
    // Where our own standard streams are closed, the pipe may have got their numbers.
    for (Descriptor* end : {&pipe.read_end, &pipe.write_end}) {
        Descriptor above(::fcntl(end->get(), F_DUPFD_CLOEXEC, 3));
        if (!above) throw Error("tool_failed", "cannot make a pipe: " + system_message(errno), Retry::later);
        *end = std::move(above);
    }
    return pipe;
}

} // namespace autodeploy
