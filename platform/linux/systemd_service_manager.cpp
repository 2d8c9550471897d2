#include "platform/linux/systemd_service_manager.h"

#include "platform/error.h"
#include "platform/linux/control_group.h"
#include "platform/linux/systemctl.h"
#include "platform/linux/unit_text.h"
#include "platform/posix/client_program.h"
#include "platform/posix/real_path.h"

#include <algorithm>
#include <set>

namespace autodeploy {

namespace {

const std::string asked_properties =
    "Id,LoadState,ActiveState,SubState,Type,MainPID,ControlGroup,ExecStart,Environment,EnvironmentFiles,FragmentPath,"
    "SourcePath,DropInPaths,UnitFileState,WantedBy,RequiredBy,NeedDaemonReload,ConditionResult,Result,ExecMainStatus,"
    "StatusText";
const std::string hold_file = "50-autodeploy-hold.conf";
constexpr std::uint64_t largest_file = 1 << 20;
constexpr Milliseconds between_looks{10};
constexpr Milliseconds wait_after_kill{15000};

std::string asked(CommandRunner& commands, std::vector<std::string> arguments) {
    Command command;
    command.program = systemctl_program;
    command.arguments = std::move(arguments);
    command.output_limit = 16 << 20;
    const CommandResult result = commands.run(command);
    if (!result.succeeded())
        throw Error("service_manager_failed",
                    "cannot list the services of systemd: " +
                        (result.timed_out ? "systemctl did not answer in time" : result.error),
                    Retry::later);
    return result.output;
}

/// What is loaded, and what lies where systemd looks for units. Its own list of these files, list-unit-files, works out
/// for each of them whether it is enabled: for that the manager stands still for a third of a second with 220 files.
std::set<std::string> service_names(CommandRunner& commands, FileSystem& files) {
    std::set<std::string> names;
    const auto insert = [&](const std::string& text) {
        for (std::string& name : parse_service_names(text))
            names.insert(std::move(name));
    };
    insert(
        asked(commands, {"list-units", "--type=service", "--all", "--plain", "--no-legend", "--no-pager", "--full"}));
    const std::vector<UnitProperties> manager =
        parse_unit_properties(asked(commands, {"show", "--no-pager", "--property=UnitPath"}));
    if (manager.empty() || manager.front().text("UnitPath").empty())
        throw Error("service_manager_failed",
                    "cannot list the services of systemd: it does not say where its units lie", Retry::later);
    for (const std::string& directory : split_quoted(manager.front().text("UnitPath")))
        if (files.status(directory))
            for (const std::string& file : files.list(directory))
                insert(file);
    return names;
}

bool exists(const UnitProperties& unit) {
    const std::string& state = unit.text("LoadState");
    return state != "not-found" && !state.empty();
}

bool is_stopped(const UnitProperties& unit) {
    return unit.text("ActiveState") == "inactive" || unit.text("ActiveState") == "failed";
}

std::string processes_text(const std::vector<Process>& processes) {
    std::string text;
    for (const Process& process : processes)
        text += (text.empty() ? "" : ", ") + process.program + " (process " + std::to_string(process.id) + ")";
    return text;
}

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

} // namespace

SystemdServiceManager::SystemdServiceManager(CommandRunner& commands, FileSystem& files, Clock& clock,
                                             ProcessTable& processes, Places places)
    : commands_(commands), files_(files), clock_(clock), processes_(processes), places_(std::move(places)) {}

std::string SystemdServiceManager::drop_in_directory(const std::string& name) const {
    return places_.units + "/" + name + ".d";
}
std::string SystemdServiceManager::drop_in(const std::string& name) const {
    return drop_in_directory(name) + "/" + hold_file;
}
std::string SystemdServiceManager::key(const std::string& name) const {
    return places_.keys + "/may-start-" + name;
}

UnitProperties SystemdServiceManager::existing(const std::string& name, const std::string& verb) {
    UnitProperties unit = show_unit(commands_, name, asked_properties);
    if (!exists(unit))
        throw Error("service_not_found", "cannot " + verb + " the service " + name + ": systemd knows no such unit");
    return unit;
}

std::map<std::string, std::string> SystemdServiceManager::environment_of(const UnitProperties& unit) {
    std::map<std::string, std::string> environment = parse_environment_property(unit.text("Environment"));
    for (const std::string& property : unit.all("EnvironmentFiles")) {
        const std::string path = parse_environment_file_property(property);
        if (path.empty()) continue;
        try {
            for (auto& [name, value] : parse_environment_file(files_.read(path, largest_file)))
                environment[name] = value;
        } catch (const Error&) {
            // systemd too goes on without it, or does not start the service at all.
        }
    }
    return environment;
}

Service SystemdServiceManager::service_from(const UnitProperties& unit, const std::vector<std::string>& directories) {
    Service service;
    service.name = unit.text("Id");
    service.environment = environment_of(unit);
    for (const std::string& property : unit.all("ExecStart")) {
        const UnitCommand command = parse_exec_property(property);
        if (command.path.empty()) continue;
        ServiceProgram program = program_of_command(
            files_, command.path, with_variables(command.arguments, service.environment), directories);
        const bool first = service.program.empty();
        if (!first && !is_below_any(program.path, directories)) continue;
        service.program = std::move(program.path);
        service.arguments = std::move(program.arguments);
        service.environment.merge(program.environment);
        if (is_below_any(service.program, directories)) break;
    }
    const std::vector<Process> processes = processes_in(unit.text("ControlGroup"));
    const std::string& state = unit.text("UnitFileState");
    const bool wanted = !unit.text("WantedBy").empty() || !unit.text("RequiredBy").empty();
    service.enabled = state.starts_with("enabled") || (wanted && state != "disabled" && !state.starts_with("masked"));
    // A unit that remains after its command has ended runs only if something of it does.
    service.running = !is_stopped(unit) && (unit.text("SubState") != "exited" || !processes.empty());
    if (service.running) {
        service.process = unit.number("MainPID");
        for (const Process& process : processes)
            if (service.process == 0 && process.program == service.program) service.process = process.id;
    }
    service.settings["UnitFileState"] = state;
    const auto define = [&](const std::string& path) {
        // What systemd generates lies in /run and comes from another file.
        const bool made = path.starts_with("/run/");
        if (!path.empty() && !made && path != drop_in(service.name) && files_.status(path))
            service.definition_files.push_back(path);
    };
    define(unit.text("FragmentPath"));
    define(unit.text("SourcePath"));
    for (const std::string& path : split_quoted(unit.text("DropInPaths")))
        define(path);
    for (const std::string& property : unit.all("EnvironmentFiles"))
        define(parse_environment_file_property(property));
    return service;
}

/// systemctl shows arguments without quotes, so that one with a blank in it looks like two. The bus has them exactly;
/// where it cannot be asked, the first answer stands.
void SystemdServiceManager::exact_arguments(Service& service, const UnitProperties& unit,
                                            const std::vector<std::string>& directories) {
    if (service.arguments.empty()) return;
    Command command;
    command.program = "/usr/bin/busctl";
    command.arguments = {"get-property", "org.freedesktop.systemd1", bus_path_of_unit(unit.text("Id")),
                         "org.freedesktop.systemd1.Service", "ExecStart"};
    try {
        const CommandResult result = commands_.run(command);
        if (!result.succeeded()) return;
        for (const UnitCommand& exact : parse_bus_commands(result.output)) {
            ServiceProgram program = program_of_command(
                files_, exact.path, with_variables(exact.arguments, service.environment), directories);
            if (program.path != service.program) continue;
            service.arguments = std::move(program.arguments);
            return;
        }
    } catch (const Error&) {
        // No bus on this machine.
    }
}

std::vector<Service> SystemdServiceManager::services_of(const std::vector<std::string>& directories) {
    std::vector<std::string> resolved;
    for (const std::string& directory : directories)
        resolved.push_back(real_path(directory));
    const std::set<std::string> names = service_names(commands_, files_);
    std::vector<Service> found;
    std::set<std::string> seen; // aliases lead to the same unit
    for (const UnitProperties& unit :
         show_units(commands_, std::vector<std::string>(names.begin(), names.end()), asked_properties)) {
        if (!exists(unit) || !seen.insert(unit.text("Id")).second) continue;
        Service service = service_from(unit, resolved);
        if (!is_below_any(service.program, resolved)) continue;
        exact_arguments(service, unit, resolved);
        found.push_back(std::move(service));
    }
    std::sort(found.begin(), found.end(), [](const Service& a, const Service& b) { return a.name < b.name; });
    directories_ = std::move(resolved);
    return found;
}

std::optional<Service> SystemdServiceManager::find(const std::string& name) {
    const UnitProperties unit = show_unit(commands_, name, asked_properties);
    if (!exists(unit)) return std::nullopt;
    Service service = service_from(unit, directories_);
    exact_arguments(service, unit, directories_);
    return service;
}

std::vector<Process> SystemdServiceManager::processes_in(const std::string& group) {
    const std::vector<std::int64_t> ids = processes_of_group(files_, places_.groups, group);
    std::vector<Process> found;
    if (ids.empty()) return found;
    for (Process& process : processes_.list())
        if (std::find(ids.begin(), ids.end(), process.id) != ids.end()) found.push_back(std::move(process));
    return found;
}

void SystemdServiceManager::start(const std::string& name, Milliseconds deadline) {
    UnitProperties unit = existing(name, "start");
    const Milliseconds end = clock_.elapsed() + deadline;
    if (unit.text("NeedDaemonReload") == "yes") reload();
    if (unit.text("ActiveState") == "failed") systemctl(commands_, {"reset-failed", "--", name}, "start " + name);
    const bool held = files_.status(drop_in(name)).has_value();
    if (held) {
        files_.make_directory(places_.keys);
        files_.write_durably(key(name), "");
    }
    const auto failed = [&](const std::string& why) {
        if (held) files_.remove_durably(key(name));
        return Error("service_start_failed", "cannot start the service " + name + ": " + why +
                                                 "; see: systemctl status " + name + ", journalctl -u " + name);
    };
    Command command;
    command.program = systemctl_program;
    // A unit that remains after its command has ended counts as started though nothing of it is left.
    const bool hollow = unit.text("SubState") == "exited" && unit.text("Type") != "oneshot" &&
                        processes_of_group(files_, places_.groups, unit.text("ControlGroup")).empty();
    command.arguments = {hollow ? "restart" : "start", "--", name};
    command.deadline = deadline;
    const CommandResult result = commands_.run(command);
    for (;;) {
        unit = show_unit(commands_, name, asked_properties);
        const std::string& state = unit.text("ActiveState");
        if (state == "active" || state == "reloading") return;
        const std::string outcome = unit.text("Result") + ", exit code " + unit.text("ExecMainStatus");
        if (!result.succeeded() && !result.timed_out)
            throw failed(first_line(result.error) + " (" + state + ", " + outcome + ")");
        if (state == "inactive" && unit.text("ConditionResult") == "no")
            throw failed("a condition of the unit is not met");
        if (state == "failed") throw failed("it ended at once (" + outcome + ")");
        if (state == "inactive") {
            if (unit.text("Type") == "oneshot") return;
            throw failed("it ended at once (" + outcome + ")");
        }
        if (clock_.elapsed() >= end) throw failed("it is still " + state + " at its deadline");
        clock_.sleep(between_looks);
    }
}

bool SystemdServiceManager::wait_until_gone(const std::string& name, const std::string& group, Milliseconds end) {
    for (;;) {
        if (processes_of_group(files_, places_.groups, group).empty() &&
            is_stopped(show_unit(commands_, name, asked_properties)))
            return true;
        if (clock_.elapsed() >= end) return false;
        clock_.sleep(between_looks);
    }
}

void SystemdServiceManager::stop(const std::string& name, Milliseconds deadline, bool kill_at_deadline) {
    std::string group;
    if (auto known = groups_.extract(name)) {
        group = std::move(known.mapped());
    } else {
        const UnitProperties unit = existing(name, "stop");
        // From here on a held service is held against everybody again.
        files_.remove_durably(key(name));
        group = unit.text("ControlGroup");
        if (is_stopped(unit) && processes_of_group(files_, places_.groups, group).empty()) return;
    }
    const Milliseconds end = clock_.elapsed() + deadline;
    Command command;
    command.program = systemctl_program;
    command.arguments = {"stop", "--", name};
    command.deadline = deadline;
    const CommandResult result = commands_.run(command);
    // That the job succeeded means inactive or failed; what systemd does not count as the unit's shows in its group.
    if (result.succeeded() && processes_of_group(files_, places_.groups, group).empty()) return;
    if (wait_until_gone(name, group, result.succeeded() ? end : clock_.elapsed())) return;
    if (kill_at_deadline) {
        for (const Process& process : processes_in(group))
            processes_.kill(process);
        // What was told to end is in systemd's hands; this settles its state.
        command.deadline = wait_after_kill;
        commands_.run(command);
        if (wait_until_gone(name, group, clock_.elapsed() + wait_after_kill)) return;
    }
    std::string why = processes_text(processes_in(group));
    why = why.empty() ? "systemd still calls it " + show_unit(commands_, name, asked_properties).text("ActiveState")
                      : "still there: " + why;
    throw Error("service_stop_failed",
                "cannot stop the service " + name + " in " + std::to_string(deadline.count() / 1000) + " s: " + why +
                    (result.succeeded() || result.timed_out ? "" : " (" + first_line(result.error) + ")"),
                Retry::later);
}

bool SystemdServiceManager::hold(const std::string& name) {
    const UnitProperties unit = existing(name, "hold");
    const std::string content = "# An update is at work: nobody else starts the service meanwhile. If no update is at\n"
                                "# work, remove this file and run: systemctl daemon-reload\n"
                                "[Unit]\nConditionPathExists=" +
                                key(name) + "\n";
    const auto is_known = [&](const UnitProperties& now) {
        const std::vector<std::string> known = split_quoted(now.text("DropInPaths"));
        return std::find(known.begin(), known.end(), drop_in(name)) != known.end() &&
               now.text("NeedDaemonReload") != "yes";
    };
    files_.remove_durably(key(name));
    groups_.erase(name);
    const auto held = [&](const UnitProperties& now) {
        if (!is_stopped(now) && !now.text("ControlGroup").empty()) groups_[name] = now.text("ControlGroup");
        return true;
    };
    const bool written = files_.status(drop_in(name)) && files_.read(drop_in(name), largest_file) == content;
    if (written && is_known(unit)) return held(unit);
    if (!written) {
        files_.make_directory(drop_in_directory(name));
        files_.write_durably(drop_in(name), content, 0644);
    }
    reload();
    const UnitProperties now = show_unit(commands_, name, asked_properties);
    if (!is_known(now))
        throw Error("service_manager_failed",
                    "cannot hold the service " + name + ": systemd does not take up " + drop_in(name));
    return held(now);
}

void SystemdServiceManager::release(const std::string& name) {
    const bool held = files_.status(drop_in(name)).has_value();
    if (held) {
        files_.remove_durably(drop_in(name));
        if (files_.list(drop_in_directory(name)).empty()) files_.remove_tree(drop_in_directory(name));
    }
    // Also where the file is gone: an earlier call may have been ended before systemd heard of it.
    const UnitProperties unit = show_unit(commands_, name, asked_properties);
    if (held || unit.text("NeedDaemonReload") == "yes") reload();
    files_.remove_durably(key(name));
}

void SystemdServiceManager::reload() {
    systemctl(commands_, {"daemon-reload"}, "make systemd read its units again");
}

void SystemdServiceManager::restore(const Service& service) {
    const auto found = service.settings.find("UnitFileState");
    if (found == service.settings.end()) return;
    const std::string wanted = found->second;
    const std::string now = existing(service.name, "restore").text("UnitFileState");
    if (now == wanted) return;
    const std::string what = "restore the start of " + service.name + " at boot (" + wanted + ")";
    if (now.starts_with("masked")) {
        systemctl(commands_, {"unmask", "--", service.name}, what);
        systemctl(commands_, {"unmask", "--runtime", "--", service.name}, what);
    }
    if (wanted == "enabled") systemctl(commands_, {"enable", "--", service.name}, what);
    if (wanted == "enabled-runtime") systemctl(commands_, {"enable", "--runtime", "--", service.name}, what);
    if (wanted == "disabled") systemctl(commands_, {"disable", "--", service.name}, what);
    if (wanted == "masked") systemctl(commands_, {"mask", "--", service.name}, what);
    if (wanted == "masked-runtime") systemctl(commands_, {"mask", "--runtime", "--", service.name}, what);
}

} // namespace autodeploy
