#include "platform/aix/aix_services.h"

#include "platform/aix/lines.h"
#include "platform/error.h"
#include "platform/posix/client_program.h"
#include "platform/posix/real_path.h"

#include <algorithm>

namespace autodeploy {

namespace {

constexpr Milliseconds between_looks{200};
/// How long the controller may still tell of a process that is gone.
constexpr Milliseconds controller_delay{10'000};
constexpr Milliseconds extra_deadline{60'000};

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

/// What makes two instances of one program different ones.
std::map<std::string, std::string> telling(const std::map<std::string, std::string>& environment) {
    std::map<std::string, std::string> found;
    for (const auto& [name, value] : environment)
        if (name.starts_with("DSM_")) found[name] = value;
    return found;
}

std::map<std::string, std::string> settings_of(const Subsystem& one) {
    return {{"path", one.path},
            {"arguments", one.arguments},
            {"user", one.user},
            {"standard_output", one.standard_output},
            {"standard_error", one.standard_error},
            {"action", one.action},
            {"multi", one.multi},
            {"contact", one.contact},
            {"normal_signal", one.normal_signal},
            {"forced_signal", one.forced_signal},
            {"wait_time", one.wait_time},
            {"group", one.group}};
}

/// Of mkssys and chssys.
std::vector<std::string> definition_arguments(const Service& service) {
    const auto setting = [&](const char* name) {
        const auto found = service.settings.find(name);
        return found == service.settings.end() ? std::string() : found->second;
    };
    std::vector<std::string> arguments{"-s", service.name,    "-p", setting("path"),
                                       "-u", setting("user"), "-a", setting("arguments")};
    const auto add = [&](const char* flag, const std::string& value) {
        if (!value.empty()) arguments.insert(arguments.end(), {flag, value});
    };
    add("-o", setting("standard_output"));
    add("-e", setting("standard_error"));
    add("-G", setting("group"));
    add("-w", setting("wait_time"));
    for (const char* flag : {"action", "multi", "contact"})
        if (!setting(flag).empty()) arguments.push_back(setting(flag));
    if (setting("contact") == "-S") {
        add("-n", setting("normal_signal"));
        add("-f", setting("forced_signal"));
    }
    return arguments;
}

} // namespace

std::vector<InittabEntry> SrcServiceManager::boot_entries(const Subsystem& subsystem) {
    std::vector<InittabEntry> found = services_.inittab();
    std::erase_if(
        found, [&](const InittabEntry& entry) { return entry.action == "off" || !starts_subsystem(entry, subsystem); });
    return found;
}

std::vector<StartedAs> SrcServiceManager::running_instances(const Subsystem& subsystem) {
    const std::vector<SubsystemInstance> instances = services_.instances(subsystem.name);
    std::vector<StartedAs> found;
    if (instances.empty()) return found;
    const std::vector<std::string> defined = blank_words(subsystem.arguments);
    for (const Process& process : services_.processes.list()) {
        const bool ours = std::any_of(instances.begin(), instances.end(), [&](const SubsystemInstance& one) {
            return one.active && one.process == process.id;
        });
        if (!ours) continue;
        StartedAs how;
        // The controller puts what startsrc was given behind the arguments of the definition.
        const std::vector<std::string> words(process.arguments.begin() + 1, process.arguments.end());
        if (words.size() > defined.size() && std::equal(defined.begin(), defined.end(), words.begin()))
            how.arguments.assign(words.begin() + std::ptrdiff_t(defined.size()), words.end());
        how.environment = telling(services_.processes.environment(process));
        found.push_back(std::move(how));
    }
    return found;
}

Service SrcServiceManager::service_of(const Subsystem& subsystem) {
    const ServiceProgram program =
        program_of_command(services_.files, subsystem.path, command_words(subsystem.arguments), directories_);
    Service service;
    service.name = subsystem.name;
    service.program = program.path;
    service.arguments = program.arguments;
    service.environment = program.environment;
    service.settings = settings_of(subsystem);
    const std::optional<StartRecord> record = services_.records.find(subsystem.name);
    const bool held = record && record->held && !record->inittab_lines.empty();
    service.enabled = held || !boot_entries(subsystem).empty();
    for (const SubsystemInstance& instance : services_.instances(subsystem.name))
        if (instance.active) {
            service.running = true;
            if (service.process == 0) service.process = instance.process;
            seen_.insert(instance.process);
        }
    return service;
}

std::vector<Service> SrcServiceManager::services_of(const std::vector<std::string>& directories) {
    directories_.clear();
    seen_.clear();
    for (const std::string& directory : directories)
        directories_.push_back(real_path(directory));
    std::vector<Service> found;
    for (const Subsystem& subsystem : services_.subsystems()) {
        const ServiceProgram program =
            program_of_command(services_.files, subsystem.path, command_words(subsystem.arguments), directories_);
        if (!is_below_any(program.path, directories_)) continue;
        Service service = service_of(subsystem);
        const std::vector<StartedAs> instances = running_instances(subsystem);
        if (!instances.empty() && instances != std::vector<StartedAs>{StartedAs{}})
            service.settings["instances"] = start_record_text({false, {}, instances});
        // A subsystem has no settings of its own for its environment: what startsrc -e gave is the process's.
        if (instances.size() == 1)
            for (const auto& [name, value] : instances.front().environment)
                service.environment[name] = value;
        if (instances.size() == 1)
            service.arguments.insert(service.arguments.end(), instances.front().arguments.begin(),
                                     instances.front().arguments.end());
        found.push_back(std::move(service));
    }
    return found;
}

std::optional<Service> SrcServiceManager::find(const std::string& name) {
    const std::optional<Subsystem> subsystem = services_.subsystem(name);
    if (!subsystem) return std::nullopt;
    return service_of(*subsystem);
}

Subsystem SrcServiceManager::existing(const std::string& name, const std::string& verb) {
    std::optional<Subsystem> subsystem = services_.subsystem(name);
    if (!subsystem)
        throw Error("service_not_found", "cannot " + verb + " the subsystem " + name + ": lssrc does not know it");
    return *subsystem;
}

std::set<std::int64_t> SrcServiceManager::instance_ids(const std::string& name) {
    std::set<std::int64_t> ids;
    for (const SubsystemInstance& instance : services_.instances(name))
        ids.insert(instance.process);
    return ids;
}

void SrcServiceManager::start(const std::string& name, Milliseconds deadline) {
    const Subsystem subsystem = existing(name, "start");
    const Milliseconds end = services_.clock.elapsed() + deadline;
    // While one is still being stopped no other can be started.
    for (;;) {
        const std::vector<SubsystemInstance> now = services_.instances(name);
        const bool stopping =
            std::any_of(now.begin(), now.end(), [](const SubsystemInstance& one) { return !one.active; });
        if (!stopping || services_.clock.elapsed() >= end) break;
        services_.clock.sleep(between_looks);
    }
    const std::optional<StartRecord> record = services_.records.find(name);
    std::vector<StartedAs> wanted = record ? record->instances : std::vector<StartedAs>();
    std::vector<StartedAs> running = running_instances(subsystem);
    if (!running.empty() && (subsystem.multi != "-q" || wanted.empty())) return;
    if (wanted.empty()) wanted.emplace_back();
    if (subsystem.multi != "-q") wanted.resize(1);
    const std::size_t count = wanted.size();
    for (const StartedAs& there : running)
        if (const auto same = std::find(wanted.begin(), wanted.end(), there); same != wanted.end()) wanted.erase(same);
    std::string said;
    for (const StartedAs& how : wanted) {
        std::vector<std::string> arguments{"-s", name};
        if (!how.arguments.empty()) arguments.insert(arguments.end(), {"-a", joined(how.arguments)});
        std::string environment;
        for (const auto& [variable, value] : how.environment)
            environment += (environment.empty() ? "" : " ") + variable + "=" + value;
        if (!environment.empty()) arguments.insert(arguments.end(), {"-e", environment});
        const CommandResult result = services_.run("/usr/bin/startsrc", arguments);
        said += result.output + result.error;
    }
    // Whether they live on is for others to watch: startsrc does not know either.
    services_.await_start(
        name,
        [&] {
            const std::vector<SubsystemInstance> now = services_.instances(name);
            return std::size_t(std::count_if(now.begin(), now.end(),
                                             [](const SubsystemInstance& one) { return one.active; })) >= count;
        },
        std::max(end - services_.clock.elapsed(), Milliseconds(1000)), said);
}

void SrcServiceManager::stop(const std::string& name, Milliseconds deadline, bool kill_at_deadline) {
    // A script of a package may have taken it away while we hold it: then there is nothing to stop, and a restore makes
    // it anew.
    if (!services_.subsystem(name) && services_.records.find(name)) return;
    existing(name, "stop");
    const std::set<std::int64_t> roots = instance_ids(name);
    if (roots.empty()) return;
    const std::vector<Process> before = services_.family(services_.processes.list(), roots);
    services_.run("/usr/bin/stopsrc", {"-s", name});
    const Milliseconds end = services_.clock.elapsed() + deadline;
    bool forced = false;
    services_.await_end(
        name, before,
        [&] {
            // Asked only once the end is near: it tells the controller, too, that this is no death to start again
            // after.
            if (kill_at_deadline && !forced && services_.clock.elapsed() >= end) {
                forced = true;
                services_.run("/usr/bin/stopsrc", {"-f", "-s", name});
            }
            return instance_ids(name);
        },
        deadline, kill_at_deadline);
    // What comes next may ask the controller: a start is refused, a subsystem not removed, while it tells of the old
    // one.
    const Milliseconds told = services_.clock.elapsed() + controller_delay;
    while (!instance_ids(name).empty() && services_.clock.elapsed() < told)
        services_.clock.sleep(between_looks);
}

bool SrcServiceManager::hold(const std::string& name) {
    const Subsystem subsystem = existing(name, "hold");
    StartRecord record = services_.records.find(name).value_or(StartRecord{});
    if (!record.held) {
        record = {true, {}, running_instances(subsystem)};
        for (const InittabEntry& entry : boot_entries(subsystem))
            record.inittab_lines.push_back(inittab_line(entry));
        services_.records.save(name, record);
    }
    for (const std::string& line : record.inittab_lines)
        for (InittabEntry entry : parse_inittab(line)) {
            entry.action = "off";
            services_.set_inittab(entry);
        }
    return !record.inittab_lines.empty();
}

void SrcServiceManager::release(const std::string& name) {
    const std::set<std::int64_t> more = services_.release_hold(name, [&] { return instance_ids(name); });
    for (const std::int64_t process : more)
        services_.run("/usr/bin/stopsrc", {"-p", std::to_string(process)});
    const auto any_left = [&] {
        const std::set<std::int64_t> now = instance_ids(name);
        return std::any_of(more.begin(), more.end(), [&](std::int64_t one) { return now.contains(one); });
    };
    const Milliseconds end = services_.clock.elapsed() + extra_deadline;
    while (any_left() && services_.clock.elapsed() < end)
        services_.clock.sleep(between_looks);
}

void SrcServiceManager::restore(const Service& service) {
    const std::optional<Subsystem> now = services_.subsystem(service.name);
    std::map<std::string, std::string> wanted = service.settings;
    const auto instances = wanted.find("instances");
    StartRecord record = services_.records.find(service.name).value_or(StartRecord{});
    const std::vector<StartedAs> started =
        instances == wanted.end() ? std::vector<StartedAs>() : parse_start_record(instances->second).instances;
    if (instances != wanted.end()) wanted.erase(instances);
    if (record.instances != started) {
        record.instances = started;
        services_.records.save(service.name, record);
    }
    if (now && settings_of(*now) == wanted) return;
    const std::string program = now ? "/usr/bin/chssys" : "/usr/bin/mkssys";
    const CommandResult result = services_.run(program, definition_arguments(service));
    const std::optional<Subsystem> after = services_.subsystem(service.name);
    if (after && settings_of(*after) == wanted) return;
    throw Error("service_manager_failed", "cannot restore the subsystem " + service.name + ": " + program +
                                              " ended with " + std::to_string(result.exit_code) + ": " + result.error +
                                              result.output);
}

} // namespace autodeploy
