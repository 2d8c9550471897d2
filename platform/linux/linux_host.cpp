#include "platform/linux/linux_host.h"

#include "platform/digest.h"
#include "platform/error.h"
#include "platform/linux/proc_file.h"
#include "platform/posix/descriptor.h"
#include "platform/posix/real_path.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <utility>

namespace autodeploy {

namespace {

constexpr std::size_t longest_message = 48 * 1024; // a datagram has limits
constexpr std::size_t longest_field = 4 * 1024;

std::string value_in(std::string_view os_release, std::string_view key) {
    while (!os_release.empty()) {
        const std::size_t end = os_release.find('\n');
        std::string_view line = os_release.substr(0, end);
        os_release.remove_prefix(end == std::string_view::npos ? os_release.size() : end + 1);
        if (!line.starts_with(key) || line.substr(key.size()).substr(0, 1) != "=") continue;
        line.remove_prefix(key.size() + 1);
        if (line.size() >= 2 && (line.front() == '"' || line.front() == '\'') && line.back() == line.front())
            line = line.substr(1, line.size() - 2);
        return std::string(line);
    }
    return {};
}

bool has_option(const std::string& options, const std::string& option) {
    return ("," + options + ",").find("," + option + ",") != std::string::npos;
}

std::string upper_case(std::string text) {
    for (char& letter : text)
        if (letter >= 'a' && letter <= 'z') letter = char(letter - 'a' + 'A');
    return text;
}

std::string journal_field(const std::string& name, const std::string& value) {
    if (value.find('\n') == std::string::npos) return name + "=" + value + "\n";
    // A value of several lines: its length in 64 bits, the lowest byte first, then the value.
    std::string field = name + "\n";
    for (unsigned shift = 0; shift < 64; shift += 8)
        field += char((std::uint64_t(value.size()) >> shift) & 0xff);
    return field + value + "\n";
}

bool send_to_journal(const std::string& datagram) {
    const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, "/run/systemd/journal/socket");
    // Without waiting: a journal that hangs must not hold us up.
    return socket && ::sendto(socket.get(), datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                              reinterpret_cast<const sockaddr*>(&address), sizeof address) >= 0;
}

} // namespace

std::string distribution_of(std::string_view os_release) {
    const std::string id = value_in(os_release, "ID");
    const std::string version = value_in(os_release, "VERSION_ID");
    if (id.empty()) return "linux";
    return version.empty() ? id : id + " " + version;
}

std::string architecture_of(const std::string& machine) {
    // i386, i486, i586, i686
    if (machine.size() == 4 && machine.front() == 'i' && machine.ends_with("86")) return "i386";
    return machine;
}

std::vector<std::string> cluster_managers(const std::vector<Process>& processes) {
    static constexpr std::array<std::pair<std::string_view, const char*>, 11> managers{{
        {"/pacemakerd", "Pacemaker"},
        {"/corosync", "Corosync"},
        {"/heartbeat/heartbeat", "Heartbeat"},
        {"/rgmanager", "Red Hat Cluster Suite (rgmanager)"},
        {"/VRTSvcs/bin/had", "Veritas Cluster Server"},
        {"/clstrmgr", "PowerHA SystemMirror"},
        {"/clstrmgrES", "PowerHA SystemMirror"},
        {"/LifeKeeper/bin/lcdmachfail", "SIOS LifeKeeper"},
        {"/LifeKeeper/bin/lk_run", "SIOS LifeKeeper"},
        {"/cmcld", "Serviceguard"},
        {"/IBM.RecoveryRMd", "Tivoli System Automation"},
    }};
    std::vector<std::string> found;
    for (const auto& [program, name] : managers) {
        const bool runs = std::any_of(processes.begin(), processes.end(), [&, end = program](const Process& process) {
            return process.program.ends_with(end);
        });
        if (runs && std::find(found.begin(), found.end(), name) == found.end()) found.emplace_back(name);
    }
    return found;
}

std::vector<std::string> properties_of_mount(const std::vector<Mount>& mounts, const std::string& path) {
    const Mount* holder = nullptr;
    // Of several on the same place the last is the one that is seen.
    for (const Mount& mount : mounts)
        if (is_below(path, mount.point) && (holder == nullptr || mount.point.size() >= holder->point.size()))
            holder = &mount;
    std::vector<std::string> properties;
    if (holder == nullptr) return properties;
    if (has_option(holder->options, "ro") || has_option(holder->super_options, "ro"))
        properties.emplace_back("read-only");
    if (has_option(holder->options, "noexec")) properties.emplace_back("noexec");
    if (holder->type.starts_with("nfs")) properties.emplace_back("nfs");
    return properties;
}

std::string journal_datagram(int priority, const std::string& message) {
    return "PRIORITY=" + std::to_string(priority) + "\nSYSLOG_IDENTIFIER=autodeploy\n" +
           journal_field("MESSAGE", message.substr(0, longest_message));
}

std::string journal_datagram(const LogEvent& event) {
    std::string datagram = journal_datagram(event.priority, event.message);
    datagram += journal_field("MESSAGE_ID", message_id(event.id)) + journal_field("AUTODEPLOY_EVENT", event.id);
    for (const auto& [name, value] : event.fields)
        if (!value.empty()) datagram += journal_field("AUTODEPLOY_" + upper_case(name), value.substr(0, longest_field));
    return datagram;
}

std::string message_id(const std::string& event_id) {
    return sha256_hex("autodeploy event " + event_id).substr(0, 32);
}

HostFacts LinuxHost::facts() {
    utsname system{};
    if (::uname(&system) != 0) throw Error("io_error", "cannot ask for the system's name: " + system_message(errno));
    HostFacts facts;
    facts.name = system.nodename;
    facts.system = "linux";
    facts.architecture = architecture_of(system.machine);
    std::string os_release = proc_file("/etc/os-release");
    if (os_release.empty()) os_release = proc_file("/usr/lib/os-release");
    facts.distribution = distribution_of(os_release);
    facts.is_64_bit = facts.architecture.find("64") != std::string::npos || facts.architecture == "s390x";
    return facts;
}

std::vector<std::string> LinuxHost::cluster_software() {
    try {
        return cluster_managers(processes_.list());
    } catch (const Error&) {
        return {};
    }
}

std::vector<std::string> LinuxHost::mount_properties(const std::string& path) {
    std::vector<std::string> properties =
        properties_of_mount(parse_mountinfo(proc_file("/proc/self/mountinfo")), real_path(path));
    if (::access("/run/ostree-booted", F_OK) == 0) properties.emplace_back("ostree");
    return properties;
}

void LinuxHost::log(int priority, const std::string& message) {
    if (!send_to_journal(journal_datagram(priority, message))) PosixHost::log(priority, message);
}

void LinuxHost::log_event(const LogEvent& event) {
    if (!send_to_journal(journal_datagram(event))) PosixHost::log_event(event);
}

} // namespace autodeploy
