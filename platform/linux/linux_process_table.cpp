#include "platform/linux/linux_process_table.h"

#include "platform/error.h"
#include "platform/linux/proc_file.h"
#include "platform/linux/proc_text.h"
#include "platform/linux/process_handle.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <csignal>
#include <dirent.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace autodeploy {
namespace {

std::string target_of(const std::string& link) {
    std::array<char, PATH_MAX> target{};
    const ssize_t size = ::readlink(link.c_str(), target.data(), target.size());
    return size < 0 ? std::string() : std::string(target.data(), std::size_t(size));
}

std::string folder_of(std::int64_t id) {
    return "/proc/" + std::to_string(id);
}

std::vector<std::int64_t> ids() {
    DIR* const stream = ::opendir("/proc");
    if (stream == nullptr) throw Error("io_error", "cannot list the processes in /proc: " + system_message(errno));
    std::vector<std::int64_t> found;
    while (const dirent* const entry = ::readdir(stream)) {
        const std::string_view name = entry->d_name;
        std::int64_t id = 0;
        const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), id);
        if (failed == std::errc() && end == name.data() + name.size()) found.push_back(id);
    }
    ::closedir(stream);
    return found;
}

/// Namespaces that processes of this machine share, and those of a container do not.
struct Place {
    std::string processes;
    std::string mounts;
    std::optional<std::pair<dev_t, ino_t>> root;
};

/// Empty where it cannot be told. Of /proc/PID.
Place place_of(const std::string& folder) {
    Place place{target_of(folder + "/ns/pid"), target_of(folder + "/ns/mnt"), std::nullopt};
    struct stat root {};
    if (::stat((folder + "/root/").c_str(), &root) == 0) place.root.emplace(root.st_dev, root.st_ino);
    return place;
}

/// A service with mounts of its own (PrivateTmp and the like) still has this machine's root; a container has not, and
/// its paths say nothing about our files.
bool is_elsewhere(const Place& its, const Place& own) {
    if (!its.processes.empty() && its.processes != own.processes) return true;
    return !its.mounts.empty() && its.mounts != own.mounts && its.root && its.root != own.root;
}

std::optional<Process> process_of(std::int64_t id, const Place& own) {
    const std::string folder = folder_of(id);
    const auto before = parse_proc_stat(proc_file(folder + "/stat"));
    if (!before || before->state == 'Z' || before->state == 'X') return std::nullopt;
    if (is_elsewhere(place_of(folder), own)) return std::nullopt;
    Process process;
    process.id = id;
    process.parent = before->parent;
    process.started = before->started;
    process.program = without_deleted_mark(target_of(folder + "/exe"));
    process.arguments = split_at_zeros(proc_file(folder + "/cmdline"));
    // All of it is one process's only if the number did not change hands meanwhile.
    if (start_of_process(id) != process.started) return std::nullopt;
    return process;
}

} // namespace

std::vector<Process> LinuxProcessTable::list() {
    const Place own = place_of("/proc/self");
    std::vector<Process> processes;
    for (const std::int64_t id : ids())
        if (std::optional<Process> process = process_of(id, own)) processes.push_back(std::move(*process));
    return processes;
}

std::vector<Process> LinuxProcessTable::mapping(const std::string& path_prefix) {
    std::vector<Process> processes;
    for (Process& process : list())
        if (maps_file_below(proc_file(folder_of(process.id) + "/maps"), path_prefix))
            processes.push_back(std::move(process));
    return processes;
}

std::map<std::string, std::string> LinuxProcessTable::environment(const Process& process) {
    const std::string text = proc_file(folder_of(process.id) + "/environ");
    if (start_of_process(process.id) != process.started) return {};
    return parse_environ(text);
}

bool LinuxProcessTable::end(const Process& process, Milliseconds wait) {
    const ProcessHandle handle(process.id, process.started);
    handle.signal(SIGTERM);
    return handle.wait(wait);
}

void LinuxProcessTable::kill(const Process& process) {
    ProcessHandle(process.id, process.started).signal(SIGKILL);
}

} // namespace autodeploy
