#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// Without the ends of the lines; carriage returns are taken off.
inline std::vector<std::string_view> text_lines(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        while (line.ends_with('\r'))
            line.remove_suffix(1);
        lines.push_back(line);
    }
    return lines;
}

inline std::string_view trimmed_blanks(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

inline std::vector<std::string> blank_words(std::string_view text) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = text.find_first_not_of(" \t\n", at);
        if (begin == std::string_view::npos) break;
        at = std::min(text.find_first_of(" \t\n", begin), text.size());
        words.emplace_back(text.substr(begin, at - begin));
    }
    return words;
}

inline std::vector<std::string> colon_fields(std::string_view line) {
    std::vector<std::string> fields;
    for (std::size_t at = 0;;) {
        const std::size_t end = std::min(line.find(':', at), line.size());
        fields.emplace_back(trimmed_blanks(line.substr(at, end - at)));
        if (end == line.size()) return fields;
        at = end + 1;
    }
}

/// "8.1.27.0": four numbers.
inline bool is_level(std::string_view text) {
    int dots = 0;
    bool digit = false;
    for (const char letter : text) {
        if (letter == '.') {
            if (!digit) return false;
            ++dots;
            digit = false;
        } else if (letter >= '0' && letter <= '9') {
            digit = true;
        } else {
            return false;
        }
    }
    return dots == 3 && digit;
}

} // namespace autodeploy
