#include "agent/commands/commands.h"
#include "agent/reports/outcome.h"
#include "installer/client/versions.h"
#include "installer/printable.h"
#include "platform/error.h"

#include <algorithm>
#include <sstream>

namespace autodeploy {
namespace {

constexpr std::size_t longest_complaint = 4000;

void complain(const Invocation& invocation, std::ostream& out, std::ostream& err, const std::string& cause,
              const std::string& whole_message) {
    // What was typed or lies in a file of others may stand in it.
    std::string message;
    std::istringstream lines(whole_message);
    for (std::string line; std::getline(lines, line);)
        message += (message.empty() ? "" : "\n") + printable(line, longest_complaint);
    if (invocation.json)
        out << pretty_json(Json::Object{{"format", 1}, {"error", Json::Object{{"cause", cause}, {"message", message}}}})
            << "\n";
    else
        err << "autodeploy: " << message << "\n";
}

/// Whether all that was told has been written; else says so.
bool is_written(std::ostream& out, std::ostream& err, const std::string& what) {
    out.flush();
    if (out) return true;
    err << "autodeploy: cannot write " << what
        << ": the disk of its output is full, or whoever was to read it has ended\n";
    return false;
}

} // namespace

int run_command(const std::vector<std::string>& arguments, Platform& platform, ServiceHost& host,
                const StandardPaths& paths, std::ostream& out, std::ostream& err) {
    Invocation invocation;
    try {
        invocation = parse_command_line(command_table(), arguments);
    } catch (const Error& error) {
        // Before it is understood whose option it is: a machine that asked for JSON gets JSON.
        invocation.json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
        complain(invocation, out, err, error.cause(), error.what());
        return exit_codes::usage;
    }
    if (invocation.help) {
        out << (invocation.command ? help_text(*invocation.command) : help_text(command_table()));
        return is_written(out, err, "the help") ? exit_codes::good : exit_codes::failed;
    }
    CommandContext context{invocation, platform, host, paths, out, err};
    try {
        const int code = invocation.command->run(context);
        if (is_written(out, err, "the answer of `" + invocation.command->name + "`")) return code;
        const bool told_by_code = !invocation.command->only_tells || invocation.has("exit-code");
        return told_by_code ? code : invocation.command->failed;
    } catch (const Error& error) {
        complain(invocation, out, err, error.cause(), error.what());
        return error.cause() == "usage" ? exit_codes::usage : invocation.command->failed;
    } catch (const std::exception& error) {
        complain(invocation, out, err, "internal",
                 "cannot run `" + invocation.command->name + "`: " + std::string(error.what()));
        return invocation.command->failed;
    }
}

std::string CommandContext::settings_file() const {
    return invocation.settings.empty() ? paths.settings : invocation.settings;
}

Settings CommandContext::settings() const {
    return load_settings(platform.files, settings_file(), default_settings(paths));
}

void CommandContext::need_administrator() const {
    if (!platform.host.is_administrator())
        throw Error("not_administrator",
                    "cannot run `" + invocation.command->name + "` as " + host.caller() +
                        ": an administrator's rights are needed; run it as root (on Windows as an administrator)");
}

void CommandContext::answer(const Json& json, const std::string& text) const {
    if (invocation.json)
        out << pretty_json(json) << "\n";
    else
        out << text;
    out.flush();
}

void CommandContext::say(const std::string& line) const {
    if (invocation.json || invocation.quiet) return;
    out << line << "\n";
    out.flush();
}

std::string CommandContext::coloured(const std::string& text, int exit_code) const {
    if (invocation.json || !host.colour_terminal()) return text;
    const char* const colour = exit_code == 0 ? "\033[32m" : exit_code == exit_codes::waiting ? "\033[33m" : "\033[31m";
    return colour + text + "\033[0m";
}

std::string release_option(const CommandContext& context) {
    std::string release = context.invocation.value("release");
    if (context.invocation.has("release") && !parse_client_version(release))
        throw Error("usage", "cannot use the command line: --release needs a version like 8.1.27.0, not \"" + release +
                                 "\"; see `autodeploy " + context.invocation.command->name + " --help`");
    return release;
}

const std::vector<CommandDescription>& command_table() {
    static const std::vector<CommandDescription> table{
        trigger_command(),   check_command(),    plan_command(),    deploy_command(),  status_command(),
        history_command(),   rollback_command(), cancel_command(),  retry_command(),   explain_command(),
        inventory_command(), settings_command(), service_command(), support_command(), version_command()};
    return table;
}

} // namespace autodeploy
