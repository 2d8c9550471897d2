#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace autodeploy {

/// Readers of what systemd's tools say; each a function of its text.

/// The names in the output of `systemctl list-units`, or a file name; templates left out.
std::vector<std::string> parse_service_names(std::string_view text);

/// Words at blanks; quotes of both kinds and backslashes as in C.
std::vector<std::string> split_quoted(std::string_view text);

/// One command of a service. systemctl writes the arguments without any quotes.
struct UnitCommand {
    std::string path;
    std::vector<std::string> arguments; ///< without the program's own name

    bool operator==(const UnitCommand&) const = default;
};

/// "{ path=/usr/bin/dsmc ; argv[]=/usr/bin/dsmc sched ; ignore_errors=no ; … }"; the arguments are cut at blanks.
/// Empty path if it is not of that form.
UnitCommand parse_exec_property(std::string_view value);

/// The answer of `busctl get-property … ExecStart`, which has the arguments exactly. Empty if it is not of that form.
std::vector<UnitCommand> parse_bus_commands(std::string_view text);
/// The path of a unit on the bus: "/org/freedesktop/systemd1/unit/dsmcad_2eservice".
std::string bus_path_of_unit(std::string_view unit);

/// The Environment property: NAME=value, each word quoted where needed.
std::map<std::string, std::string> parse_environment_property(std::string_view value);
/// The content of an EnvironmentFile=.
std::map<std::string, std::string> parse_environment_file(std::string_view content);
/// The EnvironmentFiles property: "/path (ignore_errors=yes)"; the path.
std::string parse_environment_file_property(std::string_view value);

/// Replaces $NAME words and ${NAME} in arguments, as systemd does before it starts the program.
std::vector<std::string> with_variables(const std::vector<std::string>& arguments,
                                        const std::map<std::string, std::string>& environment);

} // namespace autodeploy
