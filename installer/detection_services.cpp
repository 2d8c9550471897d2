#include "installer/detection_parts.h"

#include "installer/client/ascii.h"
#include "installer/client/layout.h"
#include "installer/client/password_store.h"
#include "installer/client/products.h"
#include "installer/client/registered_client.h"
#include "platform/error.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

namespace autodeploy {

namespace {

constexpr int default_port = 1500;
constexpr int default_poll_hours = 12;
constexpr std::int64_t clocks_differ = 86400; ///< by less than this in seconds: time zones among them

int number_or(const std::string& text, int otherwise, int highest) {
    int number = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool good = result.ec == std::errc{} && result.ptr == text.data() + text.size();
    return good && number > 0 && number <= highest ? number : otherwise;
}

std::string program_name(const std::string& path) {
    std::string name = lower_case(file_name(path));
    if (name.ends_with(".exe")) name.resize(name.size() - 4);
    return name;
}

ServiceRole role_of(const Service& service) {
    const std::string name = program_name(service.program);
    if (name == "dsmcad" || name.starts_with("rc.dsmcad")) return ServiceRole::acceptor;
    if (name == "dsmc" || name == "dsmcsvc") return ServiceRole::scheduler;
    if (name == "dsmagent") return ServiceRole::remote_agent;
    if (name == "tsmjbbd" || name == "jbbsvc") return ServiceRole::journal;
    return ServiceRole::other;
}

bool has_word(const std::string& words, std::string_view wanted) {
    std::size_t at = 0;
    while (at < words.size()) {
        const std::size_t end = std::min(words.find(' ', at), words.size());
        if (same_ignoring_case(std::string_view(words).substr(at, end - at), wanted)) return true;
        at = end + 1;
    }
    return false;
}

/// The Windows service's own parameters name its options file.
std::string options_file_of(Platform& platform, const HostFacts& host, const Service& service) {
    if (host.system != "windows") return {};
    const auto setting = service.settings.find("options_file");
    if (setting != service.settings.end()) return setting->second;
    return registered_options_file(platform.settings, service.name);
}

class ProcessTree {
  public:
    explicit ProcessTree(const std::vector<Process>& processes) {
        for (const Process& process : processes)
            parents_.emplace(process.id, process.parent);
    }

    /// Whether the process is that one or came from it.
    bool descends(std::int64_t id, std::int64_t ancestor) const {
        if (ancestor <= 0) return false;
        std::set<std::int64_t> seen;
        while (id > 0 && seen.insert(id).second) {
            if (id == ancestor) return true;
            const auto parent = parents_.find(id);
            if (parent == parents_.end()) return false;
            id = parent->second;
        }
        return false;
    }

  private:
    std::map<std::int64_t, std::int64_t> parents_;
};

/// Where the manager tells no main process (GuessMainPID=no), the one that runs the service's program as the service
/// does.
std::int64_t main_process(const Service& service, const std::vector<Process>& all) {
    if (service.process > 0 || !service.running) return service.process;
    const auto runs_it = [&service](const Process& process) {
        if (process.program != service.program || process.arguments.empty()) return false;
        return std::equal(process.arguments.begin() + 1, process.arguments.end(), service.arguments.begin(),
                          service.arguments.end());
    };
    const auto found = std::find_if(all.begin(), all.end(), runs_it);
    return found == all.end() ? 0 : found->id;
}

/// "process 701 /bin/sh ../IBM_ANR_UNX/deployclient.sh": of the arguments only the one that tells, others may be
/// secret.
std::string told(const Process& process) {
    const std::string text = "process " + std::to_string(process.id) + " " + process.program;
    for (const std::string& argument : process.arguments)
        if (argument != process.program && is_vendor_deployment(argument, {})) return text + " " + argument;
    return text;
}

/// What an installer cannot replace while somebody has it open.
std::vector<std::string> programs_in(Platform& platform, const std::vector<std::string>& directories) {
    std::vector<std::string> programs;
    for (const std::string& directory : directories) {
        if (!platform.files.status(directory)) continue;
        for (const std::string& name : platform.files.list(directory)) {
            const std::string lower = lower_case(name);
            if (lower.ends_with(".exe") || lower.ends_with(".dll")) programs.push_back(in_directory(directory, name));
        }
    }
    return programs;
}

/// Programs of the client, and whoever has its libraries in his memory.
void detect_processes(Platform& platform, const DetectSettings& settings, Detection& detection) {
    const std::vector<Process> all = platform.processes.list();
    const ProcessTree tree(all);
    std::vector<std::string> directories = program_directories(detection, settings);
    for (const ClientPlace place : {ClientPlace::library, ClientPlace::runtime})
        for (std::string& directory : client_directories(detection.host.system, place))
            directories.push_back(std::move(directory));

    std::set<std::int64_t> listed;
    for (const Process& process : all) {
        if (is_vendor_deployment(process.program, process.arguments))
            detection.facts["vendor-deployment"] = told(process);
        if (program_name(process.program) == "dsmserv") detection.facts["backup-server"] = "running";
        const bool of_client =
            std::any_of(directories.begin(), directories.end(),
                        [&process](const std::string& directory) { return lies_below(process.program, directory); });
        if (!of_client) continue;
        ClientProcess found{process, {}, false, {}};
        for (const ClientService& service : detection.services)
            if (tree.descends(process.id, main_process(service.service, all))) found.service = service.service.name;
        listed.insert(process.id);
        detection.processes.push_back(std::move(found));
    }
    for (const std::string& library : api_libraries(detection.host.system))
        for (const Process& process : platform.processes.mapping(library))
            if (listed.insert(process.id).second) detection.processes.push_back({process, {}, true, library});
    if (detection.host.system != "windows") return;
    const std::vector<std::string> programs = programs_in(platform, directories);
    if (programs.empty()) return;
    for (const Process& process : platform.processes.holding(programs))
        if (listed.insert(process.id).second) detection.processes.push_back({process, {}, true, programs.front()});
}

bool scheduler_lives(const Detection& detection, const ClientService& service) {
    if (!service.service.running) return false;
    const auto of_service = [&service](const ClientProcess& process) {
        return process.service == service.service.name;
    };
    const bool known = std::any_of(detection.processes.begin(), detection.processes.end(), of_service);
    if (service.role == ServiceRole::scheduler || !known) return true;
    // The acceptor starts a scheduler when there is something to do.
    return std::any_of(detection.processes.begin(), detection.processes.end(), [&](const ClientProcess& process) {
        return of_service(process) && program_name(process.process.program) == "dsmc";
    });
}

void read_log(Platform& platform, const DetectSettings& settings, const Detection& detection, ClientService& service) {
    const std::string path = scheduler_log_path(platform, detection.host, service.service, service.options);
    SchedulerContext context;
    context.now = detection.taken_at;
    context.local_offset = [&platform](UnixTime at) { return platform.clock.local_offset(at); };
    context.scheduler_lives = scheduler_lives(detection, service);
    context.wraps = number_or(service.options.value("schedlogmax"), 0, 1 << 20) > 0;
    context.event_settled = settings.event_settled;
    context.shared =
        std::count_if(detection.services.begin(), detection.services.end(), [&](const ClientService& other) {
            return other.schedules &&
                   scheduler_log_path(platform, detection.host, other.service, other.options) == path;
        }) > 1;
    service.log = read_scheduler_log(platform.files, path, settings.log_limit, context);
}

void find_password(Platform& platform, const Detection& detection, ClientService& service) {
    std::string directory = service.options.value("passworddir");
    const bool by_server = directory.empty() && detection.host.system == "windows";
    if (directory.empty()) {
        const std::vector<std::string> stores = client_directories(detection.host.system, ClientPlace::password);
        if (stores.empty()) return;
        directory = stores.front();
    }
    const std::string node = service.options.value("nodename");
    const PasswordPresence found =
        by_server ? find_stored_password_below(platform.files, directory + "\\Nodes\\" + service.node_name, node)
                  : find_stored_password(platform.files, directory, service.options.stanza, node);
    service.password_stored = found.stored;
    service.password_evidence = found.evidence;
    if (!by_server || found.stored != Tell::no) return;
    const std::string key = key_of_old_passwords(platform.settings, service.node_name);
    if (key.empty()) return;
    service.password_stored = Tell::unknown;
    service.password_evidence = key + " is the store of an older level";
}

/// What the log and the password store say of answers of the server.
void judge_contact(ClientService& service, UnixTime now) {
    const bool in_log = service.log.last_query_end.has_value() || !service.log.events.empty();
    if (in_log || service.password_stored == Tell::yes) {
        service.reached_server_ever = Tell::yes;
    } else if (service.password_stored == Tell::no && service.log.modified) {
        service.reached_server_ever = Tell::no;
    }
    if (service.log.last_query_end) {
        const Seconds poll{number_or(service.options.value("queryschedperiod"), default_poll_hours, 9999) * 3600};
        const std::int64_t since = now - *service.log.last_query_end;
        const bool lately = since <= 2 * poll.count();
        // Written while a clock was wrong: it says nothing of today.
        const bool ahead = since < -clocks_differ;
        // A prompted scheduler asks only when it is called.
        const bool prompted = service.options.keyword("schedmode") == "prompted";
        service.reached_server_lately = ahead      ? Tell::unknown
                                        : lately   ? Tell::yes
                                        : prompted ? Tell::unknown
                                                   : Tell::no;
    } else if (service.log.activity != Activity::unknown) {
        service.reached_server_lately = Tell::no;
    }
}

bool stops_before(const ClientService& a, const ClientService& b) {
    return std::pair(a.role, a.service.name) < std::pair(b.role, b.service.name);
}

} // namespace

std::map<std::string, std::string> service_environment(Platform& platform, const Service& service) {
    std::map<std::string, std::string> environment = service.environment;
    if (!service.running || service.process <= 0) return environment;
    for (const Process& process : platform.processes.list())
        if (process.id == service.process)
            for (const auto& [name, value] : platform.processes.environment(process))
                environment[name] = value;
    return environment;
}

EffectiveOptions service_options(Platform& platform, const HostFacts& host, const Service& service) {
    OptionSources sources;
    sources.system = host.system;
    sources.program_directory = directory_of(service.program);
    sources.arguments = service.arguments;
    sources.environment = service_environment(platform, service);
    sources.registered_file = options_file_of(platform, host, service);
    return effective_options(platform.files, sources);
}

bool runs_schedules(const Service& service, const EffectiveOptions& options) {
    const ServiceRole role = role_of(service);
    if (role == ServiceRole::scheduler) return true;
    return role == ServiceRole::acceptor && has_word(options.value("managedservices"), "schedule");
}

std::string scheduler_log_path(Platform& platform, const HostFacts& host, const Service& service,
                               const EffectiveOptions& options) {
    const std::string separator = host.system == "windows" ? "\\" : "/";
    std::string name = options.value("schedlogname", "dsmsched.log");
    const bool absolute = name.starts_with('/') || (name.size() > 1 && name[1] == ':') || name.starts_with("\\\\");
    if (absolute) return name;
    const std::map<std::string, std::string> environment = service_environment(platform, service);
    if (const auto log = environment.find("DSM_LOG"); log != environment.end() && !log->second.empty())
        return log->second + separator + name;
    // Without DSM_LOG it lies where the service was started: for a daemon that is the root.
    const std::string beside_program = directory_of(service.program) + separator + name;
    if (host.system == "windows" || platform.files.status(beside_program)) return beside_program;
    return platform.files.status("/" + name) ? "/" + name : beside_program;
}

void detect_services(Platform& platform, const DetectSettings& settings, Detection& detection) {
    look(detection, "services", [&] {
        for (Service& service : platform.services.services_of(program_directories(detection, settings))) {
            ClientService found;
            found.role = role_of(service);
            found.service = std::move(service);
            detection.services.push_back(std::move(found));
        }
    });
    std::stable_sort(detection.services.begin(), detection.services.end(), stops_before);
    for (ClientService& service : detection.services) {
        look(detection, "options of " + service.service.name,
             [&] { service.options = service_options(platform, detection.host, service.service); });
        service.schedules = runs_schedules(service.service, service.options);
        service.server_address = service.options.value("tcpserveraddress");
        service.server_port = number_or(service.options.value("tcpport"), default_port, 65535);
        service.node_name = upper_case(service.options.value("nodename", detection.host.name));
    }
    look(detection, "processes", [&] { detect_processes(platform, settings, detection); });
    for (ClientService& service : detection.services) {
        if (!service.schedules) continue;
        look(detection, "scheduler log of " + service.service.name,
             [&] { read_log(platform, settings, detection, service); });
        find_password(platform, detection, service);
        judge_contact(service, detection.taken_at);
    }
}

} // namespace autodeploy
