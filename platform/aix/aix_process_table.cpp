#include "platform/aix/aix_process_table.h"

#include "platform/aix/lines.h"
#include "platform/aix/ps_text.h"
#include "platform/error.h"
#include "platform/posix/real_path.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <dirent.h>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace autodeploy {

namespace {

constexpr Milliseconds query_deadline{30000};
constexpr std::size_t query_limit = 16 << 20;
constexpr Milliseconds between_looks{200};
constexpr int tries_within_a_second = 5;
constexpr std::size_t most_files = 2000;
/// ps has a limit of its own for what it shows; a longer one may be cut off.
constexpr std::size_t longest_command_line = 1000;

void collect_files(const std::string& folder, int depth, std::vector<std::string>& files) {
    DIR* const stream = ::opendir(folder.c_str());
    if (stream == nullptr) return;
    while (const dirent* const entry = ::readdir(stream)) {
        const std::string name = entry->d_name;
        if (name == "." || name == ".." || files.size() >= most_files) continue;
        const std::string path = folder + "/" + name;
        struct stat status {};
        if (::lstat(path.c_str(), &status) != 0) continue;
        if (S_ISDIR(status.st_mode) && depth > 0) collect_files(path, depth - 1, files);
        const bool library = name.ends_with(".a") || name.ends_with(".o") || name.find(".so") != std::string::npos;
        if (S_ISREG(status.st_mode) && library) files.push_back(path);
    }
    ::closedir(stream);
}

void send(const Process& process, int signal) {
    if (process.id > 1 && ::kill(pid_t(process.id), signal) != 0 && errno != ESRCH)
        throw Error("access_denied", "cannot end process " + std::to_string(process.id) + " (" + process.program +
                                         "): " + system_message(errno));
}

} // namespace

AixProcessTable::AixProcessTable(CommandRunner& commands, Clock& clock, std::vector<std::string> program_folders,
                                 std::string root)
    : commands_(commands), clock_(clock), program_folders_(std::move(program_folders)), root_(std::move(root)) {}

std::vector<Process> AixProcessTable::ask(const std::vector<std::string>& selection) {
    Command command;
    command.program = root_ + "/usr/bin/ps";
    command.arguments = selection;
    command.arguments.insert(command.arguments.end(), {"-o", "pid,ppid,etime,args"});
    command.deadline = query_deadline;
    command.output_limit = query_limit;
    // ps tells how long a process has lived, in seconds: exact only if the second did not change meanwhile.
    for (int tries = 1;; ++tries) {
        const UnixTime before = clock_.now();
        const CommandResult result = commands_.run(command);
        if (result.timed_out)
            throw Error("io_error", "cannot list the processes: ps did not answer in time", Retry::later);
        if (clock_.now() == before || tries == tries_within_a_second) return parse_processes(result.output, before);
    }
}

std::vector<Process> AixProcessTable::list() {
    std::vector<Process> processes = ask({"-e"});
    if (processes.empty()) throw Error("io_error", "cannot list the processes: ps shows none");
    for (Process& process : processes)
        process.program = path_of(process);
    return processes;
}

std::string AixProcessTable::path_of(const Process& process) {
    const std::string& word = process.arguments.front();
    if (word.starts_with('/')) return real_path(word);
    if (word.find('/') == std::string::npos) {
        // "dsmcad", or a login shell's "-ksh"
        for (const std::string& folder : program_folders_) {
            const std::string path = folder + "/" + word;
            if (::access(path.c_str(), X_OK) == 0) return real_path(path);
        }
        return {};
    }
    Command command;
    command.program = root_ + "/usr/bin/procwdx";
    command.arguments = {std::to_string(process.id)};
    try {
        const CommandResult result = commands_.run(command);
        const std::vector<std::string> words = blank_words(result.output);
        if (!words.empty() && words.back().starts_with('/')) return real_path(words.back() + "/" + word);
    } catch (const Error&) {
        // Then its path is not known.
    }
    return {};
}

std::vector<Process> AixProcessTable::mapping(const std::string& path_prefix) {
    std::string folder = path_prefix;
    while (folder.size() > 1 && folder.ends_with('/'))
        folder.pop_back();
    std::vector<std::string> files;
    collect_files(folder, 2, files);
    if (files.empty()) return {};
    Command command;
    command.program = root_ + "/usr/sbin/fuser";
    command.arguments = {"-fx"};
    command.arguments.insert(command.arguments.end(), files.begin(), files.end());
    command.deadline = query_deadline;
    const CommandResult result = commands_.run(command);
    if (result.timed_out)
        throw Error("io_error", "cannot tell who uses " + folder + ": fuser did not answer in time", Retry::later);
    const std::vector<std::int64_t> ids = parse_fuser(result.output);
    if (ids.empty()) return {};
    std::vector<Process> users = list();
    std::erase_if(users,
                  [&](const Process& process) { return std::find(ids.begin(), ids.end(), process.id) == ids.end(); });
    return users;
}

std::map<std::string, std::string> AixProcessTable::environment(const Process& process) {
    Command command;
    command.program = root_ + "/usr/bin/ps";
    command.arguments = {"eww", std::to_string(process.id)};
    command.deadline = query_deadline;
    const CommandResult result = commands_.run(command);
    auto environment = parse_environment(result.output, process.arguments);
    if (!environment || !is_there(process)) return {};
    return *environment;
}

bool AixProcessTable::is_told(const Process& process) {
    std::string line;
    for (const std::string& argument : process.arguments)
        line += (line.empty() ? "" : " ") + argument;
    // What ps joined and we split gives the same text only if no word is empty or has two blanks in it.
    Command command;
    command.program = root_ + "/usr/bin/ps";
    command.arguments = {"-p", std::to_string(process.id), "-o", "args"};
    const CommandResult result = commands_.run(command);
    const std::vector<std::string_view> lines = text_lines(result.output);
    const bool same = lines.size() == 2 && lines[1] == line;
    return same && can_be_split(line) && line.size() < longest_command_line && !process.program.empty() &&
           !environment(process).empty();
}

bool AixProcessTable::is_there(const Process& process) {
    const std::vector<Process> now = ask({"-p", std::to_string(process.id)});
    return std::any_of(now.begin(), now.end(), [&](const Process& other) {
        return other.id == process.id && other.started == process.started;
    });
}

bool AixProcessTable::end(const Process& process, Milliseconds wait) {
    if (!is_there(process)) return true;
    send(process, SIGTERM);
    for (const Milliseconds end = clock_.elapsed() + wait; is_there(process);) {
        if (clock_.elapsed() >= end) return false;
        clock_.sleep(between_looks);
    }
    return true;
}

void AixProcessTable::kill(const Process& process) {
    if (is_there(process)) send(process, SIGKILL);
}

} // namespace autodeploy
