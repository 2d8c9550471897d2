#include "platform/aix/aix_services.h"

#include "platform/digest.h"
#include "platform/error.h"
#include "platform/posix/real_path.h"

#include <algorithm>

namespace autodeploy {

namespace {

constexpr std::size_t letters_of_digest = 8;

std::string base_name(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

std::string name_of(const StartedAs& how) {
    std::string text = how.program;
    for (const std::string& argument : how.arguments)
        text += "\n" + argument;
    for (const char* variable : {"DSM_CONFIG", "DSM_DIR"})
        if (const auto found = how.environment.find(variable); found != how.environment.end())
            text += "\n" + found->first + "=" + found->second;
    return std::string(ProcessServiceManager::prefix) + base_name(how.program) + "-" +
           sha256_hex(text).substr(0, letters_of_digest);
}

Service service_from(const StartedAs& how) {
    Service service;
    service.name = name_of(how);
    service.program = how.program;
    service.arguments = how.arguments;
    service.environment = how.environment;
    return service;
}

/// Nobody waits for it any more: a daemon.
bool is_daemon(const Process& process) {
    return process.parent == 1;
}

} // namespace

std::vector<Service> ProcessServiceManager::services_of(const std::vector<std::string>& directories) {
    std::vector<std::string> real;
    for (const std::string& directory : directories)
        real.push_back(real_path(directory));
    std::vector<Service> found;
    for (const Process& process : services_.processes.list()) {
        if (!is_daemon(process) || !is_below_any(process.program, real) || known_(process)) continue;
        if (!services_.processes.is_told(process))
            throw Error(
                "service_manager_failed",
                "cannot tell how process " + std::to_string(process.id) + " (" + process.program +
                    ") was started: neither a subsystem nor an entry of inittab does so, and ps does not show its "
                    "arguments and environment exactly; make it a subsystem (mkssys) and start it so");
        Service service = service_from(services_.started_as(process));
        service.running = true;
        service.process = process.id;
        found.push_back(std::move(service));
    }
    return found;
}

std::vector<Process> ProcessServiceManager::processes_named(const std::string& name) {
    std::vector<Process> found;
    for (const Process& process : services_.processes.list())
        if (is_daemon(process) && !process.program.empty() &&
            name.starts_with(std::string(prefix) + base_name(process.program) + "-") &&
            name_of(services_.started_as(process)) == name)
            found.push_back(process);
    return found;
}

std::optional<Service> ProcessServiceManager::find(const std::string& name) {
    const std::vector<Process> processes = processes_named(name);
    if (!processes.empty()) {
        Service service = service_from(services_.started_as(processes.front()));
        service.running = true;
        service.process = processes.front().id;
        return service;
    }
    const std::optional<StartRecord> record = services_.records.find(name);
    if (!record || record->instances.empty()) return std::nullopt;
    return service_from(record->instances.front());
}

bool ProcessServiceManager::hold(const std::string& name) {
    const std::vector<Process> processes = processes_named(name);
    if (!processes.empty()) services_.records.save(name, {false, {}, {services_.started_as(processes.front())}});
    return false;
}

void ProcessServiceManager::start(const std::string& name, Milliseconds deadline) {
    if (!processes_named(name).empty()) return;
    const std::optional<StartRecord> record = services_.records.find(name);
    if (!record || record->instances.empty())
        throw Error("service_not_found", "cannot start " + name + ": how it was started is not recorded");
    services_.start_apart(record->instances.front());
    services_.await_start(
        name, [&] { return !processes_named(name).empty(); }, deadline, "");
}

void ProcessServiceManager::stop(const std::string& name, Milliseconds deadline, bool kill_at_deadline) {
    const std::vector<Process> running = processes_named(name);
    if (running.empty()) {
        if (!services_.records.find(name))
            throw Error("service_not_found", "cannot stop " + name + ": there is no such process");
        return;
    }
    hold(name);
    std::set<std::int64_t> roots;
    for (const Process& process : running)
        roots.insert(process.id);
    services_.end(
        name, roots, [] { return std::set<std::int64_t>(); }, deadline, kill_at_deadline);
}

void ProcessServiceManager::restore(const Service& service) {
    const StartRecord record{false, {}, {{service.program, service.arguments, service.environment}}};
    if (services_.records.find(service.name) != record) services_.records.save(service.name, record);
}

} // namespace autodeploy
