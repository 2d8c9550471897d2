#include "installer/detection_parts.h"

#include "installer/client/ascii.h"
#include "installer/client/layout.h"
#include "installer/client/products.h"
#include "installer/hold_file.h"
#include "platform/error.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <sstream>
#include <string_view>

namespace autodeploy {

namespace {

constexpr std::uint64_t small_file = 1 << 20;

void measure(Platform& platform, Detection& detection, const std::string& path) {
    const bool known = std::any_of(detection.volumes.begin(), detection.volumes.end(),
                                   [&path](const Volume& volume) { return volume.path == path; });
    if (known) return;
    Volume volume;
    volume.path = path;
    look(detection, "room at " + path, [&] {
        std::string existing = path;
        std::optional<FileStatus> status = platform.files.status(existing);
        while (!status && directory_of(existing) != existing) {
            existing = directory_of(existing);
            status = platform.files.status(existing);
        }
        constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max(); // what is stored has 63 bits
        if (status) volume.device = status->device & largest;
        volume.free_bytes = std::min(platform.files.free_bytes(path), largest);
        volume.properties = platform.host.mount_properties(path);
    });
    detection.volumes.push_back(std::move(volume));
}

std::string first_line(Platform& platform, const std::string& path) {
    const std::string text = platform.files.read(path, small_file);
    return text.substr(0, text.find('\n'));
}

/// Whether the journal's kernel module is loaded, or could be.
std::string filepath_module(Platform& platform) {
    if (platform.files.status("/proc/modules") &&
        ("\n" + platform.files.read("/proc/modules", small_file)).find("\nfilepath ") != std::string::npos)
        return "loaded";
    const std::string modules = "/lib/modules/" + first_line(platform, "/proc/sys/kernel/osrelease");
    for (const char* place : {"/extra", "/updates", "/updates/dkms", "/weak-updates", "/kernel/drivers", "/kernel/fs",
                              "/kernel/fs/filepath", "/misc", ""})
        for (const char* name : {"/filepath.ko", "/filepath.ko.xz", "/filepath.ko.zst", "/filepath.ko.gz"})
            if (platform.files.status(modules + place + name)) return "installed";
    return "missing";
}

void linux_facts(Platform& platform, Detection& detection) {
    look(detection, "SELinux", [&] {
        const std::string enforce = "/sys/fs/selinux/enforce";
        if (platform.files.status(enforce))
            detection.facts["selinux"] = first_line(platform, enforce) == "1" ? "enforcing" : "permissive";
    });
    look(detection, "fapolicyd", [&] {
        const std::optional<Service> daemon = platform.services.find("fapolicyd.service");
        if (daemon && daemon->running) detection.facts["fapolicyd"] = "running";
    });
    look(detection, "image based system", [&] {
        if (platform.files.status("/run/ostree-booted")) detection.facts["ostree"] = "booted";
    });
    look(detection, "container", [&] {
        for (const char* mark : {"/run/systemd/container", "/.dockerenv", "/run/.containerenv"})
            if (platform.files.status(mark)) detection.facts.emplace("container", mark);
    });
    const bool journal =
        std::any_of(detection.packages.begin(), detection.packages.end(),
                    [](const InstalledPackage& p) { return p.id.name == "TIVsm-JBB" || p.id.name == "tivsm-jbb"; });
    if (journal)
        look(detection, "filepath module", [&] { detection.facts["filepath-module"] = filepath_module(platform); });
}

/// Policies by which AIX refuses programs, or changes of them: "STOP_UNTRUSTD, TSD_FILES_LOCK"; empty where none is on.
/// The file's form and the policies' names: IBM's page on tepolicies.dat. That they stand in the way of installp is
/// experience of others [exp].
std::string trusted_execution(const std::string& policies) {
    std::string refusing;
    bool on = false;
    std::istringstream lines(policies);
    for (std::string text; std::getline(lines, text);) {
        const std::string_view line = without_blanks(text);
        if (same_ignoring_case(line, "TE=ON")) on = true;
        for (const char* policy : {"STOP_UNTRUSTD", "STOP_ON_CHKFAIL", "TSD_FILES_LOCK"})
            if (same_ignoring_case(line, std::string(policy) + "=ON"))
                refusing += (refusing.empty() ? "" : ", ") + std::string(policy);
    }
    return on ? refusing : "";
}

void aix_facts(Platform& platform, Detection& detection) {
    look(detection, "trusted execution", [&] {
        const std::string policies = "/etc/security/tsd/tepolicies.dat";
        if (!platform.files.status(policies)) return;
        const std::string refusing = trusted_execution(platform.files.read(policies, small_file));
        if (!refusing.empty()) detection.facts["trusted-execution"] = refusing;
    });
}

/// Not ours, and no hindrance: for people who wonder.
void windows_facts(Platform& platform, Detection& detection) {
    const std::string versions = R"(HKLM64\SOFTWARE\Microsoft\Windows\CurrentVersion\)";
    look(detection, "restart of others", [&] {
        std::string keys;
        for (const char* key :
             {R"(Component Based Servicing\RebootPending)", R"(WindowsUpdate\Auto Update\RebootRequired)"})
            if (!platform.settings.read(versions + key).empty()) keys += (keys.empty() ? "" : ", ") + versions + key;
        if (!keys.empty()) detection.facts["restart-of-others"] = keys;
    });
}

/// The locale decides which file names a backup can read.
void locale_fact(Platform& platform, Detection& detection) {
    for (const ClientService& service : detection.services) {
        if (service.role != ServiceRole::acceptor && service.role != ServiceRole::scheduler) continue;
        look(detection, "locale of " + service.service.name, [&] {
            const std::map<std::string, std::string> environment = service_environment(platform, service.service);
            const bool set = environment.contains("LANG") || environment.contains("LC_ALL");
            const std::string file = directory_of(service.service.program) + "/dsmcad.lang";
            const bool in_file = platform.files.status(file).has_value() &&
                                 platform.files.read(file, small_file).find("LANG=") != std::string::npos;
            const bool knows = !service.service.running || !environment.empty();
            if (!set && !in_file && knows) detection.facts["acceptor-locale"] = "unset";
        });
    }
}

} // namespace

void detect_machine(Platform& platform, const DetectSettings& settings, Detection& detection) {
    for (const std::string& path : settings.measured_paths)
        measure(platform, detection, path);
    for (const WrittenPlaceRow& row : written_places())
        if (row.installer == detection.installer) measure(platform, detection, std::string(row.path));
    if (!detection.program.empty()) measure(platform, detection, directory_of(detection.program));

    const std::string usual = "C:\\Program Files";
    if (!settings.program_files.empty() && !same_ignoring_case(settings.program_files, usual))
        detection.unreadable["places of Windows"] = "programs lie in " + settings.program_files +
                                                    " here, and this agent knows " + usual +
                                                    " only: it would look at other places and measure them";
    look(detection, "cluster software", [&] { detection.cluster_software = platform.host.cluster_software(); });
    look(detection, "pending restart", [&] {
        // Libraries are what others have in use, so they are what waits.
        std::vector<std::string> own = program_directories(detection, settings);
        for (const ClientPlace place : {ClientPlace::library, ClientPlace::shared})
            for (std::string& directory : client_directories(detection.host.system, place))
                own.push_back(std::move(directory));
        detection.pending_renames = platform.host.pending_renames(own);
    });
    look(detection, "hold files", [&] {
        for (const std::string& path : settings.hold_files)
            if (platform.files.status(path)) detection.hold_files.push_back(hold_file_text(platform.files, path));
    });
    // Here services are held, and systemd keeps what it reads of its units.
    if (platform.services.name() == "systemd")
        for (const char* path : {"/etc/systemd/system", "/run"})
            measure(platform, detection, path);
    if (detection.host.system == "linux") linux_facts(platform, detection);
    if (detection.host.system == "aix") aix_facts(platform, detection);
    if (detection.host.system == "windows") windows_facts(platform, detection);
    if (detection.host.system != "windows") locale_fact(platform, detection);
}

} // namespace autodeploy
