#include "platform/linux/control_group.h"

#include "platform/error.h"

#include <algorithm>
#include <charconv>

namespace autodeploy {

namespace {

constexpr int deepest = 16;

void collect(FileSystem& files, const std::string& folder, int depth, std::vector<std::int64_t>& processes) {
    try {
        const std::string text = files.read(folder + "/cgroup.procs", 1 << 20);
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = std::min(text.find('\n', at), text.size());
            std::int64_t id = 0;
            if (std::from_chars(text.data() + at, text.data() + end, id).ec == std::errc() && id > 0)
                processes.push_back(id);
            at = end + 1;
        }
        if (depth == deepest) return;
        for (const std::string& name : files.list(folder)) {
            const auto status = files.status(folder + "/" + name);
            if (status && status->type == FileType::directory)
                collect(files, folder + "/" + name, depth + 1, processes);
        }
    } catch (const Error&) {
        // The group was removed meanwhile: nothing of it runs any more.
    }
}

} // namespace

std::vector<std::int64_t> processes_of_group(FileSystem& files, const std::string& mount, const std::string& group) {
    std::vector<std::int64_t> processes;
    if (group.empty() || group == "/") return processes;
    // Where both versions are mounted, systemd keeps its groups in the first two.
    for (const char* hierarchy : {"/systemd", "/unified", ""}) {
        if (!files.status(mount + hierarchy + group)) continue;
        collect(files, mount + hierarchy + group, 0, processes);
        break;
    }
    return processes;
}

} // namespace autodeploy
