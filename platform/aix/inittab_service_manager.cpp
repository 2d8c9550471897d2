#include "platform/aix/aix_services.h"

#include "platform/aix/lines.h"
#include "platform/error.h"
#include "platform/posix/client_program.h"
#include "platform/posix/real_path.h"

#include <algorithm>

namespace autodeploy {

namespace {

constexpr std::uint64_t largest_environment = 256 * 1024;
constexpr Milliseconds end_deadline{60000};

std::string id_of(const std::string& name) {
    return name.substr(InittabServiceManager::prefix.size());
}

std::vector<std::string> options_in(const std::vector<std::string>& words) {
    std::vector<std::string> found;
    std::copy_if(words.begin(), words.end(), std::back_inserter(found),
                 [](const std::string& word) { return word.starts_with('-'); });
    return found;
}

/// Two entries of one program differ by their options and by what their scripts export.
bool is_of(const Service& service, const Process& process, const std::map<std::string, std::string>& environment) {
    if (process.program != service.program || process.arguments.empty()) return false;
    std::vector<std::string> wanted = options_in(service.arguments);
    std::vector<std::string> found = options_in({process.arguments.begin() + 1, process.arguments.end()});
    std::sort(wanted.begin(), wanted.end());
    std::sort(found.begin(), found.end());
    if (wanted != found) return false;
    for (const char* name : {"DSM_CONFIG", "DSM_DIR"}) {
        const auto exported = service.environment.find(name);
        const auto has = environment.find(name);
        if (exported == service.environment.end()) continue;
        if (has != environment.end() && has->second != exported->second) return false;
    }
    return true;
}

/// What init gives to what it starts.
std::map<std::string, std::string> system_environment(FileSystem& files) {
    std::map<std::string, std::string> found{{"PATH", "/usr/bin:/etc:/usr/sbin:/usr/ucb:/usr/bin/X11:/sbin"}};
    if (!files.status("/etc/environment")) return found;
    const std::string content = files.read("/etc/environment", largest_environment);
    for (const std::string_view line : text_lines(content)) {
        const std::size_t equals = line.find('=');
        if (line.starts_with('#') || equals == std::string_view::npos || equals == 0) continue;
        found[std::string(line.substr(0, equals))] = line.substr(equals + 1);
    }
    return found;
}

} // namespace

std::optional<InittabEntry> InittabServiceManager::entry_of(const std::string& name) {
    if (!name.starts_with(prefix)) return std::nullopt;
    const std::optional<StartRecord> record = services_.records.find(name);
    if (record && record->held && !record->inittab_lines.empty()) {
        const std::vector<InittabEntry> kept = parse_inittab(record->inittab_lines.front());
        if (!kept.empty()) return kept.front();
    }
    for (InittabEntry& entry : services_.inittab())
        if (entry.id == id_of(name)) return entry;
    return std::nullopt;
}

std::vector<Process> InittabServiceManager::processes_of(const Service& service) {
    std::vector<Process> found;
    const std::vector<Process> all = services_.processes.list();
    // An entry that was put off when its program became a subsystem has no process, however alike they are.
    const std::set<std::int64_t> others = services_.processes_of_subsystems(all);
    for (const Process& process : all) {
        if (process.program != service.program || others.contains(process.id)) continue;
        if (is_of(service, process, services_.processes.environment(process))) found.push_back(process);
    }
    return found;
}

std::set<std::int64_t> InittabServiceManager::process_ids(const Service& service) {
    std::set<std::int64_t> ids;
    for (const Process& process : processes_of(service))
        ids.insert(process.id);
    return ids;
}

std::optional<Service> InittabServiceManager::service_of(const InittabEntry& entry) {
    const std::vector<std::string> words = command_words(entry.command);
    if (words.empty() || !words.front().starts_with('/')) return std::nullopt;
    Service service;
    service.name = std::string(prefix) + entry.id;
    const std::vector<std::string> arguments(words.begin() + 1, words.end());
    const ServiceProgram program = program_of_command(services_.files, words.front(), arguments, directories_);
    service.program = program.path;
    service.arguments = program.arguments.empty() ? options_in(arguments) : program.arguments;
    service.environment = program.environment;
    // Without the folders of a detection a script cannot be seen through: what was seen then is kept.
    const std::optional<StartRecord> record = services_.records.find(service.name);
    if (directories_.empty() && record && !record->instances.empty() && !record->instances.front().program.empty()) {
        service.program = record->instances.front().program;
        service.arguments = record->instances.front().arguments;
    }
    service.enabled = entry.action != "off";
    service.settings["line"] = inittab_line(entry);
    const std::vector<Process> processes = processes_of(service);
    service.running = !processes.empty();
    if (service.running) service.process = processes.front().id;
    return service;
}

std::vector<Service> InittabServiceManager::services_of(const std::vector<std::string>& directories) {
    directories_.clear();
    seen_.clear();
    for (const std::string& directory : directories)
        directories_.push_back(real_path(directory));
    std::vector<Service> found;
    for (const InittabEntry& line : services_.inittab()) {
        const std::optional<InittabEntry> entry = entry_of(std::string(prefix) + line.id);
        const std::vector<std::string> words = command_words(line.command);
        if (!entry || words.empty() || !words.front().starts_with('/')) continue;
        const ServiceProgram program =
            program_of_command(services_.files, words.front(), {words.begin() + 1, words.end()}, directories_);
        if (!is_below_any(program.path, directories_)) continue;
        if (std::optional<Service> service = service_of(*entry)) {
            seen_.merge(process_ids(*service));
            found.push_back(std::move(*service));
        }
    }
    return found;
}

std::optional<Service> InittabServiceManager::find(const std::string& name) {
    const std::optional<InittabEntry> entry = entry_of(name);
    return entry ? service_of(*entry) : std::nullopt;
}

InittabServiceManager::Existing InittabServiceManager::existing(const std::string& name, const std::string& verb) {
    std::optional<InittabEntry> entry = entry_of(name);
    std::optional<Service> service = entry ? service_of(*entry) : std::nullopt;
    if (!entry || !service)
        throw Error("service_not_found",
                    "cannot " + verb + " the service " + name + ": /etc/inittab has no such entry");
    return {std::move(*entry), std::move(*service)};
}

bool InittabServiceManager::hold(const std::string& name) {
    auto [entry, service] = existing(name, "hold");
    StartRecord record = services_.records.find(name).value_or(StartRecord{});
    if (!record.held) {
        record = {true, {inittab_line(entry)}, {}};
        for (const Process& process : processes_of(service))
            record.instances.push_back(services_.started_as(process));
        if (record.instances.empty()) record.instances.push_back({service.program, service.arguments, {}});
        services_.records.save(name, record);
    }
    entry.action = "off";
    services_.set_inittab(entry);
    return true;
}

void InittabServiceManager::release(const std::string& name) {
    const std::optional<Service> service = find(name);
    if (!service) return;
    const std::set<std::int64_t> more = services_.release_hold(name, [&] { return process_ids(*service); });
    if (!more.empty())
        services_.end(
            name, more, [] { return std::set<std::int64_t>(); }, end_deadline, true);
}

void InittabServiceManager::start(const std::string& name, Milliseconds deadline) {
    const Existing found = existing(name, "start");
    const InittabEntry& entry = found.entry;
    const Service& service = found.service;
    if (service.running) return;
    const std::optional<StartRecord> record = services_.records.find(name);
    if (entry.action == "respawn") {
        // It is init that runs it, so its hold ends with the start.
        services_.set_inittab(entry);
    } else {
        std::map<std::string, std::string> environment;
        if (record && !record->instances.empty()) environment = record->instances.front().environment;
        if (environment.empty()) environment = system_environment(services_.files);
        services_.start_line(entry.command, environment);
    }
    services_.await_start(
        name, [&] { return !processes_of(service).empty(); }, deadline, "the command is: " + entry.command);
}

void InittabServiceManager::stop(const std::string& name, Milliseconds deadline, bool kill_at_deadline) {
    const Existing found = existing(name, "stop");
    const Service& service = found.service;
    if (!service.running) return;
    // Else init would start it again.
    if (found.entry.action == "respawn") hold(name);
    services_.end(
        name, process_ids(service), [&] { return process_ids(service); }, deadline, kill_at_deadline);
}

void InittabServiceManager::reload() {
    services_.run("/usr/sbin/telinit", {"q"});
}

void InittabServiceManager::restore(const Service& service) {
    const auto line = service.settings.find("line");
    const std::vector<InittabEntry> wanted =
        line == service.settings.end() ? std::vector<InittabEntry>() : parse_inittab(line->second);
    if (wanted.empty()) return;
    StartRecord record = services_.records.find(service.name).value_or(StartRecord{});
    if (!record.held) return services_.set_inittab(wanted.front());
    // A hold keeps the entry off; what it goes back to, and what is to be seen running then, stands in the record.
    const StartRecord before = record;
    record.inittab_lines = {line->second};
    for (StartedAs& instance : record.instances) {
        if (instance.program != service.program) instance.arguments = service.arguments;
        instance.program = service.program;
        for (const auto& [name, value] : service.environment)
            instance.environment[name] = value;
    }
    if (record != before) services_.records.save(service.name, record);
}

} // namespace autodeploy
