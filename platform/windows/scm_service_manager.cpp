#include "platform/windows/scm_service_manager.h"

#include "platform/error.h"
#include "platform/windows/command_line.h"
#include "platform/windows/folded.h"
#include "platform/windows/registry_value.h"
#include "platform/windows/service_account.h"

#include <algorithm>

namespace autodeploy {

namespace {

using Settings = ServiceControl::Settings;

constexpr Milliseconds between_looks{100};
constexpr Milliseconds after_kill{10000};

/// What a hold sets. Recovery would start again what we have ended.
const Settings held_settings{{"start", "demand"}, {"failure_actions", "0"}};

bool is_below(const std::string& path, std::string directory) {
    while (directory.ends_with('\\') || directory.ends_with('/'))
        directory.pop_back();
    if (directory.empty() || path.size() <= directory.size() + 1 || folded(path[directory.size()]) != '\\')
        return false;
    return std::equal(directory.begin(), directory.end(), path.begin(),
                      [](char a, char b) { return folded(a) == folded(b); });
}

std::string value_of(const Settings& settings, const std::string& name) {
    const auto found = settings.find(name);
    return found == settings.end() ? std::string() : found->second;
}

bool starts_at_boot(const std::string& start) {
    return start == "auto" || start == "boot" || start == "system";
}

/// What the setting was before the hold, unless somebody else has set it meanwhile.
Settings without_hold(Settings now, const Settings& before) {
    const bool start_held = value_of(now, "start") == held_settings.at("start");
    for (const auto& [name, value] : before) {
        const auto there = now.find(name);
        if (there == now.end()) continue;
        const auto hold = held_settings.find(name);
        if (hold == held_settings.end() ? start_held : there->second == hold->second) there->second = value;
    }
    return now;
}

Settings differing(const Settings& now, const Settings& wanted) {
    Settings changes;
    for (const auto& [name, value] : wanted)
        if (const auto there = now.find(name); there != now.end() && there->second != value) changes[name] = value;
    return changes;
}

bool is_full(const std::string& path) {
    return path.starts_with(R"(\\)") || (path.size() > 2 && path[1] == ':');
}

bool names_program(std::string path) {
    std::transform(path.begin(), path.end(), path.begin(), folded);
    return path.ends_with(".exe");
}

/// The first reading that is a file. Where none is, an installer may be at work: then what names a program.
ServiceCommand command_of(ServiceControl& control, const std::string& image_path) {
    std::string line = control.expand(image_path);
    if (line.starts_with(R"(\??\)")) line.erase(0, 4);
    const std::vector<ServiceCommand> readings = readings_of_image_path(line);
    for (const ServiceCommand& reading : readings)
        if (is_full(reading.program))
            if (const auto path = control.real_file(reading.program)) return {*path, reading.arguments};
    for (const ServiceCommand& reading : readings)
        // An extension that the line does not have was only tried.
        if (readings.size() == 1 || (line.starts_with(reading.program) && names_program(reading.program)))
            return reading;
    return readings.empty() ? ServiceCommand{} : readings.front();
}

std::string code_of(ScmAnswer answer) {
    return system_message(int(answer));
}

} // namespace

ServiceControl::Settings ScmServiceManager::existing(const std::string& name, const std::string& verb) {
    std::optional<Settings> settings = control_.settings(name);
    if (!settings)
        throw Error("service_not_found",
                    "cannot " + verb + " the service " + name + ": the service control manager does not know it");
    return *settings;
}

ServiceControl::Settings ScmServiceManager::held(const std::string& name) {
    Settings before;
    for (const auto& [key, values] : registry_.read(std::string(holds) + "\\" + name))
        for (const auto& [setting, value] : values)
            before[setting] = text_of_registry_value(value);
    // Written last: without it the hold was never made.
    return before.contains("start") ? before : Settings{};
}

void ScmServiceManager::keep_held(const std::string& name, const Settings& before) {
    std::map<std::string, std::string> values;
    for (const auto& [setting, value] : before)
        values[setting] = registry_value_of(value);
    const std::string key = std::string(holds) + "\\" + name;
    registry_.write(key, {{key, values}});
}

Service ScmServiceManager::service_of(const std::string& name, const Settings& settings) {
    Service service;
    service.name = name;
    const ServiceCommand command = command_of(control_, value_of(settings, "image_path"));
    service.program = command.program;
    service.arguments = command.arguments;
    const std::string parameters = R"(HKLM64\SYSTEM\CurrentControlSet\Services\)" + name;
    for (const auto& [key, values] : registry_.read(parameters)) {
        const auto environment = values.find("Environment");
        if (key != parameters || environment == values.end()) continue;
        for (const std::string& entry : texts_of_registry_value(environment->second))
            if (const std::size_t equals = entry.find('='); equals != std::string::npos && equals > 0)
                service.environment[entry.substr(0, equals)] = entry.substr(equals + 1);
    }
    service.settings = without_hold(settings, held(name));
    service.enabled = starts_at_boot(value_of(service.settings, "start"));
    const ScmStatus status = control_.status(name);
    service.running = status.state != ScmState::stopped;
    service.process = service.running ? status.process : 0;
    return service;
}

std::vector<Service> ScmServiceManager::services_of(const std::vector<std::string>& directories) {
    std::vector<std::string> real;
    for (const std::string& directory : directories)
        real.push_back(control_.real_folder(directory).value_or(directory));
    std::vector<Service> found;
    for (const std::string& name : control_.names()) {
        const std::optional<Settings> settings = control_.settings(name);
        if (!settings) continue;
        Service service = service_of(name, *settings);
        if (std::any_of(real.begin(), real.end(),
                        [&](const std::string& directory) { return is_below(service.program, directory); }))
            found.push_back(std::move(service));
    }
    std::sort(found.begin(), found.end(), [](const Service& a, const Service& b) { return a.name < b.name; });
    return found;
}

std::optional<Service> ScmServiceManager::find(const std::string& name) {
    const std::optional<Settings> settings = control_.settings(name);
    return settings ? std::optional(service_of(name, *settings)) : std::nullopt;
}

void ScmServiceManager::await_start(const std::string& name, Milliseconds end) {
    for (;;) {
        const ScmStatus status = control_.status(name);
        if (status.state == ScmState::running || status.state == ScmState::paused) return;
        if (status.state == ScmState::stopped)
            throw Error("service_start_failed", "cannot start the service " + name + ": it ended with " +
                                                    system_message(int(status.exit_code)) +
                                                    "; see its log and the event log");
        if (clock_.elapsed() >= end)
            throw Error("service_start_failed",
                        "cannot start the service " + name + ": it is still starting at the end of its time");
        clock_.sleep(between_looks);
    }
}

void ScmServiceManager::start(const std::string& name, Milliseconds deadline) {
    existing(name, "start");
    const Milliseconds end = clock_.elapsed() + deadline;
    for (;;) {
        const ScmState state = control_.status(name).state;
        if (state == ScmState::running || state == ScmState::paused) return;
        if (state == ScmState::starting) return await_start(name, end);
        if (state == ScmState::stopped) {
            const ScmAnswer answer = control_.start(name);
            if (answer == ScmAnswer::done || answer == ScmAnswer::already_running) return await_start(name, end);
            if (answer == ScmAnswer::disabled && held(name).empty()) {
                // It ran although nobody could start it any more: so it does again.
                hold(name);
                try {
                    start(name, end - clock_.elapsed());
                } catch (const Error&) {
                    release(name);
                    throw;
                }
                return release(name);
            }
            if ((answer != ScmAnswer::locked && answer != ScmAnswer::not_now) || clock_.elapsed() >= end)
                throw Error("service_start_failed", "cannot start the service " + name + ": " + code_of(answer));
        }
        if (clock_.elapsed() >= end)
            throw Error("service_start_failed",
                        "cannot start the service " + name + ": its last run is still being stopped");
        clock_.sleep(between_looks);
    }
}

void ScmServiceManager::stop(const std::string& name, Milliseconds deadline, bool kill_at_deadline) {
    // An installer may have taken it away while we hold it: then there is nothing to stop.
    if (!control_.settings(name) && !held(name).empty()) return;
    existing(name, "stop");
    const Milliseconds end = clock_.elapsed() + deadline;
    const std::unique_ptr<ScmProcesses> processes = control_.processes(name);
    ScmAnswer answer = ScmAnswer::done;
    for (bool asked = false;;) {
        const ScmState state = control_.status(name).state;
        if (state == ScmState::stopped && processes->ended()) return;
        if (!asked && state != ScmState::stopped && state != ScmState::stopping) {
            answer = control_.stop(name);
            asked = answer == ScmAnswer::done || answer == ScmAnswer::not_running;
        }
        if (clock_.elapsed() >= end) break;
        clock_.sleep(between_looks);
    }
    const std::string failure = "cannot stop the service " + name + ": ";
    if (!kill_at_deadline)
        throw Error("service_stop_failed",
                    failure + (answer == ScmAnswer::done ? "it still runs " + std::to_string(deadline.count() / 1000) +
                                                               " s after it was asked"
                                                         : code_of(answer)),
                    Retry::later);
    const Milliseconds last = clock_.elapsed() + after_kill;
    processes->kill();
    while (!processes->ended() || control_.status(name).state != ScmState::stopped) {
        if (clock_.elapsed() >= last)
            throw Error("service_stop_failed", failure + "it is still there after it was ended the hard way",
                        Retry::later);
        clock_.sleep(between_looks);
    }
}

bool ScmServiceManager::hold(const std::string& name) {
    const Settings now = existing(name, "hold");
    if (held(name).empty()) {
        Settings before;
        for (const char* setting : {"start", "delayed_start", "failure_actions"})
            if (const auto found = now.find(setting); found != now.end()) before[setting] = found->second;
        keep_held(name, before);
    }
    if (const Settings changes = differing(now, held_settings); !changes.empty()) control_.change(name, changes);
    return true;
}

void ScmServiceManager::release(const std::string& name) {
    const Settings before = held(name);
    if (before.empty()) return;
    if (const std::optional<Settings> now = control_.settings(name)) {
        const Settings changes = differing(*now, without_hold(*now, before));
        if (!changes.empty()) control_.change(name, changes);
    }
    registry_.write(std::string(holds) + "\\" + name, {});
}

void ScmServiceManager::restore(const Service& service) {
    const Settings now = existing(service.name, "restore");
    Settings wanted = service.settings;
    if (Settings before = held(service.name); !before.empty()) {
        // What was before is what a hold goes back to.
        const Settings kept = before;
        for (auto& [setting, value] : before)
            if (const auto found = wanted.find(setting); found != wanted.end()) value = found->second;
        if (before != kept) keep_held(service.name, before);
        wanted.erase("delayed_start");
        for (const auto& [setting, value] : held_settings)
            if (wanted.contains(setting)) wanted[setting] = value;
    }
    const Settings changes = differing(now, wanted);
    if (changes.empty()) return;
    if (const auto account = changes.find("account"); account != changes.end() && needs_password(account->second))
        throw Error("service_manager_failed", "cannot restore the service " + service.name + ": it ran as " +
                                                  account->second +
                                                  ", whose password only an administrator can set again");
    control_.change(service.name, changes);
    const Settings left = differing(existing(service.name, "restore"), wanted);
    if (!left.empty())
        throw Error("service_manager_failed", "cannot restore the service " + service.name + ": its " +
                                                  left.begin()->first + " is not " + left.begin()->second);
}

} // namespace autodeploy
