#include "agent/agent.h"
#include "agent/commands/commands.h"
#include "agent/machine_parts.h"
#include "agent/reports/outcome.h"
#include "platform/error.h"

namespace autodeploy {

namespace {

constexpr Milliseconds patience{120000};

std::string service_name(const CommandContext& context) {
    return context.paths.service + (context.platform.services.name() == "systemd" ? ".service" : "");
}

void run_service(CommandContext& context) {
    const std::string file = context.settings_file();
    Platform& platform = context.platform;
    const StandardPaths& paths = context.paths;
    Agent agent({platform, context.host, paths,
                 [&platform, &paths, file] { return load_settings(platform.files, file, default_settings(paths)); },
                 [&platform, &paths, process = context.host.process_id()](const Settings& settings) {
                     return machine_parts(platform, paths, settings, process);
                 }});
    agent.run();
}

/// What a package of this system cannot bring, because it has to stay when the package goes: our private folder and
/// the settings.
void install_service(CommandContext& context) {
    FileSystem& files = context.platform.files;
    const std::string& file = context.paths.settings;
    context.host.install_service(context.paths.program);
    files.make_private_directory(context.paths.state);
    if (files.status(file)) return;
    files.write_durably(file, settings_yaml(default_settings(context.paths)));
}

int run(CommandContext& context) {
    const std::string action = context.invocation.operands.front();
    const std::string name = service_name(context);
    if (action == "status") {
        const auto service = context.platform.services.find(name);
        const std::string state = !service ? "not installed" : service->running ? "running" : "stopped";
        context.answer(
            Json::Object{{"format", 1}, {"service", name}, {"state", state}, {"enabled", service && service->enabled}},
            name + ": " + state + (service && service->enabled ? ", starts at boot" : "") + "\n");
        return service && service->running && context.out ? exit_codes::good : exit_codes::failed;
    }
    context.need_administrator();
    if (action == "run")
        run_service(context);
    else if (action == "start")
        context.platform.services.start(name, patience);
    else if (action == "stop")
        context.platform.services.stop(name, patience, false);
    else if (action == "install")
        install_service(context);
    else
        context.host.uninstall_service();
    return exit_codes::good;
}

} // namespace

CommandDescription service_command() {
    CommandDescription command;
    command.name = "service";
    command.purpose = "our own service: run, install, uninstall, start, stop, status";
    command.operands = "ACTION";
    command.least = command.most = 1;
    command.choices = {"run", "install", "uninstall", "start", "stop", "status"};
    command.details =
        "`run` is what the system starts. A deployment that waits goes on after a restart; one that changes\n"
        "the client is finished before the service ends.";
    command.example = "autodeploy service status";
    command.run = run;
    return command;
}

} // namespace autodeploy
