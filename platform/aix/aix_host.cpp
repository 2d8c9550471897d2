#include "platform/aix/aix_host.h"

#include "platform/aix/lines.h"
#include "platform/aix/ps_text.h"
#include "platform/error.h"
#include "platform/posix/real_path.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/utsname.h>

namespace autodeploy {

namespace {

constexpr std::size_t longest_message = 1000; // errlogger takes 1024

bool has_option(const std::string& options, const std::string& option) {
    return ("," + options + ",").find("," + option + ",") != std::string::npos;
}

} // namespace

std::string aix_distribution(std::string_view oslevel) {
    const std::vector<std::string> words = blank_words(oslevel);
    if (words.empty() || !is_level(words[0])) return "aix";
    return "aix " + words[0].substr(0, words[0].find('.', words[0].find('.') + 1));
}

std::vector<std::string> aix_cluster_managers(const std::vector<Process>& processes) {
    static constexpr std::array<std::pair<std::string_view, const char*>, 4> managers{{
        {"clstrmgr", "PowerHA SystemMirror"},
        {"clstrmgrES", "PowerHA SystemMirror"},
        {"had", "Veritas Cluster Server"},
        {"IBM.RecoveryRMd", "Tivoli System Automation"},
    }};
    std::vector<std::string> found;
    for (const auto& [program, name] : managers)
        for (const Process& process : processes) {
            const std::string& word = process.arguments.empty() ? process.program : process.arguments.front();
            if (word.substr(word.rfind('/') + 1) != program) continue;
            if (std::find(found.begin(), found.end(), name) == found.end()) found.emplace_back(name);
        }
    return found;
}

CommandResult AixHost::run(const std::string& program, const std::vector<std::string>& arguments) {
    Command command;
    command.program = root_ + program;
    command.arguments = arguments;
    return commands_.run(command);
}

HostFacts AixHost::facts() {
    utsname system{};
    if (::uname(&system) < 0) throw Error("io_error", "cannot ask for the system's name: " + system_message(errno));
    HostFacts facts;
    facts.name = system.nodename;
    facts.system = "aix";
    facts.architecture = "powerpc";
    facts.distribution = aix_distribution(run("/usr/bin/oslevel", {}).output);
    facts.is_64_bit = blank_words(run("/usr/bin/getconf", {"KERNEL_BITMODE"}).output) == std::vector<std::string>{"64"};
    return facts;
}

std::vector<std::string> AixHost::cluster_software() {
    try {
        return aix_cluster_managers(processes_.list());
    } catch (const Error&) {
        return {};
    }
}

std::vector<std::string> AixHost::mount_properties(const std::string& path) {
    std::vector<std::string> properties;
    try {
        const std::vector<AixMount> mounts = parse_mounts(run("/usr/sbin/mount", {}).output);
        const std::string real = real_path(path);
        const AixMount* holder = nullptr;
        for (const AixMount& mount : mounts)
            if (is_below(real, mount.point) && (holder == nullptr || mount.point.size() >= holder->point.size()))
                holder = &mount;
        if (holder == nullptr) return {};
        if (has_option(holder->options, "ro")) properties.emplace_back("read-only");
        if (has_option(holder->options, "noexec")) properties.emplace_back("noexec");
        if (holder->type.starts_with("nfs") || holder->type == "stnfs") properties.emplace_back("nfs");
    } catch (const Error&) {
        return {};
    }
    return properties;
}

void AixHost::log(int priority, const std::string& message) {
    PosixHost::log(priority, message);
    if (priority > 3) return;
    std::string line = "autodeploy: " + message.substr(0, longest_message - 20);
    std::replace(line.begin(), line.end(), '\n', ' ');
    try {
        run("/usr/bin/errlogger", {line});
    } catch (const Error&) {
        // It stands in syslog.
    }
}

} // namespace autodeploy
