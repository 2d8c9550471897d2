#include "platform/linux/sysv_service_manager.h"

#include "platform/error.h"
#include "platform/posix/client_program.h"
#include "platform/posix/real_path.h"

#include <algorithm>
#include <set>

namespace autodeploy {

namespace {

constexpr Milliseconds between_looks{20};
constexpr Milliseconds wait_after_kill{10000};
constexpr std::uint64_t largest_log = 1 << 20;
/// Variables that make two services of the same program different ones.
const char* const telling_variables[] = {"DSM_CONFIG", "DSM_DIR"};

bool is_script_name(const std::string& name) {
    static const std::set<std::string> not_services = {"functions", "README", "skeleton", "rc", "rcS", "boot.local"};
    return !name.empty() && name.front() != '.' && !not_services.contains(name) &&
           name.find(".dpkg-") == std::string::npos && name.find(".rpm") == std::string::npos && !name.ends_with('~');
}

/// "S20dsmcad" starts dsmcad.
bool is_start_link(const std::string& link, const std::string& name) {
    return link.size() == name.size() + 3 && link.front() == 'S' && link.ends_with(name);
}

std::string detached_name(const std::string& service, const std::string& verb) {
    std::string name = "init-" + verb + "-";
    for (const char letter : service.substr(0, 60)) {
        const bool plain =
            (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
        name += plain ? letter : '-';
    }
    return name;
}

std::string value_of(const std::map<std::string, std::string>& variables, const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string() : found->second;
}

} // namespace

SysvServiceManager::SysvServiceManager(CommandRunner& commands, FileSystem& files, Clock& clock,
                                       ProcessTable& processes, Places places)
    : commands_(commands), files_(files), clock_(clock), processes_(processes), places_(std::move(places)) {}

std::vector<std::string> SysvServiceManager::start_links(const std::string& name) {
    std::vector<std::string> links;
    for (const std::string& folder : places_.run_levels)
        for (const char* level : {"2", "3", "4", "5"}) {
            const std::string directory = folder + "/rc" + level + ".d";
            const auto status = files_.status(directory);
            if (!status || status->type != FileType::directory) continue;
            for (const std::string& link : files_.list(directory))
                if (is_start_link(link, name)) links.push_back(directory + "/" + link);
        }
    return links;
}

/// The service's processes: its program, with the environment that its script sets, and all that these started.
std::vector<Process> SysvServiceManager::processes_of(const Service& service) {
    const std::vector<Process> all = processes_.list();
    std::set<std::int64_t> family;
    std::vector<Process> found;
    for (const Process& process : all) {
        if (process.program != service.program) continue;
        const std::map<std::string, std::string> environment = processes_.environment(process);
        const bool same =
            std::all_of(std::begin(telling_variables), std::end(telling_variables), [&](const char* name) {
                return value_of(environment, name) == value_of(service.environment, name);
            });
        if (same && family.insert(process.id).second) found.push_back(process);
    }
    for (std::size_t before = 0; before != family.size();) {
        before = family.size();
        for (const Process& process : all)
            if (family.contains(process.parent) && family.insert(process.id).second) found.push_back(process);
    }
    return found;
}

std::optional<Service> SysvServiceManager::service_of(const std::string& name,
                                                      const std::vector<std::string>& directories) {
    const std::string script = places_.scripts + "/" + name;
    const auto status = files_.status(script);
    if (!status || !is_script_name(name) || status->type == FileType::directory) return std::nullopt;
    const ServiceProgram program = program_of_command(files_, script, {}, directories);
    Service service;
    service.name = name;
    service.program = program.path;
    service.environment = program.environment;
    const std::vector<std::string> links = start_links(name);
    service.enabled = !links.empty();
    service.settings["enabled"] = service.enabled ? "yes" : "no";
    service.definition_files = {script};
    service.definition_files.insert(service.definition_files.end(), links.begin(), links.end());
    const std::vector<Process> processes = processes_of(service);
    service.running = !processes.empty();
    if (service.running) service.process = processes.front().id;
    return service;
}

std::vector<Service> SysvServiceManager::services_of(const std::vector<std::string>& directories) {
    directories_.clear();
    for (const std::string& directory : directories)
        directories_.push_back(real_path(directory));
    std::vector<Service> found;
    const auto status = files_.status(real_path(places_.scripts));
    if (!status || status->type != FileType::directory) return found;
    for (const std::string& name : files_.list(places_.scripts)) {
        std::optional<Service> service = service_of(name, directories_);
        if (service && is_below_any(service->program, directories_)) found.push_back(std::move(*service));
    }
    return found;
}

std::optional<Service> SysvServiceManager::find(const std::string& name) {
    if (name.empty() || name.find('/') != std::string::npos) return std::nullopt;
    return service_of(name, directories_);
}

Service SysvServiceManager::existing(const std::string& name, const std::string& verb) {
    std::optional<Service> service = find(name);
    if (!service)
        throw Error("service_not_found",
                    "cannot " + verb + " the service " + name + ": there is no script " + places_.scripts + "/" + name);
    return *service;
}

/// Detached, because at its deadline a script must not be ended in its middle, and because the daemon that it starts
/// keeps its streams.
CommandResult SysvServiceManager::run_script(const std::string& name, const std::string& verb, Milliseconds deadline) {
    const std::string run = detached_name(name, verb);
    if (commands_.detached_state(run) == DetachedState::running) return commands_.wait_detached(run, deadline);
    if (const auto log = files_.status(places_.output); log && log->size > largest_log)
        files_.remove_durably(places_.output);
    DetachedCommand command;
    command.name = run;
    command.command.program = places_.scripts + "/" + name;
    command.command.arguments = {verb};
    command.command.deadline = deadline;
    command.output_path = places_.output;
    return commands_.run_detached(command);
}

void SysvServiceManager::start(const std::string& name, Milliseconds deadline) {
    Service service = existing(name, "start");
    if (service.running) return;
    const Milliseconds end = clock_.elapsed() + deadline;
    const CommandResult result = run_script(name, "start", deadline);
    for (;;) {
        if (!processes_of(service).empty()) return;
        if (!result.succeeded() || clock_.elapsed() >= end) break;
        clock_.sleep(between_looks);
    }
    std::string why = "its script ended with " + std::to_string(result.exit_code);
    if (result.timed_out)
        why = "its script still runs at the deadline";
    else if (result.succeeded())
        why = "its script succeeded but no process of it is there";
    throw Error("service_start_failed", "cannot start the service " + name + ": " + why +
                                            "; it said: " + (result.output.empty() ? "nothing" : result.output));
}

void SysvServiceManager::stop(const std::string& name, Milliseconds deadline, bool kill_at_deadline) {
    const Service service = existing(name, "stop");
    if (!service.running) return;
    const std::vector<Process> family = processes_of(service);
    const Milliseconds end = clock_.elapsed() + deadline;
    run_script(name, "stop", deadline);
    const auto remaining = [&] {
        const std::vector<Process> all = processes_.list();
        std::vector<Process> left = processes_of(service); // somebody may have started it again
        for (const Process& process : family)
            if (std::find(all.begin(), all.end(), process) != all.end() &&
                std::find(left.begin(), left.end(), process) == left.end())
                left.push_back(process);
        return left;
    };
    std::vector<Process> left = remaining();
    for (; !left.empty() && clock_.elapsed() < end; left = remaining())
        clock_.sleep(between_looks);
    if (!left.empty() && kill_at_deadline) {
        const Milliseconds last = clock_.elapsed() + wait_after_kill;
        for (; !left.empty() && clock_.elapsed() < last; left = remaining()) {
            for (const Process& process : left)
                processes_.kill(process);
            clock_.sleep(between_looks);
        }
    }
    if (left.empty()) return;
    throw Error("service_stop_failed",
                "cannot stop the service " + name + " in " + std::to_string(deadline.count() / 1000) +
                    " s: " + left.front().program + " (process " + std::to_string(left.front().id) + ") is still there",
                Retry::later);
}

void SysvServiceManager::restore(const Service& service) {
    if (existing(service.name, "restore").enabled == service.enabled) return;
    // Debian has the one tool, Red Hat and SUSE the other.
    Command command;
    command.program = "/usr/sbin/update-rc.d";
    command.arguments = {service.name, service.enabled ? "enable" : "disable"};
    if (!files_.status(command.program)) {
        command.program = "/sbin/chkconfig";
        command.arguments = {service.name, service.enabled ? "on" : "off"};
    }
    const CommandResult result = commands_.run(command);
    if (!result.succeeded())
        throw Error("service_manager_failed", "cannot restore the start of " + service.name +
                                                  " at boot: " + command.program + " ended with " +
                                                  std::to_string(result.exit_code) + ": " + result.error);
}

} // namespace autodeploy
