#include "platform/posix/child_process.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace autodeploy {
namespace {

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

} // namespace

std::vector<std::string> exact_environment(const Command& command) {
    std::map<std::string, std::string> variables = command.environment;
    variables.try_emplace("LC_ALL", "C");
    variables.try_emplace("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    std::vector<std::string> texts;
    for (const auto& [name, value] : variables)
        texts.push_back(name + "=" + value);
    return texts;
}

ProgramImage::ProgramImage(const Command& command) : environment_(exact_environment(command)) {
    if (command.program.empty() || command.program.front() != '/')
        throw Error("tool_missing", "cannot start \"" + command.program + "\": it is not an absolute path");
    arguments_.push_back(command.program);
    arguments_.insert(arguments_.end(), command.arguments.begin(), command.arguments.end());
    argument_pointers_ = pointers_to(arguments_);
    environment_pointers_ = pointers_to(environment_);
}

void prepare_child(int output, int error, int kept) noexcept {
    ::setsid();
    for (int number = 1; number < NSIG; ++number)
        std::signal(number, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const int input = ::open("/dev/null", O_RDONLY);
    ::dup2(input, 0);
    ::dup2(output, 1);
    ::dup2(error, 2);
    ::dup2(kept, 3);
    ::fcntl(3, F_SETFD, FD_CLOEXEC);
    close_descriptors_from(4);
    ::umask(022);
    if (::chdir("/") != 0) ::_exit(127);
}

Error start_error(const std::string& program, int code) {
    const std::string message = "cannot start " + program + ": " + system_message(code);
    if (code == ENOENT || code == ENOTDIR) return Error("tool_missing", message);
    if (code == EACCES || code == EPERM) return Error("access_denied", message);
    return Error("tool_failed", message, Retry::later);
}

int start_child(const Command& command, int output, int error) {
    const ProgramImage image(command);
    Pipe failure = make_pipe();
    const pid_t process = ::fork();
    if (process < 0) throw start_error(command.program, errno);
    if (process == 0) {
        prepare_child(output, error, failure.write_end.get());
        ::execve(image.program(), image.arguments(), image.environment());
        const int code = errno;
        // The parent hears either this code, or from a successful start the end of the pipe.
        const ssize_t told = ::write(3, &code, sizeof code);
        ::_exit(told == ssize_t(sizeof code) ? 127 : 126);
    }
    failure.write_end.close();
    int code = 0;
    ssize_t got = 0;
    while ((got = ::read(failure.read_end.get(), &code, sizeof code)) < 0 && errno == EINTR) {
    }
    if (got == 0) return process;
    ::waitpid(process, nullptr, 0);
    throw start_error(command.program, got == ssize_t(sizeof code) ? code : EIO);
}

int exit_code_of(int wait_status) {
    if (WIFEXITED(wait_status)) return WEXITSTATUS(wait_status);
    if (WIFSIGNALED(wait_status)) return 128 + WTERMSIG(wait_status);
    return -1;
}

ExitWatch::ExitWatch(int process) {
    Pipe pipe = make_pipe();
    ended_ = std::move(pipe.read_end);
    // Signals are for the threads that expect them.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    waiter_ = std::thread([process, held = std::move(pipe.write_end)] {
        siginfo_t info{};
        while (::waitid(P_PID, id_t(process), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
        }
    });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

ExitWatch::~ExitWatch() {
    if (waiter_.joinable()) waiter_.join();
}

void ExitWatch::give_up() {
    waiter_.detach();
}

} // namespace autodeploy
