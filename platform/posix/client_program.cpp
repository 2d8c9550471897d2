#include "platform/posix/client_program.h"

#include "platform/error.h"
#include "platform/posix/init_script.h"
#include "platform/posix/real_path.h"

#include <algorithm>
#include <array>

namespace autodeploy {

namespace {

constexpr std::uint64_t largest_script = 256 * 1024;

std::string name_of(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

bool is_wrapper(const std::string& path) {
    static constexpr std::array<std::string_view, 15> wrappers{"sh",   "bash",    "dash",   "ksh",     "env",
                                                               "nice", "ionice",  "setsid", "nohup",   "su",
                                                               "sudo", "runuser", "chrt",   "taskset", "numactl"};
    return std::find(wrappers.begin(), wrappers.end(), name_of(path)) != wrappers.end();
}

bool is_program(FileSystem& files, const std::string& path) {
    const auto status = files.status(path);
    return status && status->type == FileType::regular && (status->mode & 0111U) != 0;
}

std::string content_of(FileSystem& files, const std::string& path) {
    try {
        return files.read(path, largest_script);
    } catch (const Error&) {
        return {};
    }
}

std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find_first_of(" \t\n;&|\"'", at), text.size());
        if (end > at) words.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return words;
}

/// "rc.dsmcad" stands for the "dsmcad" beside it.
std::string beside_init_script(FileSystem& files, const std::string& path) {
    const std::string name = name_of(path);
    if (!name.starts_with("rc.")) return {};
    std::string program = path.substr(0, path.size() - name.size()) + name.substr(3);
    return is_program(files, program) ? program : std::string();
}

} // namespace

ServiceProgram program_of_command(FileSystem& files, const std::string& path, const std::vector<std::string>& arguments,
                                  const std::vector<std::string>& directories) {
    const auto wanted = [&](const std::string& candidate) {
        const std::string resolved = real_path(candidate);
        return is_below_any(resolved, directories) && is_program(files, resolved);
    };
    ServiceProgram found{real_path(path), arguments, {}};
    if (is_wrapper(path)) {
        for (std::size_t index = 0; index < arguments.size(); ++index) {
            std::vector<std::string> words = words_of(arguments[index]);
            words.insert(words.end(), arguments.begin() + std::ptrdiff_t(index) + 1, arguments.end());
            const auto program = std::find_if(words.begin(), words.end(), wanted);
            if (program != words.end())
                return {real_path(*program), std::vector<std::string>(program + 1, words.end()), {}};
        }
        return found;
    }
    const std::string content = content_of(files, found.path);
    if (!content.starts_with("#!")) return found;
    const InitScript script = parse_init_script(
        content, [&](const std::string& candidate) { return wanted(candidate) && real_path(candidate) != found.path; });
    std::string program = beside_init_script(files, found.path);
    if (program.empty() && !script.program.empty()) program = real_path(script.program);
    if (program.empty()) return found;
    return {program, {}, script.exported};
}

} // namespace autodeploy
