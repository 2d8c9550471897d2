#include "installer/client/client_banner.h"

#include "installer/client/ascii.h"
#include "installer/client/layout.h"
#include "platform/command_runner.h"
#include "platform/error.h"

#include <algorithm>

namespace autodeploy {

namespace {

/// The line of the output that the version was read from.
std::string banner_line(const std::string& output) {
    for (std::size_t at = 0; at < output.size();) {
        const std::size_t end = std::min(output.find_first_of("\r\n", at), output.size());
        const std::string_view line = without_blanks(std::string_view(output).substr(at, end - at));
        if (parse_client_banner(line)) return std::string(line);
        at = end + 1;
    }
    return {};
}

} // namespace

ClientBanner ask_client(CommandRunner& commands, const std::string& program,
                        const std::map<std::string, std::string>& environment, Milliseconds deadline) {
    Command command;
    command.program = program;
    command.arguments = {"help"};
    command.deadline = deadline;
    command.output_limit = 64 << 10;
    // Without DSM_LOG it would write its error log into the directory in which it is started.
    command.environment = {{"DSM_DIR", directory_of(program)}, {"DSM_LOG", directory_of(program)}};
    for (const auto& [name, value] : environment)
        if (name.starts_with("DSM_")) command.environment[name] = value;
    try {
        const CommandResult result = commands.run(command);
        const std::string output = result.output + "\n" + result.error;
        ClientBanner banner{parse_client_banner(output), parse_server_banner(output), banner_line(output)};
        if (banner.client) return banner;
        banner.evidence =
            result.timed_out
                ? program + " help printed no version within " + std::to_string(deadline.count()) + " ms"
                : program + " help ended with code " + std::to_string(result.exit_code) + " and printed no version";
        return banner;
    } catch (const Error& error) {
        return {{}, {}, error.what()};
    }
}

} // namespace autodeploy
