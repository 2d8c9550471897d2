#include "platform/aix/ps_text.h"

#include "platform/aix/lines.h"

#include <charconv>

namespace autodeploy {

namespace {

std::optional<std::int64_t> number_of(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
    return number;
}

bool is_variable(std::string_view word) {
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos || equals == 0 || (word[0] >= '0' && word[0] <= '9')) return false;
    return word.substr(0, equals).find_first_not_of(
               "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

/// The next word, taken off the front of the line.
std::string_view take_word(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    const std::string_view word = line.substr(0, line.find_first_of(" \t"));
    line.remove_prefix(word.size());
    return word;
}

} // namespace

std::optional<std::int64_t> parse_elapsed(std::string_view text) {
    std::int64_t days = 0;
    if (const std::size_t dash = text.find('-'); dash != std::string_view::npos) {
        const auto number = number_of(text.substr(0, dash));
        if (!number || *number > 100000) return std::nullopt;
        days = *number;
        text.remove_prefix(dash + 1);
    }
    std::int64_t seconds = 0;
    int parts = 0;
    for (bool more = true; more; ++parts) {
        const std::size_t colon = text.find(':');
        const auto number = number_of(text.substr(0, colon));
        if (!number || *number > 59 || parts == 3) return std::nullopt;
        seconds = seconds * 60 + *number;
        more = colon != std::string_view::npos;
        if (more) text.remove_prefix(colon + 1);
    }
    if (parts < 2) return std::nullopt;
    return days * 86400 + seconds;
}

std::vector<Process> parse_processes(std::string_view text, UnixTime now) {
    std::vector<Process> found;
    for (const std::string_view line : text_lines(text)) {
        std::string_view rest = line;
        const auto id = number_of(take_word(rest));
        const auto parent = number_of(take_word(rest));
        const auto elapsed = parse_elapsed(take_word(rest));
        const std::string_view command = trimmed_blanks(rest);
        if (!id || !parent || !elapsed || command.empty() || command == "<defunct>") continue;
        Process process;
        process.id = *id;
        process.parent = *parent;
        process.started = std::to_string(now - *elapsed);
        process.arguments = blank_words(command);
        process.program = process.arguments.front();
        found.push_back(std::move(process));
    }
    return found;
}

bool can_be_split(std::string_view command_line) {
    return command_line == trimmed_blanks(command_line) && command_line.find("  ") == std::string_view::npos &&
           command_line.find_first_of("'\"\\\t\n") == std::string_view::npos;
}

std::optional<std::map<std::string, std::string>> parse_environment(std::string_view text,
                                                                    const std::vector<std::string>& arguments) {
    for (const std::string_view line : text_lines(text)) {
        std::string_view rest = line;
        // PID TTY STAT TIME
        if (!number_of(take_word(rest))) continue;
        for (int column = 0; column < 3; ++column)
            take_word(rest);
        bool same = true;
        for (const std::string& argument : arguments)
            same = same && take_word(rest) == argument;
        if (!same) return std::nullopt;
        std::map<std::string, std::string> environment;
        std::string* last = nullptr;
        while (!trimmed_blanks(rest).empty()) {
            const std::string_view word = take_word(rest);
            if (is_variable(word)) {
                const std::size_t equals = word.find('=');
                last = &environment[std::string(word.substr(0, equals))];
                *last = word.substr(equals + 1);
            } else if (last != nullptr) {
                // A value with a blank in it.
                *last += " " + std::string(word);
            } else {
                return std::nullopt;
            }
        }
        if (environment.empty()) return std::nullopt;
        return environment;
    }
    return std::nullopt;
}

std::vector<std::int64_t> parse_fuser(std::string_view text) {
    std::vector<std::int64_t> found;
    for (std::string word : blank_words(text)) {
        // Some write the letters of use behind the number.
        while (!word.empty() && word.back() >= 'a' && word.back() <= 'z')
            word.pop_back();
        if (const auto number = number_of(word); number && *number > 0) found.push_back(*number);
    }
    return found;
}

std::vector<AixMount> parse_mounts(std::string_view text) {
    std::vector<AixMount> found;
    for (const std::string_view line : text_lines(text)) {
        std::vector<std::string> words = blank_words(line);
        // NODE may be empty; the date is three words and the options may be missing. What is mounted over is the first
        // path with a type and a month behind it.
        for (std::size_t at = 1; at + 4 < words.size() && at < 3; ++at) {
            const bool time = words[at + 4].find(':') != std::string::npos;
            if (!words[at].starts_with('/') || words[at + 1].starts_with('/') || !time) continue;
            found.push_back({words[at], words[at + 1], at + 5 < words.size() ? words[at + 5] : ""});
            break;
        }
    }
    return found;
}

std::optional<std::uint64_t> parse_df(std::string_view text) {
    // FILESYSTEM BLOCKS USED AVAILABLE CAPACITY% POINT; a long name may stand on a line of its own.
    std::vector<std::string> words;
    for (const std::string_view line : text_lines(text))
        for (std::string& word : blank_words(line))
            words.push_back(std::move(word));
    for (std::size_t at = words.size(); at-- > 4;)
        if (words[at].ends_with('%')) {
            const auto available = number_of(words[at - 1]);
            if (number_of(words[at - 3]) && number_of(words[at - 2]) && available &&
                *available < (std::int64_t(1) << 52))
                return std::uint64_t(*available) * 1024;
        }
    return std::nullopt;
}

} // namespace autodeploy
