// /etc/inittab and the process that reads it.
#include "state.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmpx.h>

namespace standin::aix {
namespace {

const char* const table = "/etc/inittab";
const char* const init_process = "/var/run/standin-init.pid";

bool is_comment(const std::string& line) {
    return line.empty() || line[0] == ':' || line[0] == '#';
}

std::string identifier(const std::string& line) {
    return line.substr(0, line.find(':'));
}

struct Entry {
    std::string id, level, action, command;
};

Entry entry_of(const std::string& line) {
    const std::vector<std::string> parts = split(line, ':');
    Entry entry;
    if (parts.size() < 4) return entry;
    entry = {parts[0], parts[1], parts[2], ""};
    const std::size_t third = line.find(':', line.find(':', line.find(':') + 1) + 1);
    entry.command = line.substr(third + 1);
    return entry;
}

bool is_good(const std::string& line) {
    static const std::vector<std::string> actions{"respawn",   "wait", "once", "boot",     "bootwait",    "powerfail",
                                                  "powerwait", "off",  "hold", "ondemand", "initdefault", "sysinit"};
    const Entry entry = entry_of(line);
    return !entry.id.empty() && entry.id.size() <= 14 &&
           std::find(actions.begin(), actions.end(), entry.action) != actions.end();
}

void save(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines)
        text += line + "\n";
    write_file(table, text);
}

volatile sig_atomic_t read_again = 0;
void on_hangup(int) {
    read_again = 1;
}

pid_t start(const std::string& command) {
    const pid_t process = ::fork();
    if (process != 0) return process;
    ::setsid();
    const int nowhere = ::open("/dev/null", O_RDWR);
    for (const int stream : {0, 1, 2})
        ::dup2(nowhere, stream);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execl("/bin/sh", "sh", "-c", ("exec " + command).c_str(), nullptr);
    ::_exit(127);
}

void bring_up_loopback() {
    const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    ::ioctl(socket, SIOCSIFFLAGS, &request);
    ::close(socket);
}

std::string own_boot_record(const timeval& now) {
    utmpx record{};
    record.ut_type = BOOT_TIME;
    record.ut_tv.tv_sec = decltype(record.ut_tv.tv_sec)(now.tv_sec);
    record.ut_tv.tv_usec = decltype(record.ut_tv.tv_usec)(now.tv_usec);
    return std::string(reinterpret_cast<const char*>(&record), sizeof record);
}

/// As the library of that machine lays it: longer numbers, the other way round.
std::string s390x_boot_record(const timeval& now) {
    std::string record(400, '\0');
    const auto put = [&record](std::size_t place, std::size_t size, std::uint64_t value) {
        for (std::size_t i = 0; i < size; ++i)
            record[place + i] = char(value >> 8 * (size - 1 - i) & 0xFF);
    };
    put(0, 2, BOOT_TIME);
    put(344, 8, std::uint64_t(now.tv_sec));
    put(352, 8, std::uint64_t(now.tv_usec));
    return record;
}

void write_boot_record() {
    timeval now{};
    ::gettimeofday(&now, nullptr);
    write_file("/var/run/utmp", asked("utmp") == "s390x" ? s390x_boot_record(now) : own_boot_record(now));
}

} // namespace

int lsitab(const Arguments& arguments) {
    const bool all = arguments == Arguments{"-a"};
    bool found = all;
    for (const std::string& line : lines_of(read_file(table)))
        if (!is_comment(line) && (all || (!arguments.empty() && identifier(line) == arguments[0]))) {
            std::printf("%s\n", line.c_str());
            found = true;
        }
    return found ? 0 : 1;
}

int mkitab(const Arguments& arguments) {
    const Options given = options(arguments, "i:");
    if (!given.good || given.operands.size() != 1 || !is_good(given.operands[0])) {
        std::fprintf(stderr, "Usage: mkitab [-i Identifier] { [Identifier]:[RunLevel]:[Action]:[Command] }\n");
        return 1;
    }
    lock_machine();
    std::vector<std::string> lines = lines_of(read_file(table));
    const std::string& wanted = given.operands[0];
    for (const std::string& line : lines)
        if (!is_comment(line) && identifier(line) == identifier(wanted)) {
            std::fprintf(stderr, "%s\n",
                         said("mkitab: The identifier " + identifier(wanted) + " already exists.",
                              "mkitab: Die Kennung gibt es schon.")
                             .c_str());
            return 1;
        }
    const auto after = std::find_if(lines.begin(), lines.end(), [&](const std::string& line) {
        return given.has('i') && !is_comment(line) && identifier(line) == given.value('i');
    });
    lines.insert(after == lines.end() ? after : after + 1, wanted);
    save(lines);
    return 0;
}

int chitab(const Arguments& arguments) {
    if (arguments.size() != 1 || !is_good(arguments[0])) return 1;
    lock_machine();
    std::vector<std::string> lines = lines_of(read_file(table));
    for (std::string& line : lines)
        if (!is_comment(line) && identifier(line) == identifier(arguments[0])) {
            line = arguments[0];
            save(lines);
            return 0;
        }
    std::fprintf(
        stderr, "%s\n",
        said("chitab: The identifier " + identifier(arguments[0]) + " does not exist.", "chitab: unbekannt").c_str());
    return 1;
}

int rmitab(const Arguments& arguments) {
    lock_machine();
    std::vector<std::string> lines = lines_of(read_file(table));
    const std::size_t before = lines.size();
    lines.erase(std::remove_if(lines.begin(), lines.end(),
                               [&](const std::string& line) {
                                   return !arguments.empty() && !is_comment(line) && identifier(line) == arguments[0];
                               }),
                lines.end());
    save(lines);
    return lines.size() < before ? 0 : 1;
}

int telinit(const Arguments& arguments) {
    if (arguments.size() != 1 || (arguments[0] != "q" && arguments[0] != "Q")) return 1;
    const pid_t process = pid_t(std::atoi(read_file(init_process).c_str()));
    return process > 0 && ::kill(process, SIGHUP) == 0 ? 0 : 1;
}

/// Runs until it is killed. What it starts of "once" is not started again; "off" ends what runs.
int init(const Arguments&) {
    struct Child {
        Entry entry;
        pid_t process;
        std::time_t asked_to_end = 0;
    };
    std::vector<Child> children;
    std::vector<std::string> done;
    write_boot_record();
    write_file(init_process, std::to_string(::getpid()));
    std::filesystem::remove_all(at("/var/run/standin-src"));
    struct sigaction hangup {};
    hangup.sa_handler = on_hangup;
    ::sigaction(SIGHUP, &hangup, nullptr);
    ::signal(SIGCHLD, SIG_DFL);
    read_again = 1;
    if (::getpid() == 1) bring_up_loopback();
    for (;;) {
        for (;;) {
            const pid_t ended = ::waitpid(-1, nullptr, WNOHANG);
            if (ended <= 0) break;
            for (Child& child : children)
                if (child.process == ended) child.process = 0;
            read_again = 1;
        }
        const std::time_t now = std::time(nullptr);
        for (Child& child : children)
            if (child.process > 0 && child.asked_to_end != 0 && now >= child.asked_to_end + 20)
                ::kill(-child.process, SIGKILL);
        if (read_again == 0) {
            ::usleep(50000);
            continue;
        }
        read_again = 0;
        std::vector<Entry> entries;
        for (const std::string& line : lines_of(read_file(table)))
            if (!is_comment(line)) entries.push_back(entry_of(line));
        for (Child& child : children) {
            const auto still = std::find_if(entries.begin(), entries.end(),
                                            [&](const Entry& entry) { return entry.id == child.entry.id; });
            const bool off = still == entries.end() || still->action == "off";
            if (off && child.process > 0 && child.asked_to_end == 0) {
                ::kill(-child.process, SIGTERM);
                child.asked_to_end = now;
            }
        }
        children.erase(
            std::remove_if(children.begin(), children.end(), [](const Child& child) { return child.process == 0; }),
            children.end());
        for (const Entry& entry : entries) {
            const bool runs = std::any_of(children.begin(), children.end(),
                                          [&](const Child& child) { return child.entry.id == entry.id; });
            const bool again = entry.action == "respawn";
            const bool wait = entry.action == "wait" || entry.action == "bootwait" || entry.action == "sysinit";
            if (entry.action == "off" && asked("once_again") == "yes")
                done.erase(std::remove(done.begin(), done.end(), entry.id), done.end());
            const bool was = std::find(done.begin(), done.end(), entry.id) != done.end();
            if (entry.command.empty() || runs ||
                (!again && (was || (!wait && entry.action != "once" && entry.action != "boot"))))
                continue;
            if (again && was) ::usleep(50000);
            if (!was) done.push_back(entry.id);
            const pid_t process = start(entry.command);
            if (wait)
                ::waitpid(process, nullptr, 0);
            else
                children.push_back({entry, process, 0});
        }
    }
}

} // namespace standin::aix
