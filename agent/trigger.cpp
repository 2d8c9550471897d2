#include "agent/trigger.h"

#include "installer/client/effective_options.h"
#include "installer/client/layout.h"
#include "installer/client/registered_client.h"
#include "installer/hold_file.h"
#include "platform/error.h"

#include <algorithm>
#include <map>

namespace autodeploy {
namespace {

constexpr Milliseconds start_deadline{30000};

void check_hold_files(FileSystem& files, const Settings& settings) {
    for (const std::string& path : settings.hold_files)
        if (files.status(path))
            throw Error("held", "cannot accept the request: the hold file " + hold_file_text(files, path) +
                                    ", so another tool or person owns this machine now; remove it to go on");
}

/// What is written, where, and what is wrong with it.
std::string as_written(const EffectiveOption& option) {
    return (option.value.empty() ? " has no value" : " is " + option.value) + ", in " + option.evidence +
           (option.problem.empty() ? "" : " (" + option.problem + ")");
}

/// Where the parameters of a service name the options file, those of the one that this process is.
std::string registered_file(Platform& platform, const std::string& system, const Process& scheduler,
                            const std::vector<std::string>& directories) {
    if (system != "windows") return {};
    for (const Service& service : platform.services.services_of(directories))
        if (service.process == scheduler.id) return registered_options_file(platform.settings, service.name);
    return {};
}

/// Both options as the scheduler that runs us has them.
void check_client_options(Platform& platform, const std::string& system, const Process& scheduler,
                          const std::vector<std::string>& directories) {
    const EffectiveOptions options = effective_options(
        platform.files, {.system = system,
                         .program_directory = directory_of(scheduler.program),
                         .arguments = scheduler.arguments,
                         .environment = platform.processes.environment(scheduler),
                         .registered_file = registered_file(platform, system, scheduler, directories)});
    const std::string of = " of " + scheduler.program + " (process " + std::to_string(scheduler.id) + ")";
    if (!options.unreadable.empty())
        throw Error("client_options_unreadable",
                    "cannot accept the request: the client options" + of + " cannot be told: " + options.unreadable);
    // What is none of its values counts as no.
    const std::string autodeploy = options.keyword("autodeploy", "yes");
    if (autodeploy != "yes" && autodeploy != "noreboot") {
        const EffectiveOption& option = *options.find("autodeploy");
        throw Error("client_option_autodeploy", "cannot accept the request: the client option autodeploy" + of +
                                                    as_written(option) +
                                                    "; set it to noreboot or yes, or leave this client alone");
    }
    if (options.keyword("passwordaccess") != "generate") {
        const EffectiveOption* option = options.find("passwordaccess");
        throw Error("client_option_passwordaccess",
                    "cannot accept the request: the client option passwordaccess" + of +
                        (option ? as_written(*option)
                                : " is set nowhere in " +
                                      (options.system_file.empty() ? options.user_file : options.system_file)) +
                        "; set it to generate");
    }
}

} // namespace

std::optional<Process> starting_process(ProcessTable& processes, std::int64_t self,
                                        const std::vector<std::string>& client_directories) {
    std::map<std::int64_t, Process> by_id;
    for (Process& process : processes.list())
        by_id.emplace(process.id, std::move(process));
    auto found = by_id.find(self);
    // Each process is visited once at most, whatever the table says.
    while (found != by_id.end()) {
        const Process process = found->second;
        by_id.erase(found);
        if (process.id != self &&
            std::any_of(client_directories.begin(), client_directories.end(),
                        [&](const std::string& directory) { return lies_below(process.program, directory); }))
            return process;
        found = by_id.find(process.parent);
    }
    return std::nullopt;
}

void wake_service(Platform& platform, ServiceHost& host, const StandardPaths& paths) {
    if (host.poke_service()) return;
    const std::string suffix = platform.services.name() == "systemd" ? ".service" : "";
    platform.services.start(paths.service + suffix, start_deadline);
    host.poke_service();
}

Request trigger(Platform& platform, ServiceHost& host, const StandardPaths& paths, const Settings& settings) {
    const std::string system = platform.host.facts().system;
    if (!platform.host.is_administrator())
        throw Error("not_administrator",
                    "cannot accept the request: it was made by " + host.caller() +
                        ", and only an administrator may ask; if the scheduler ran this, look at " +
                        (system == "windows" ? "the account of its service" : "the client option schedcmduser"));
    check_hold_files(platform.files, settings);
    const std::vector<std::string> directories =
        possible_client_directories(platform.settings, system, settings.client_directories);
    const auto scheduler = starting_process(platform.processes, host.process_id(), directories);
    if (scheduler) check_client_options(platform, system, *scheduler, directories);

    Request request;
    request.kind = RequestKind::trigger;
    request.requested_by = host.caller();
    if (scheduler) request.started_by = StartingProcess{scheduler->id, scheduler->started, scheduler->program};
    Requests requests(platform.files, platform.clock, paths.requests());
    request = requests.add(request);
    try {
        wake_service(platform, host, paths);
    } catch (const Error& error) {
        requests.remove(request.id);
        throw Error(error.cause(), "cannot accept the request: our service does not run: " + std::string(error.what()));
    }
    return request;
}

} // namespace autodeploy
