#include "platform/linux/systemctl.h"

#include "platform/error.h"

#include <charconv>

namespace autodeploy {

const char* const systemctl_program = "/usr/bin/systemctl";

const std::vector<std::string>& UnitProperties::all(const std::string& name) const {
    static const std::vector<std::string> none;
    const auto found = values_.find(name);
    return found == values_.end() ? none : found->second;
}

const std::string& UnitProperties::text(const std::string& name) const {
    static const std::string none;
    const std::vector<std::string>& values = all(name);
    return values.empty() ? none : values.back();
}

std::int64_t UnitProperties::number(const std::string& name) const {
    const std::string& value = text(name);
    std::int64_t result = 0;
    std::from_chars(value.data(), value.data() + value.size(), result);
    return result;
}

std::vector<UnitProperties> parse_unit_properties(std::string_view text) {
    std::vector<UnitProperties> units;
    bool begin = true;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        const std::size_t equals = line.find('=');
        if (line.empty()) begin = true;
        if (equals == std::string_view::npos || equals == 0) continue;
        if (begin) units.emplace_back();
        begin = false;
        units.back().add(std::string(line.substr(0, equals)), std::string(line.substr(equals + 1)));
    }
    return units;
}

int parse_systemd_version(std::string_view text) {
    constexpr std::string_view start = "systemd ";
    int version = 0;
    if (text.starts_with(start)) std::from_chars(text.data() + start.size(), text.data() + text.size(), version);
    return version;
}

std::vector<UnitProperties> show_units(CommandRunner& commands, const std::vector<std::string>& units,
                                       const std::string& properties) {
    if (units.empty()) return {};
    Command command;
    command.program = systemctl_program;
    command.arguments = {"show", "--all", "--no-pager", "--property=" + properties, "--"};
    command.arguments.insert(command.arguments.end(), units.begin(), units.end());
    command.output_limit = 64 << 20;
    const CommandResult result = commands.run(command);
    std::vector<UnitProperties> answers = parse_unit_properties(result.output);
    if (!result.succeeded() || answers.size() != units.size())
        throw Error("service_manager_failed",
                    "cannot ask systemd for " + units.front() + (units.size() > 1 ? " and others: " : ": ") +
                        (result.timed_out ? "systemctl did not answer in time" : result.error),
                    Retry::later);
    return answers;
}

UnitProperties show_unit(CommandRunner& commands, const std::string& unit, const std::string& properties) {
    return show_units(commands, {unit}, properties).front();
}

void systemctl(CommandRunner& commands, const std::vector<std::string>& arguments, const std::string& what) {
    Command command;
    command.program = systemctl_program;
    command.arguments = arguments;
    const CommandResult result = commands.run(command);
    if (!result.succeeded())
        throw Error("service_manager_failed",
                    "cannot " + what + ": systemctl " + arguments.front() +
                        (result.timed_out ? " did not end in time"
                                          : " ended with " + std::to_string(result.exit_code) + ": " + result.error),
                    Retry::later);
}

} // namespace autodeploy
