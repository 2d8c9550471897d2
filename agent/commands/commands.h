#pragma once

#include "agent/command_line.h"
#include "agent/reports/status.h"
#include "agent/requests.h"
#include "agent/settings.h"
#include "platform/platform.h"
#include "platform/service_host.h"
#include "platform/standard_paths.h"

#include <ostream>
#include <string>
#include <vector>

namespace autodeploy {

/// What a command works with.
struct CommandContext {
    const Invocation& invocation;
    Platform& platform;
    ServiceHost& host;
    const StandardPaths& paths;
    std::ostream& out;
    std::ostream& err;

    /// The file of --settings, or the standard one. Throws Error as load_settings does.
    Settings settings() const;
    std::string settings_file() const;
    /// Throws Error not_administrator.
    void need_administrator() const;
    /// JSON where that was asked for, else the text.
    void answer(const Json& json, const std::string& text) const;
    /// Unless --quiet or --json.
    void say(const std::string& line) const;
    /// The text in the colour of its exit code, where a person sees it.
    std::string coloured(const std::string& text, int exit_code) const;
};

/// Every command, in the order of the help. Each is a function in a file of its own.
const std::vector<CommandDescription>& command_table();

/// The whole program but for the machine: understands the command line, runs the command, says what went wrong.
int run_command(const std::vector<std::string>& arguments, Platform& platform, ServiceHost& host,
                const StandardPaths& paths, std::ostream& out, std::ostream& err);

// The rows of the table.
CommandDescription cancel_command();
CommandDescription check_command();
CommandDescription deploy_command();
CommandDescription explain_command();
CommandDescription history_command();
CommandDescription inventory_command();
CommandDescription plan_command();
CommandDescription retry_command();
CommandDescription rollback_command();
CommandDescription service_command();
CommandDescription settings_command();
CommandDescription status_command();
CommandDescription support_command();
CommandDescription trigger_command();
CommandDescription version_command();

/// As the service left it, or put together from what is on the disk while it does not run.
Status present_status(CommandContext& context);

/// Writes the request and wakes the service. Throws Error if nobody will take it up; then it is taken back.
Request ask_service(CommandContext& context, Request request);
/// Shows the progress of the request until its report is there and returns the report. A person's Ctrl-C asks to
/// cancel, a second one stops following.
Report follow(CommandContext& context, const Request& request);
/// The value of --release, which is a version. Throws Error usage.
std::string release_option(const CommandContext& context);

} // namespace autodeploy
