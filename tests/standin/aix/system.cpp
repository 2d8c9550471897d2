// Processes, errors and what else there is to ask.
#include "state.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace standin::aix {
namespace {

namespace fs = std::filesystem;

/// Empty where the process has ended meanwhile.
std::string proc(const std::string& path) {
    std::string text;
    const int file = ::open(("/proc/" + path).c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return text;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(file, buffer, sizeof buffer)) > 0;)
        text.append(buffer, std::size_t(got));
    ::close(file);
    return text;
}

std::string joined(std::string text) {
    while (!text.empty() && text.back() == '\0')
        text.pop_back();
    std::replace(text.begin(), text.end(), '\0', ' ');
    return text;
}

/// When the machine was started, by the wall clock: fixed once, so that no two answers differ by a second.
long boot_time() {
    const std::string kept = read_file("/var/run/standin-boot");
    if (!kept.empty()) return std::atol(kept.c_str());
    long found = 0;
    std::ifstream stat("/proc/stat");
    for (std::string word; stat >> word;)
        if (word == "btime") stat >> found;
    write_file("/var/run/standin-boot", std::to_string(found));
    return found;
}

struct Shown {
    std::string pid, parent, comm, args;
    long started = 0;
    bool ended = false;
};

std::vector<Shown> processes() {
    std::vector<Shown> found;
    std::error_code ignored;
    const fs::path own = fs::read_symlink("/proc/self/root", ignored);
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const std::string pid = entry.path().filename();
        if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
        const std::string stat = proc(pid + "/stat");
        const std::size_t end = stat.rfind(')');
        if (end == std::string::npos) continue;
        const std::vector<std::string> fields = words_of(stat.substr(end + 1));
        if (fields.size() < 20) continue;
        std::error_code gone;
        const fs::path its = fs::read_symlink("/proc/" + pid + "/root", gone);
        Shown one{pid,
                  fields[1],
                  stat.substr(stat.find('(') + 1, end - stat.find('(') - 1),
                  joined(proc(pid + "/cmdline")),
                  boot_time() + std::atol(fields[19].c_str()) / ::sysconf(_SC_CLK_TCK),
                  fields[0] == "Z"};
        // Another machine's, where several share one kernel.
        if (!one.ended && its != own) continue;
        // Below a folder the machine is what has that folder in its command line.
        if (!root().empty() && one.args.find(root()) == std::string::npos) continue;
        if (one.args.empty()) one.args = one.comm;
        found.push_back(one);
    }
    std::sort(found.begin(), found.end(),
              [](const Shown& a, const Shown& b) { return std::atol(a.pid.c_str()) < std::atol(b.pid.c_str()); });
    return found;
}

/// [[dd-]hh:]mm:ss
std::string elapsed(long seconds) {
    char text[64];
    seconds = std::max(seconds, 0L);
    const long days = seconds / 86400;
    if (days > 0)
        std::snprintf(text, sizeof text, "%ld-%02ld:%02ld:%02ld", days, seconds / 3600 % 24, seconds / 60 % 60,
                      seconds % 60);
    else if (seconds >= 3600)
        std::snprintf(text, sizeof text, "%02ld:%02ld:%02ld", seconds / 3600, seconds / 60 % 60, seconds % 60);
    else
        std::snprintf(text, sizeof text, "%02ld:%02ld", seconds / 60, seconds % 60);
    return text;
}

int ps_with_environment(const std::string& pid) {
    std::printf("%s\n", said("   PID    TTY STAT  TIME COMMAND", "   PID    TTY STAT  ZEIT BEFEHL").c_str());
    const std::string args = joined(proc(pid + "/cmdline"));
    if (args.empty()) return 1;
    const std::string environment = joined(proc(pid + "/environ"));
    std::printf("%6s      - A     0:00 %s%s%s\n", pid.c_str(), args.c_str(), environment.empty() ? "" : " ",
                environment.c_str());
    return 0;
}

} // namespace

int ps(const Arguments& arguments) {
    // The Berkeley form: "ps eww PID".
    if (arguments.size() == 2 && arguments[0] == "eww") return ps_with_environment(arguments[1]);
    const Options given = options(arguments, "eAfo:p:");
    if (!given.good) {
        std::fprintf(stderr, "ps: 0509-048  Flag is not known.\n");
        return 1;
    }
    const std::vector<std::string> columns = split(given.has('o') ? given.value('o') : "pid,etime,comm", ',');
    const std::map<std::string, std::string> titles{{"pid", "PID"},
                                                    {"ppid", "PPID"},
                                                    {"etime", said("ELAPSED", "VERSTRICHEN")},
                                                    {"comm", "COMMAND"},
                                                    {"args", said("COMMAND", "BEFEHL")}};
    std::string head;
    for (const std::string& column : columns) {
        if (titles.count(column) == 0) return 1;
        char text[64];
        std::snprintf(text, sizeof text, column == "args" || column == "comm" ? "%s" : "%10s ",
                      titles.at(column).c_str());
        head += text;
    }
    std::printf("%s\n", head.c_str());
    const long now = std::time(nullptr);
    bool any = false;
    for (const Shown& one : processes()) {
        if (given.has('p') && given.value('p') != one.pid) continue;
        any = true;
        for (const std::string& column : columns) {
            if (column == "pid") std::printf("%10s ", one.pid.c_str());
            if (column == "ppid") std::printf("%10s ", one.parent.c_str());
            if (column == "etime") std::printf("%10s ", one.ended ? "" : elapsed(now - one.started).c_str());
            if (column == "comm" || column == "args")
                std::printf("%s", one.ended ? "<defunct>" : column == "comm" ? one.comm.c_str() : one.args.c_str());
        }
        std::printf("\n");
    }
    return any ? 0 : 1;
}

/// fuser -fx FILE…: the numbers on standard output, names of files and letters on standard error.
int fuser(const Arguments& arguments) {
    const Options given = options(arguments, "cdfkuxV");
    if (!given.good) return 1;
    for (const std::string& file : given.operands) {
        std::fprintf(stderr, "%s: ", file.c_str());
        for (const Shown& one : processes())
            if (proc(one.pid + "/maps").find(at(file) + "\n") != std::string::npos) {
                std::printf(" %8s", one.pid.c_str());
                std::fflush(stdout);
                std::fprintf(stderr, "x");
            }
        std::fprintf(stderr, "\n");
    }
    return 0;
}

int mount(const Arguments&) {
    std::printf("  node       mounted        mounted over    vfs       date        options      \n"
                "-------- ---------------  ---------------  ------ ------------ --------------- \n"
                "         /dev/hd4         /                jfs2   Nov 22 10:11 rw,log=/dev/hd8 \n"
                "         /dev/hd2         /usr             jfs2   Nov 22 10:11 rw,log=/dev/hd8 \n"
                "         /proc            /proc            procfs Nov 22 10:11 rw              \n");
    for (const std::string& line : lines_of(read_file("/etc/standin/mounts")))
        std::printf("%s\n", line.c_str());
    return 0;
}

int errlogger(const Arguments& arguments) {
    std::string text;
    for (const std::string& word : arguments)
        text += (text.empty() ? "" : " ") + word;
    if (text.empty() || text.size() > 1024) return 1;
    append_line("/var/adm/ras/errlog.txt", "OPMSG " + text);
    return 0;
}

int oslevel(const Arguments& arguments) {
    std::printf("%s\n", arguments == Arguments{"-s"} ? "7300-02-01-2346" : "7.3.0.0");
    return 0;
}

int getconf(const Arguments& arguments) {
    if (arguments != Arguments{"KERNEL_BITMODE"}) return 1;
    std::printf("%s\n", asked("kernel_bits").empty() ? "64" : asked("kernel_bits").c_str());
    return 0;
}

int slibclean(const Arguments&) {
    note("slibclean");
    return 0;
}

} // namespace standin::aix
