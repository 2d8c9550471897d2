#include "platform/posix/session_command_runner.h"

#include "platform/error.h"
#include "platform/posix/child_process.h"
#include "platform/posix/file_error.h"
#include "platform/posix/open_file.h"
#include "platform/posix/run_and_collect.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace autodeploy {
namespace {

constexpr Milliseconds between_looks{10};
constexpr Milliseconds between_process_lists{1000};
constexpr std::size_t output_limit = 1 << 20;

std::string exit_path(const std::string& record_path) {
    return record_path + ".exit";
}

/// Everything that the keeper needs, made before the fork: between fork and exec nothing may be allocated.
struct KeeperOrders {
    ProgramImage image;
    std::string exit_file;
    std::string exit_file_new;
};

void write_exit_code(const KeeperOrders& orders, int code) noexcept {
    char digits[16];
    const auto end = std::to_chars(digits, digits + sizeof digits - 1, code).ptr;
    *end = '\n';
    const ssize_t size = end - digits + 1;
    const int file = ::open(orders.exit_file_new.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
    if (file < 0 || ::write(file, digits, std::size_t(size)) != size || ::fsync(file) != 0) return;
    ::rename(orders.exit_file_new.c_str(), orders.exit_file.c_str());
}

/// The keeper's life; never returns. Descriptor 3 leads to us.
[[noreturn]] void keep(const KeeperOrders& orders) noexcept {
    char word = 0;
    // Nobody gives the word where we died before the record was written: then nothing must run.
    if (::read(3, &word, 1) != 1) ::_exit(0);
    const pid_t tool = ::fork();
    if (tool == 0) {
        ::execve(orders.image.program(), orders.image.arguments(), orders.image.environment());
        ::_exit(errno == ENOENT ? 127 : 126);
    }
    for (const int number : {SIGHUP, SIGINT, SIGTERM, SIGQUIT})
        std::signal(number, SIG_IGN);
    int status = 0;
    if (tool > 0)
        while (::waitpid(tool, &status, 0) < 0 && errno == EINTR) {
        }
    write_exit_code(orders, tool < 0 ? 126 : exit_code_of(status));
    ::_exit(0);
}

/// A process that is not our child, so that it leaves no zombie in a long life of ours. It waits for our word.
struct Keeper {
    pid_t process = -1;
    Descriptor line;
};

Keeper start_keeper(const KeeperOrders& orders, int output) {
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) throw start_error(orders.image.program(), errno);
    Descriptor ours(ends[0]);
    Descriptor its(ends[1]);
    ::fcntl(ours.get(), F_SETFD, FD_CLOEXEC);
    ::fcntl(its.get(), F_SETFD, FD_CLOEXEC);
    const pid_t between = ::fork();
    if (between < 0) throw start_error(orders.image.program(), errno);
    if (between == 0) {
        prepare_child(output, output, its.get());
        const pid_t keeper = ::fork();
        if (keeper == 0) keep(orders);
        ::_exit(::write(3, &keeper, sizeof keeper) == ssize_t(sizeof keeper) ? 0 : 1);
    }
    its.close();
    Keeper keeper{-1, std::move(ours)};
    const std::size_t got = read_some(keeper.line.get(), reinterpret_cast<char*>(&keeper.process),
                                      sizeof keeper.process, "the line to a new process");
    while (::waitpid(between, nullptr, 0) < 0 && errno == EINTR) {
    }
    if (got != sizeof keeper.process || keeper.process < 0) throw start_error(orders.image.program(), EAGAIN);
    return keeper;
}

} // namespace

SessionCommandRunner::SessionCommandRunner(FileSystem& files, Clock& clock, ProcessTable& processes,
                                           const std::string& state_directory)
    : files_(files), clock_(clock), processes_(processes), records_(files, clock, state_directory) {}

CommandResult SessionCommandRunner::run(const Command& command) {
    return run_and_collect(command);
}

CommandResult SessionCommandRunner::run_detached(const DetachedCommand& command) {
    const ProgramImage image(command.command);
    if (::access(image.program(), X_OK) != 0) throw start_error(command.command.program, errno);
    if (detached_state(command.name) == DetachedState::running)
        throw Error("tool_failed",
                    "cannot start " + command.command.program + ": " + command.name + " is still running; wait for it",
                    Retry::later);
    DetachedRecord record = records_.begin(command);
    const std::string exit_file = exit_path(records_.path_of(command.name));
    files_.remove_durably(exit_file);
    const KeeperOrders orders{ProgramImage(command.command), exit_file, exit_file + ".new"};
    const Descriptor output = open_at(place_of(command.output_path, "write"), O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (!output) throw file_error("write", command.output_path, errno);
    const Keeper keeper = start_keeper(orders, output.get());
    record.process = keeper.process;
    for (const Process& process : processes_.list())
        if (process.id == keeper.process) record.process_start = process.started;
    if (record.process_start.empty()) throw start_error(command.command.program, ESRCH);
    record.started = true;
    records_.save(record);
    write_all(keeper.line.get(), "!", "the line to " + command.name);
    return wait_detached(command.name, command.command.deadline);
}

DetachedState SessionCommandRunner::detached_state(const std::string& name) {
    std::optional<DetachedRecord> record = records_.find(name);
    return record ? state_of(*record) : DetachedState::unknown;
}

bool SessionCommandRunner::is_alive(const DetachedRecord& record) {
    const std::vector<Process> all = processes_.list();
    return std::any_of(all.begin(), all.end(), [&](const Process& process) {
        return process.id == record.process && process.started == record.process_start;
    });
}

std::optional<int> SessionCommandRunner::written_exit_code(const std::string& name) {
    const std::string path = exit_path(records_.path_of(name));
    if (!files_.status(path)) return std::nullopt;
    const std::string text = files_.read(path, 64);
    int code = -1;
    std::from_chars(text.data(), text.data() + text.size(), code);
    return code;
}

/// What is learned of the exit code goes into the record.
DetachedState SessionCommandRunner::state_of(DetachedRecord& record) {
    if (!record.started) return DetachedState::unknown;
    if (record.exit_code) return DetachedState::ended;
    // In this order: the keeper writes the code before it ends.
    const bool alive = is_alive(record);
    const std::optional<int> code = written_exit_code(record.name);
    if (alive && !code) return DetachedState::running;
    record.exit_code = code.value_or(-1);
    records_.save(record);
    return DetachedState::ended;
}

CommandResult SessionCommandRunner::wait_detached(const std::string& name, Milliseconds time) {
    CommandResult result;
    result.exit_code = -1;
    std::optional<DetachedRecord> record = records_.find(name);
    if (!record || !record->started) return result;
    const Milliseconds end = clock_.elapsed() + time;
    while (state_of(*record) == DetachedState::running) {
        // The file with the exit code shows the end at once; a keeper that is gone without it is rare and costly to
        // see.
        const Milliseconds next_look = std::min(end, clock_.elapsed() + between_process_lists);
        while (clock_.elapsed() < next_look && !written_exit_code(name))
            clock_.sleep(between_looks);
        if (clock_.elapsed() >= end && !written_exit_code(name)) {
            result.timed_out = true;
            break;
        }
    }
    result.exit_code = record->exit_code.value_or(-1);
    result.output = records_.output(*record, output_limit);
    return result;
}

void SessionCommandRunner::end_scriptlets(const std::string& name) {
    const std::optional<DetachedRecord> record = records_.find(name);
    if (!record || !record->started || record->exit_code) return;
    for (const Process& process : processes_.list())
        if (process.parent == record->process) end_descendants(processes_, process.id);
}

} // namespace autodeploy
