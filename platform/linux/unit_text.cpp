#include "platform/linux/unit_text.h"

#include <algorithm>
#include <charconv>

namespace autodeploy {

namespace {

constexpr std::string_view blanks = " \t";

std::string_view next_line(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return line;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::vector<std::string> split_at_blanks(std::string_view text) {
    std::vector<std::string> words;
    for (std::size_t at = text.find_first_not_of(blanks); at != std::string_view::npos;) {
        const std::size_t end = text.find_first_of(blanks, at);
        words.emplace_back(text.substr(at, end - at));
        at = text.find_first_not_of(blanks, end);
    }
    return words;
}

bool read_digits(std::string_view text, int base, char& letter) {
    unsigned code = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), code, base);
    if (failed != std::errc() || end != text.data() + text.size() || code > 255) return false;
    letter = char(code);
    return true;
}

/// The escape that begins at text[at], which is a backslash; moves at to its last letter.
char unescape(std::string_view text, std::size_t& at) {
    if (at + 1 >= text.size()) return '\\';
    const char kind = text[++at];
    char letter = 0;
    switch (kind) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'r':
        return '\r';
    case 'a':
        return '\a';
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'v':
        return '\v';
    case 's':
        return ' ';
    case 'x':
        if (at + 2 < text.size() && read_digits(text.substr(at + 1, 2), 16, letter)) {
            at += 2;
            return letter;
        }
        return kind;
    default:
        if (kind >= '0' && kind <= '7' && at + 2 < text.size() && read_digits(text.substr(at, 3), 8, letter)) {
            at += 2;
            return letter;
        }
        return kind;
    }
}

void set_variable(std::map<std::string, std::string>& variables, std::string_view entry) {
    const std::size_t equals = entry.find('=');
    if (equals != std::string_view::npos && equals > 0)
        variables[std::string(entry.substr(0, equals))] = entry.substr(equals + 1);
}

/// A value as it may stand in an EnvironmentFile: bare up to the end, or parts in quotes.
std::string environment_file_value(std::string_view text) {
    std::string value;
    char quote = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char letter = text[at];
        if (quote == 0 && (letter == '"' || letter == '\''))
            quote = letter;
        else if (quote != 0 && letter == quote)
            quote = 0;
        else if (letter == '\\' && quote != '\'' && at + 1 < text.size()) {
            const char following = text[at + 1];
            // Within double quotes a backslash stands for itself before most letters.
            if (quote == '"' && std::string_view("\"\\`$").find(following) == std::string_view::npos) value += letter;
            value += following;
            ++at;
        } else
            value += letter;
    }
    return value;
}

bool is_name_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           letter == '_';
}

std::string replaced_variables(std::string_view text, const std::map<std::string, std::string>& environment) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text.substr(at, 2) == "$$") {
            result += '$';
            ++at;
            continue;
        }
        const std::size_t end = text.substr(at, 2) == "${" ? text.find('}', at) : std::string_view::npos;
        if (end == std::string_view::npos) {
            result += text[at];
            continue;
        }
        const auto found = environment.find(std::string(text.substr(at + 2, end - at - 2)));
        if (found != environment.end()) result += found->second;
        at = end;
    }
    return result;
}

} // namespace

std::vector<std::string> split_quoted(std::string_view text) {
    std::vector<std::string> words;
    bool in_word = false;
    char quote = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char letter = text[at];
        if (quote == 0 && blanks.find(letter) != std::string_view::npos) {
            in_word = false;
            continue;
        }
        if (!in_word) words.emplace_back();
        const bool begins = !in_word;
        in_word = true;
        if (quote != 0 && letter == quote)
            quote = 0;
        else if (quote == 0 && (letter == '"' || letter == '\''))
            quote = letter;
        // Some versions write $'…'.
        else if (begins && letter == '$' && text.substr(at + 1, 1) == "'")
            continue;
        else if (letter == '\\')
            words.back() += unescape(text, at);
        else
            words.back() += letter;
    }
    return words;
}

std::vector<std::string> parse_service_names(std::string_view text) {
    constexpr std::string_view ending = ".service";
    std::vector<std::string> names;
    while (!text.empty()) {
        // A mark stands before failed units in some versions.
        for (const std::string& word : split_at_blanks(next_line(text))) {
            if (!word.ends_with(ending)) continue;
            if (!word.ends_with("@.service")) names.push_back(word);
            break;
        }
    }
    return names;
}

UnitCommand parse_exec_property(std::string_view value) {
    constexpr std::string_view path_mark = "{ path=";
    constexpr std::string_view arguments_mark = " ; argv[]=";
    constexpr std::string_view end_mark = " ; ignore_errors=";
    const std::size_t middle = value.find(arguments_mark);
    const std::size_t end = value.rfind(end_mark);
    if (!value.starts_with(path_mark) || middle == std::string_view::npos || end == std::string_view::npos ||
        end < middle + arguments_mark.size())
        return {};
    UnitCommand command;
    command.path = value.substr(path_mark.size(), middle - path_mark.size());
    const std::size_t begin = middle + arguments_mark.size();
    command.arguments = split_at_blanks(value.substr(begin, end - begin));
    if (!command.arguments.empty()) command.arguments.erase(command.arguments.begin());
    return command;
}

std::vector<UnitCommand> parse_bus_commands(std::string_view text) {
    constexpr std::string_view type = "a(sasbttttuii) ";
    constexpr std::size_t fields_behind = 8;
    if (!text.starts_with(type)) return {};
    const std::vector<std::string> words = split_quoted(trimmed(text.substr(type.size(), text.find('\n'))));
    std::size_t at = 0;
    const auto number = [&]() -> std::size_t {
        std::size_t value = 0;
        if (at < words.size()) std::from_chars(words[at].data(), words[at].data() + words[at].size(), value);
        ++at;
        return value;
    };
    std::vector<UnitCommand> commands;
    for (std::size_t left = number(); left > 0; --left) {
        if (at >= words.size()) return {};
        UnitCommand command;
        command.path = words[at++];
        const std::size_t count = number();
        if (count > words.size() - std::min(at, words.size())) return {};
        for (std::size_t index = 0; index < count; ++index, ++at)
            if (index > 0) command.arguments.push_back(words[at]);
        at += fields_behind;
        if (at > words.size()) return {};
        commands.push_back(std::move(command));
    }
    return commands;
}

std::string bus_path_of_unit(std::string_view unit) {
    std::string path = "/org/freedesktop/systemd1/unit/";
    bool first = true;
    for (const char letter : unit) {
        const bool digit = letter >= '0' && letter <= '9';
        if (is_name_letter(letter) && letter != '_' && !(first && digit))
            path += letter;
        else {
            path += '_';
            path += "0123456789abcdef"[(static_cast<unsigned char>(letter) >> 4) & 15];
            path += "0123456789abcdef"[static_cast<unsigned char>(letter) & 15];
        }
        first = false;
    }
    return path;
}

std::map<std::string, std::string> parse_environment_property(std::string_view value) {
    std::map<std::string, std::string> variables;
    for (const std::string& word : split_quoted(value))
        set_variable(variables, word);
    return variables;
}

std::map<std::string, std::string> parse_environment_file(std::string_view content) {
    std::map<std::string, std::string> variables;
    while (!content.empty()) {
        std::string line(next_line(content));
        while (line.ends_with('\\') && !content.empty()) {
            line.pop_back();
            line += next_line(content);
        }
        const std::string_view text = trimmed(line);
        if (text.empty() || text.front() == '#' || text.front() == ';') continue;
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view name = trimmed(text.substr(0, equals));
        if (!name.empty()) variables[std::string(name)] = environment_file_value(trimmed(text.substr(equals + 1)));
    }
    return variables;
}

std::string parse_environment_file_property(std::string_view value) {
    const std::size_t mark = value.rfind(" (ignore_errors=");
    return std::string(value.substr(0, mark));
}

std::vector<std::string> with_variables(const std::vector<std::string>& arguments,
                                        const std::map<std::string, std::string>& environment) {
    std::vector<std::string> result;
    for (const std::string& argument : arguments) {
        const bool whole_word = argument.size() > 1 && argument[0] == '$' && is_name_letter(argument[1]);
        if (!whole_word) {
            result.push_back(replaced_variables(argument, environment));
            continue;
        }
        const auto found = environment.find(argument.substr(1));
        if (found == environment.end()) continue;
        for (std::string& word : split_quoted(found->second))
            result.push_back(std::move(word));
    }
    return result;
}

} // namespace autodeploy
