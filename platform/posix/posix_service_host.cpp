#include "platform/posix/posix_service_host.h"

#include "platform/error.h"
#include "platform/posix/file_error.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace autodeploy {
namespace {

/// Written by the handler, which can be given nothing.
std::atomic<int> signals_seen{0};
std::atomic<int> signal_pipe{-1};

extern "C" void on_signal(int) {
    const int saved = errno;
    ++signals_seen;
    [[maybe_unused]] const ssize_t written = ::write(signal_pipe, "s", 1);
    errno = saved;
}

void set_flags(int descriptor) {
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

void drain(int descriptor) {
    char bytes[64];
    while (::read(descriptor, bytes, sizeof bytes) > 0) {
    }
}

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

[[noreturn]] void refuse(const std::string& verb) {
    throw Error("not_supported", "cannot " + verb + " the service: on this system the package of autodeploy does so");
}

} // namespace

PosixServiceHost::PosixServiceHost(const std::string& runtime)
    : fifo_path_(runtime + "/wake"), notify_path_(environment("NOTIFY_SOCKET")) {
    // Programs that we start are nobody's service and must not speak for us.
    ::unsetenv("NOTIFY_SOCKET");
    const std::string period = environment("WATCHDOG_USEC");
    const std::string process = environment("WATCHDOG_PID");
    if (process.empty() || process == std::to_string(::getpid()))
        watchdog_ = Milliseconds(std::strtoll(period.c_str(), nullptr, 10) / 1000);
    ::unsetenv("WATCHDOG_USEC");
    ::unsetenv("WATCHDOG_PID");
}

PosixServiceHost::~PosixServiceHost() {
    if (!catching_) return;
    ::signal(SIGTERM, SIG_DFL);
    ::signal(SIGINT, SIG_DFL);
    signal_pipe = -1;
}

Wake PosixServiceHost::wait(Milliseconds time) {
    catch_signals();
    if (take_stop()) return Wake::stop;
    pollfd watched[2] = {{pipe_.read_end.get(), POLLIN, 0}, {fifo_.get(), POLLIN, 0}};
    const auto longest = std::clamp<std::int64_t>(time.count(), 0, 3600 * 1000);
    const int found = ::poll(watched, fifo_ ? 2 : 1, int(longest));
    drain(pipe_.read_end.get());
    if (fifo_) drain(fifo_.get());
    if (take_stop()) return Wake::stop;
    return found > 0 ? Wake::poked : Wake::time_over;
}

void PosixServiceHost::interrupt() {
    catch_signals();
    [[maybe_unused]] const ssize_t written = ::write(pipe_.write_end.get(), "i", 1);
}

bool PosixServiceHost::stop_asked() {
    return signals_seen > 0;
}

void PosixServiceHost::become_service() {
    if (::mkfifo(fifo_path_.c_str(), 0600) != 0 && errno != EEXIST)
        throw file_error("make the pipe", fifo_path_, errno);
    // For reading and writing: a pipe without a writer would be at its end all the time.
    Descriptor fifo(::open(fifo_path_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
    struct stat status {};
    if (!fifo || ::fstat(fifo.get(), &status) != 0) throw file_error("open the pipe", fifo_path_, errno);
    if (!S_ISFIFO(status.st_mode) || status.st_uid != ::geteuid())
        throw file_refused("use the pipe", fifo_path_, "it is no pipe of ours; remove it");
    fifo_ = std::move(fifo);
}

bool PosixServiceHost::poke_service() {
    const Descriptor fifo(::open(fifo_path_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
    struct stat status {};
    if (!fifo || ::fstat(fifo.get(), &status) != 0 || !S_ISFIFO(status.st_mode)) return false;
    // A full pipe wakes as well.
    return ::write(fifo.get(), "p", 1) == 1 || errno == EAGAIN;
}

void PosixServiceHost::ready() {
    notify("READY=1");
}
void PosixServiceHost::stopping() {
    stopping_ = true;
    notify("STOPPING=1");
}
void PosixServiceHost::status(const std::string& line) {
    std::string text = line;
    std::replace(text.begin(), text.end(), '\n', ' ');
    notify("STATUS=" + text);
}
void PosixServiceHost::alive() {
    notify(stopping_ ? "WATCHDOG=1\nEXTEND_TIMEOUT_USEC=120000000" : "WATCHDOG=1");
}

void PosixServiceHost::install_service(const std::string&) {
    refuse("install");
}
void PosixServiceHost::uninstall_service() {
    refuse("uninstall");
}

std::string PosixServiceHost::caller() {
    const passwd* entry = ::getpwuid(::getuid());
    std::string name = entry ? entry->pw_name : "uid " + std::to_string(::getuid());
    const std::string person = environment("SUDO_USER");
    if (::getuid() == 0 && !person.empty()) name += " for " + person;
    return name;
}

std::int64_t PosixServiceHost::process_id() {
    return ::getpid();
}

bool PosixServiceHost::colour_terminal() {
    const std::string terminal = environment("TERM");
    return ::isatty(STDOUT_FILENO) == 1 && !terminal.empty() && terminal != "dumb" && environment("NO_COLOR").empty();
}

void PosixServiceHost::catch_signals() {
    const std::lock_guard guard(mutex_);
    if (catching_) return;
    pipe_ = make_pipe();
    set_flags(pipe_.read_end.get());
    set_flags(pipe_.write_end.get());
    signal_pipe = pipe_.write_end.get();
    struct sigaction action {};
    action.sa_handler = on_signal;
    ::sigaction(SIGTERM, &action, nullptr);
    ::sigaction(SIGINT, &action, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    catching_ = true;
}

bool PosixServiceHost::take_stop() {
    const int seen = signals_seen;
    return std::exchange(signals_told_, seen) != seen;
}

/// The protocol of systemd: one datagram for each message.
void PosixServiceHost::notify(const std::string& message) {
    sockaddr_un address{};
    if (notify_path_.empty() || notify_path_.size() >= sizeof address.sun_path) return;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, notify_path_.data(), notify_path_.size());
    if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
    const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM, 0));
    if (!socket) return;
    set_flags(socket.get());
    const auto length = socklen_t(offsetof(sockaddr_un, sun_path) + notify_path_.size());
    ::sendto(socket.get(), message.data(), message.size(), 0, reinterpret_cast<const sockaddr*>(&address), length);
}

} // namespace autodeploy
