#include "platform/linux/process_handle.h"

#include "platform/linux/proc_file.h"
#include "platform/linux/proc_text.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace autodeploy {
namespace {

int open_handle(std::int64_t id) {
#ifdef SYS_pidfd_open
    return int(::syscall(SYS_pidfd_open, pid_t(id), 0U));
#else
    return id < 0 ? 0 : -1;
#endif
}

} // namespace

std::optional<std::string> start_of_process(std::int64_t id) {
    const auto stat = parse_proc_stat(proc_file("/proc/" + std::to_string(id) + "/stat"));
    if (!stat || stat->state == 'Z' || stat->state == 'X') return std::nullopt;
    return stat->started;
}

ProcessHandle::ProcessHandle(std::int64_t id, std::string started)
    : id_(id), started_(std::move(started)), handle_(open_handle(id)) {
    // The handle may be that of a successor; what it is cannot change any more.
    if (handle_ && start_of_process(id_) != started_) handle_.close();
}

bool ProcessHandle::has_ended() const {
    return start_of_process(id_) != started_;
}

bool ProcessHandle::wait(Milliseconds time) const {
    using std::chrono::steady_clock;
    const auto end = steady_clock::now() + time;
    while (!has_ended()) {
        const auto left = std::chrono::ceil<Milliseconds>(end - steady_clock::now()).count();
        if (left <= 0) return false;
        if (handle_) {
            pollfd ended{handle_.get(), POLLIN, 0};
            ::poll(&ended, 1, int(std::min<std::int64_t>(left, 60'000)));
        } else {
            const timespec pause{0, 10'000'000};
            ::nanosleep(&pause, nullptr);
        }
    }
    return true;
}

void ProcessHandle::signal(int number) const {
#ifdef SYS_pidfd_send_signal
    if (handle_) {
        ::syscall(SYS_pidfd_send_signal, handle_.get(), number, nullptr, 0U);
        return;
    }
#endif
    if (!has_ended()) ::kill(pid_t(id_), number);
}

} // namespace autodeploy
