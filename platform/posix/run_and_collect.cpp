#include "platform/posix/run_and_collect.h"

#include "platform/posix/child_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace autodeploy {
namespace {

using Moment = std::chrono::steady_clock::time_point;

constexpr Milliseconds grace_after_terminate{500};
constexpr Milliseconds grace_after_kill{5000};

int milliseconds_until(Moment end) {
    const auto left = std::chrono::ceil<Milliseconds>(end - std::chrono::steady_clock::now()).count();
    return left < 0 ? 0 : int(std::min<std::int64_t>(left, 60'000));
}

/// One stream of the child: what is kept of it, and the rest read away so that the child is never held up.
class Collector {
  public:
    Collector(std::string& text, std::size_t limit) : text_(text), limit_(limit), pipe_(make_pipe()) {
        ::fcntl(pipe_.read_end.get(), F_SETFL, O_NONBLOCK);
    }

    int child_end() const { return pipe_.write_end.get(); }
    void started() { pipe_.write_end.close(); }
    /// -1 once the stream has ended.
    int descriptor() const { return pipe_.read_end.get(); }

    void take_what_is_there() {
        std::array<char, 16384> buffer;
        // Bounded, so that a program that never stops talking does not hide its deadline; a full pipe fits in.
        for (int pieces = 0; pipe_.read_end && pieces < 64; ++pieces) {
            const ssize_t got = ::read(pipe_.read_end.get(), buffer.data(), buffer.size());
            if (got < 0 && errno == EINTR) continue;
            if (got < 0 && errno == EAGAIN) return;
            if (got <= 0) return pipe_.read_end.close();
            text_.append(buffer.data(), std::min(std::size_t(got), limit_ - text_.size()));
            if (std::size_t(got) < buffer.size()) return;
        }
    }

  private:
    std::string& text_;
    std::size_t limit_;
    Pipe pipe_;
};

/// True when the child has ended, false at that moment.
bool collect_until(Moment end, const ExitWatch& watch, Collector& output, Collector& error) {
    for (;;) {
        std::array<pollfd, 3> waits{
            {{watch.descriptor(), POLLIN, 0}, {output.descriptor(), POLLIN, 0}, {error.descriptor(), POLLIN, 0}}};
        const int timeout = milliseconds_until(end);
        const int ready = ::poll(waits.data(), waits.size(), timeout);
        if (ready == 0 && milliseconds_until(end) == 0) return false;
        if (ready <= 0) continue;
        if (waits[1].revents != 0) output.take_what_is_there();
        if (waits[2].revents != 0) error.take_what_is_there();
        if (waits[0].revents != 0) return true;
        if (milliseconds_until(end) == 0) return false;
    }
}

} // namespace

CommandResult run_and_collect(const Command& command) {
    CommandResult result;
    Collector output(result.output, command.output_limit);
    Collector error(result.error, command.output_limit);
    const Moment end = std::chrono::steady_clock::now() + command.deadline;
    const int process = start_child(command, output.child_end(), error.child_end());
    output.started();
    error.started();
    ExitWatch watch(process);
    bool ended = collect_until(end, watch, output, error);
    if (!ended) {
        result.timed_out = true;
        ::kill(-process, SIGTERM);
        collect_until(std::chrono::steady_clock::now() + grace_after_terminate, watch, output, error);
        // Whether or not the program has ended: what it started must not go on. The group's number cannot have been
        // given to anybody else, since the program is not reaped.
        ::kill(-process, SIGKILL);
        ended = collect_until(std::chrono::steady_clock::now() + grace_after_kill, watch, output, error);
    }
    if (!ended) {
        watch.give_up();
        result.exit_code = -1;
        return result;
    }
    // A daemon that was started may hold the streams for ever: what the program itself wrote is in the pipe now.
    output.take_what_is_there();
    error.take_what_is_there();
    int status = 0;
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    result.exit_code = exit_code_of(status);
    return result;
}

} // namespace autodeploy
