// Runs a command and breaks it off at exactly one of the calls by which it changes anything outside of itself. All
// threads are counted together, in the order in which the kernel sees them; every other call runs at full speed.
//
// Usage: break_off [OPTION…] COMMAND…
//   --log FILE         one line for each counted call, and one that says what was done
//   --from TEXT        counting begins at the first call on a path that holds TEXT
//   --only TEXT        only calls on a path that ends in TEXT are counted
//   --children         its children count too; the process that makes the call is the one that is killed
//   --kill N           SIGKILL before the N-th call, which is not made
//   --kill-after N     SIGKILL when the N-th call was made
//   --freeze N FILE    before the N-th call everything that is traced stands still, and FILE is made
//
// The command keeps this process; who traces it is a child in a cgroup of its own, and stays for the children's sake
// when the command is killed.
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <map>
#include <string>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

enum class On { nothing, path, second_path, descriptor };
struct Call {
    long number;
    const char* name;
    On on;
};

// What happens between two of these leaves no trace, so a kill at each of them is a kill everywhere.
constexpr Call calls[] = {
    {SYS_write, "write", On::descriptor},
    {SYS_pwrite64, "pwrite64", On::descriptor},
    {SYS_writev, "writev", On::descriptor},
    {SYS_fsync, "fsync", On::descriptor},
    {SYS_fdatasync, "fdatasync", On::descriptor},
    {SYS_sync_file_range, "sync_file_range", On::descriptor},
    {SYS_syncfs, "syncfs", On::descriptor},
    {SYS_sync, "sync", On::nothing},
    {SYS_ftruncate, "ftruncate", On::descriptor},
    {SYS_truncate, "truncate", On::path},
    {SYS_fallocate, "fallocate", On::descriptor},
    {SYS_copy_file_range, "copy_file_range", On::nothing},
    {SYS_sendfile, "sendfile", On::nothing},
    {SYS_open, "open", On::path},
    {SYS_openat, "openat", On::second_path},
    {SYS_creat, "creat", On::path},
    {SYS_rename, "rename", On::path},
    {SYS_renameat, "renameat", On::second_path},
    {SYS_renameat2, "renameat2", On::second_path},
    {SYS_unlink, "unlink", On::path},
    {SYS_unlinkat, "unlinkat", On::second_path},
    {SYS_rmdir, "rmdir", On::path},
    {SYS_mkdir, "mkdir", On::path},
    {SYS_mkdirat, "mkdirat", On::second_path},
    {SYS_link, "link", On::path},
    {SYS_linkat, "linkat", On::second_path},
    {SYS_symlink, "symlink", On::path},
    {SYS_symlinkat, "symlinkat", On::path},
    {SYS_mknod, "mknod", On::path},
    {SYS_mknodat, "mknodat", On::second_path},
    {SYS_chmod, "chmod", On::path},
    {SYS_fchmod, "fchmod", On::descriptor},
    {SYS_fchmodat, "fchmodat", On::second_path},
    {SYS_chown, "chown", On::path},
    {SYS_lchown, "lchown", On::path},
    {SYS_fchown, "fchown", On::descriptor},
    {SYS_fchownat, "fchownat", On::second_path},
    {SYS_setxattr, "setxattr", On::path},
    {SYS_lsetxattr, "lsetxattr", On::path},
    {SYS_fsetxattr, "fsetxattr", On::descriptor},
    {SYS_removexattr, "removexattr", On::path},
    {SYS_lremovexattr, "lremovexattr", On::path},
    {SYS_fremovexattr, "fremovexattr", On::descriptor},
    {SYS_utimensat, "utimensat", On::second_path},
    {SYS_fork, "fork", On::nothing},
    {SYS_vfork, "vfork", On::nothing},
    {SYS_clone, "clone", On::nothing},
    {SYS_clone3, "clone3", On::nothing},
    {SYS_execve, "execve", On::path},
    {SYS_sendto, "sendto", On::nothing},
    {SYS_sendmsg, "sendmsg", On::nothing},
    {SYS_kill, "kill", On::nothing},
    {SYS_flock, "flock", On::descriptor},
};

struct Order {
    std::string log = "/dev/null", from, only, frozen;
    bool children = false;
    long kill = 0, kill_after = 0, freeze = 0;
    char** command = nullptr;
};

[[noreturn]] void give_up(const char* what) {
    std::fprintf(stderr, "break_off: %s: %s\n", what, std::strerror(errno));
    std::_Exit(125);
}

Order read_order(char** argument) {
    Order order;
    const auto number = [&] { return std::strtol(*++argument, nullptr, 10); };
    for (; *argument != nullptr && std::strncmp(*argument, "--", 2) == 0; ++argument) {
        const std::string option = *argument;
        if (option == "--children") {
            order.children = true;
            continue;
        }
        if (argument[1] == nullptr) break;
        if (option == "--log") order.log = *++argument;
        if (option == "--from") order.from = *++argument;
        if (option == "--only") order.only = *++argument;
        if (option == "--kill") order.kill = number();
        if (option == "--kill-after") order.kill_after = number();
        if (option == "--freeze") {
            order.freeze = number();
            order.frozen = *++argument;
        }
    }
    order.command = argument;
    return order;
}

/// Only the calls of the list stop for the tracer, and openings only where they may make or empty a file.
void install_filter() {
    std::vector<sock_filter> filter;
    const auto load = [&](std::size_t offset) {
        filter.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, std::uint32_t(offset)));
    };
    load(offsetof(seccomp_data, nr));
    for (const Call& call : calls) {
        if (call.number == SYS_open || call.number == SYS_openat) {
            filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, std::uint32_t(call.number), 0, 4));
            load(offsetof(seccomp_data, args) + (call.number == SYS_open ? 1 : 2) * sizeof(std::uint64_t));
            filter.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_CREAT | O_TRUNC, 1, 0));
            filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
            filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE));
            continue;
        }
        filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, std::uint32_t(call.number), 0, 1));
        filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE));
    }
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
    // Without the right to, children that change their user could not.
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) give_up("seccomp");
}

class Tracer {
  public:
    Tracer(const Order& order, pid_t victim) : order_(order), victim_(victim) {
        log_ = open(order.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }

    void run() {
        int status = 0;
        pid_t thread = 0;
        while ((thread = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
            if (thread <= 0 || !WIFSTOPPED(status)) continue;
            stopped(thread, status);
        }
    }

  private:
    void stopped(pid_t thread, int status) {
        const int event = status >> 16, signal = WSTOPSIG(status);
        if (signal == (SIGTRAP | 0x80)) {
            if (thread == awaited_) strike(thread, "after");
            ptrace(PTRACE_CONT, thread, nullptr, nullptr);
        } else if (event == PTRACE_EVENT_SECCOMP) {
            called(thread);
        } else if (event == PTRACE_EVENT_STOP && (signal == SIGSTOP || signal == SIGTSTP)) {
            ptrace(PTRACE_LISTEN, thread, nullptr, nullptr);
        } else if (event != 0) {
            ptrace(PTRACE_CONT, thread, nullptr, nullptr);
        } else {
            ptrace(PTRACE_CONT, thread, nullptr, reinterpret_cast<void*>(std::intptr_t(signal)));
        }
    }

    void called(pid_t thread) {
        user_regs_struct registers{};
        ptrace(PTRACE_GETREGS, thread, nullptr, &registers);
        const Call* call = nullptr;
        for (const Call& known : calls)
            if (known.number == long(registers.orig_rax)) call = &known;
        if (call != nullptr && counts(thread, *call, registers)) {
            note(std::to_string(count_) + " " + std::to_string(thread) + " " + call->name + " " + path_);
            if (count_ == order_.kill) strike(thread, "before");
            if (count_ == order_.freeze) freeze();
            if (count_ == order_.kill_after) {
                awaited_ = thread;
                ptrace(PTRACE_SYSCALL, thread, nullptr, nullptr);
                return;
            }
        }
        ptrace(PTRACE_CONT, thread, nullptr, nullptr);
    }

    bool counts(pid_t thread, const Call& call, const user_regs_struct& registers) {
        if (struck_ || (!order_.children && group_of(thread) != victim_)) return false;
        path_.clear();
        switch (call.on) {
        case On::path:
            path_ = text_at(thread, registers.rdi);
            break;
        case On::second_path:
            path_ = text_at(thread, registers.rsi);
            break;
        case On::descriptor:
            path_ = link("/proc/" + std::to_string(thread) + "/fd/" + std::to_string(int(registers.rdi)));
            break;
        case On::nothing:
            break;
        }
        if (!begun_ && path_.find(order_.from) == std::string::npos) return false;
        begun_ = true;
        if (!order_.only.empty() && !path_.ends_with(order_.only)) return false;
        ++count_;
        return true;
    }

    void strike(pid_t thread, const char* side) {
        struck_ = true;
        awaited_ = 0;
        const pid_t group = group_of(thread);
        note("killed " + std::string(side) + " call " + std::to_string(count_) + ": process " + std::to_string(group) +
             " " + link("/proc/" + std::to_string(group) + "/exe"));
        kill(group, SIGKILL);
    }

    [[noreturn]] void freeze() {
        note("frozen before call " + std::to_string(count_));
        close(open(order_.frozen.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        while (true)
            pause();
    }

    pid_t group_of(pid_t thread) {
        const auto [known, is_new] = groups_.emplace(thread, thread);
        if (!is_new) return known->second;
        if (FILE* status = std::fopen(("/proc/" + std::to_string(thread) + "/status").c_str(), "r")) {
            char line[256];
            while (std::fgets(line, sizeof line, status) != nullptr)
                if (std::strncmp(line, "Tgid:", 5) == 0) known->second = pid_t(std::strtol(line + 5, nullptr, 10));
            std::fclose(status);
        }
        return known->second;
    }

    static std::string text_at(pid_t thread, std::uint64_t address) {
        // In small parts: what lies behind the text's end may not be readable.
        std::string text;
        char part[64];
        while (text.size() < PATH_MAX) {
            const std::size_t to_border = 4096 - ((address + text.size()) & 4095);
            iovec here{part, std::min(sizeof part, to_border)};
            iovec there{reinterpret_cast<void*>(address + text.size()), here.iov_len};
            const ssize_t got = process_vm_readv(thread, &here, 1, &there, 1, 0);
            if (got <= 0) break;
            const std::size_t length = strnlen(part, std::size_t(got));
            text.append(part, length);
            if (length < std::size_t(got)) break;
        }
        return text;
    }

    static std::string link(const std::string& path) {
        char target[PATH_MAX];
        const ssize_t length = readlink(path.c_str(), target, sizeof target);
        return length > 0 ? std::string(target, std::size_t(length)) : "";
    }

    void note(const std::string& text) {
        const std::string line = text + "\n";
        if (write(log_, line.data(), line.size()) < 0) give_up("log");
    }

    const Order& order_;
    pid_t victim_, awaited_ = 0;
    int log_ = -1;
    long count_ = 0;
    bool begun_ = false, struck_ = false;
    std::string path_;
    std::map<pid_t, pid_t> groups_;
};

/// Who ends the victim's cgroup must not end the tracer, and who counts what is left in it must not find it.
void leave_cgroup() {
    mkdir("/sys/fs/cgroup/faults", 0755);
    const int processes = open("/sys/fs/cgroup/faults/cgroup.procs", O_WRONLY | O_CLOEXEC);
    if (processes >= 0 && write(processes, "0", 1) == 1) close(processes);
}

} // namespace

int main(int, char** arguments) {
    const Order order = read_order(arguments + 1);
    if (order.command[0] == nullptr) {
        std::fprintf(stderr, "usage: break_off [OPTION...] COMMAND...\n");
        return 2;
    }
    int seized[2];
    if (pipe2(seized, O_CLOEXEC) != 0) give_up("pipe");
    const pid_t victim = getpid();
    const pid_t tracer = fork();
    if (tracer < 0) give_up("fork");
    if (tracer == 0) {
        setsid();
        leave_cgroup();
        constexpr std::uintptr_t options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE |
                                           PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC;
        if (ptrace(PTRACE_SEIZE, victim, nullptr, reinterpret_cast<void*>(options)) != 0) give_up("ptrace");
        Tracer running(order, victim);
        // What the victim is given (its output is awaited to its end) must not stay open here.
        for (int inherited = 0; inherited < 3; ++inherited) {
            const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
            dup2(nothing, inherited);
            if (nothing > 2) close(nothing);
        }
        if (write(seized[1], "", 1) != 1) std::_Exit(125);
        close(seized[0]);
        close(seized[1]);
        running.run();
        return 0;
    }
    char ready = 0;
    close(seized[1]);
    if (read(seized[0], &ready, 1) != 1) give_up("the tracer is gone");
    install_filter();
    execvp(order.command[0], order.command);
    give_up(order.command[0]);
}
