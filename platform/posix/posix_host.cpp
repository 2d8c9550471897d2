#include "platform/posix/posix_host.h"

#include "platform/error.h"
#include "platform/posix/descriptor.h"

#include <cerrno>
#include <fcntl.h>
#include <future>
#include <memory>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <syslog.h>
#include <thread>
#include <unistd.h>

namespace autodeploy {

namespace {

using Moment = std::chrono::steady_clock::time_point;
using Addresses = std::shared_ptr<addrinfo>;

Addresses look_up(const std::string& address, int port) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &wanted, &found) != 0) return nullptr;
    return Addresses(found, [](addrinfo* list) { ::freeaddrinfo(list); });
}

/// Looking up a name has deadlines of its own that may be far longer: then it is left to end by itself.
Addresses look_up_until(const std::string& address, int port, Moment end) {
    auto promise = std::make_shared<std::promise<Addresses>>();
    std::future<Addresses> answer = promise->get_future();
    std::thread([promise, address, port] { promise->set_value(look_up(address, port)); }).detach();
    return answer.wait_until(end) == std::future_status::ready ? answer.get() : nullptr;
}

bool connects(const addrinfo& address, Moment end) {
    const Descriptor socket(::socket(address.ai_family, address.ai_socktype, address.ai_protocol));
    if (!socket) return false;
    ::fcntl(socket.get(), F_SETFD, FD_CLOEXEC);
    ::fcntl(socket.get(), F_SETFL, O_NONBLOCK);
    if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0) return true;
    if (errno != EINPROGRESS) return false;
    for (;;) {
        const auto left = std::chrono::ceil<Milliseconds>(end - std::chrono::steady_clock::now()).count();
        if (left <= 0) return false;
        pollfd connected{socket.get(), POLLOUT, 0};
        const int ready = ::poll(&connected, 1, int(std::min<std::int64_t>(left, 60'000)));
        if (ready < 0 && errno != EINTR) return false;
        if (ready <= 0) continue;
        int failure = 0;
        socklen_t size = sizeof failure;
        return ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &failure, &size) == 0 && failure == 0;
    }
}

} // namespace

bool PosixHost::is_administrator() {
    return ::geteuid() == 0;
}

bool PosixHost::reaches(const std::string& address, int port, Milliseconds time) {
    const Moment end = std::chrono::steady_clock::now() + time;
    const Addresses addresses = look_up_until(address, port, end);
    for (const addrinfo* one = addresses.get(); one != nullptr; one = one->ai_next)
        if (connects(*one, end)) return true;
    return false;
}

std::vector<std::string> PosixHost::pending_renames(const std::vector<std::string>&) {
    return {};
}

void PosixHost::request_restart(const std::string&, Seconds) {
    throw Error("restart_refused", "cannot restart the machine: that is not supported on this system, where no package "
                                   "of the client needs it");
}

void PosixHost::log(int priority, const std::string& message) {
    ::openlog("autodeploy", LOG_PID, LOG_DAEMON);
    ::syslog(priority, "%s", message.c_str());
}

std::string event_line(const LogEvent& event) {
    std::string line = event.message + " [" + event.id;
    for (const auto& [name, value] : event.fields) {
        if (value.empty()) continue;
        const bool plain = value.find_first_of(" \t\n\"]") == std::string::npos;
        line += " " + name + "=";
        if (!plain) line += '"';
        for (const char letter : value)
            line += letter == '"' ? '\'' : letter == '\n' ? ' ' : letter;
        if (!plain) line += '"';
    }
    return line + "]";
}

void PosixHost::log_event(const LogEvent& event) {
    log(event.priority, event_line(event));
}

} // namespace autodeploy
