#include "platform/windows/command_line.h"

#include <algorithm>
#include <cctype>

namespace autodeploy {

namespace {

constexpr std::string_view blanks = " \t";

/// Of "NAME=" at the beginning, or 0.
std::size_t length_of_name(const std::string& argument) {
    std::size_t length = 0;
    while (length < argument.size() &&
           (std::isalnum(static_cast<unsigned char>(argument[length])) != 0 || argument[length] == '_'))
        ++length;
    return length > 0 && length < argument.size() && argument[length] == '=' ? length + 1 : 0;
}

std::string quoted(const std::string& argument) {
    if (!argument.empty() && argument.find_first_of(" \t\n\v\"") == std::string::npos) return argument;
    // NAME="a b" is read like "NAME=a b", and msiexec knows the first one only.
    const std::size_t value = length_of_name(argument);
    std::string text = argument.substr(0, value) + "\"";
    std::size_t backslashes = 0;
    for (const char c : std::string_view(argument).substr(value)) {
        if (c == '"') text.append(backslashes + 1, '\\');
        backslashes = c == '\\' ? backslashes + 1 : 0;
        text += c;
    }
    // Those before the closing quote would escape it.
    return text.append(backslashes, '\\') + "\"";
}

void skip_blanks(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
}

/// Takes the name of the program, in which a backslash is never an escape.
std::string take_program(std::string_view& line) {
    const bool in_quotes = line.starts_with('"');
    if (in_quotes) line.remove_prefix(1);
    const std::size_t end = std::min(in_quotes ? line.find('"') : line.find_first_of(blanks), line.size());
    std::string program(line.substr(0, end));
    line.remove_prefix(std::min(end + (in_quotes ? 1 : 0), line.size()));
    return program;
}

std::string take_argument(std::string_view& line) {
    std::string argument;
    bool in_quotes = false;
    std::size_t i = 0;
    for (; i < line.size(); ++i) {
        if (!in_quotes && blanks.find(line[i]) != std::string_view::npos) break;
        const std::size_t end = std::min(line.find_first_not_of('\\', i), line.size());
        const std::size_t backslashes = end - i;
        if (end < line.size() && line[end] == '"') {
            argument.append(backslashes / 2, '\\');
            i = end;
            if (backslashes % 2 == 1) {
                argument += '"';
            } else if (in_quotes && line.substr(end + 1).starts_with('"')) {
                argument += '"';
                ++i;
            } else {
                in_quotes = !in_quotes;
            }
        } else if (backslashes > 0) {
            argument.append(backslashes, '\\');
            i = end - 1;
        } else {
            argument += line[i];
        }
    }
    line.remove_prefix(i);
    return argument;
}

std::vector<std::string> take_arguments(std::string_view line) {
    std::vector<std::string> arguments;
    for (skip_blanks(line); !line.empty(); skip_blanks(line))
        arguments.push_back(take_argument(line));
    return arguments;
}

} // namespace

std::string command_line_of(const std::string& program, const std::vector<std::string>& arguments) {
    std::string line = "\"" + program + "\"";
    for (const std::string& argument : arguments)
        line += " " + quoted(argument);
    return line;
}

std::vector<std::string> words_of_command_line(std::string_view line) {
    skip_blanks(line);
    if (line.empty()) return {};
    std::vector<std::string> words{take_program(line)};
    for (std::string& argument : take_arguments(line))
        words.push_back(std::move(argument));
    return words;
}

std::vector<ServiceCommand> readings_of_image_path(std::string_view image_path) {
    skip_blanks(image_path);
    if (image_path.empty()) return {};
    if (image_path.starts_with('"')) {
        std::string program = take_program(image_path);
        return {{std::move(program), take_arguments(image_path)}};
    }
    std::vector<ServiceCommand> readings;
    for (std::size_t end = 0; end < image_path.size();) {
        end = std::min(image_path.find_first_of(blanks, end), image_path.size());
        const std::string program(image_path.substr(0, end));
        const std::vector<std::string> arguments = take_arguments(image_path.substr(end));
        readings.push_back({program, arguments});
        // Whatever has no extension is tried with this one as well.
        const std::size_t name = program.find_last_of("\\/");
        if (program.find('.', name == std::string::npos ? 0 : name) == std::string::npos)
            readings.push_back({program + ".exe", arguments});
        end = std::min(image_path.find_first_not_of(blanks, end), image_path.size());
    }
    return readings;
}

} // namespace autodeploy
