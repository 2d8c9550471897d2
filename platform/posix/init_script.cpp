#include "platform/posix/init_script.h"

#include <algorithm>
#include <vector>

namespace autodeploy {

namespace {

constexpr std::string_view name_letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
/// What ends a word of a script outside of quotes.
constexpr std::string_view separators = " \t;|&<>()`";

bool is_name(std::string_view text) {
    return !text.empty() && text.find_first_not_of(name_letters) == std::string_view::npos &&
           (text.front() < '0' || text.front() > '9');
}

std::string expanded(std::string_view text, const std::map<std::string, std::string>& variables) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '$') {
            result += text[at];
            continue;
        }
        const bool braces = text.substr(at + 1, 1) == "{";
        const std::size_t begin = at + (braces ? 2 : 1);
        const std::size_t end = std::min(text.find_first_not_of(name_letters, begin), text.size());
        const auto found = variables.find(std::string(text.substr(begin, end - begin)));
        if (found != variables.end()) result += found->second;
        at = braces && end < text.size() ? end : end - 1;
    }
    return result;
}

/// One word with its quotes taken off and variables replaced; moves at behind it.
std::string next_word(std::string_view line, std::size_t& at, const std::map<std::string, std::string>& variables) {
    std::string word;
    std::string bare;
    char quote = 0;
    const auto flush = [&] {
        word += expanded(bare, variables);
        bare.clear();
    };
    for (; at < line.size(); ++at) {
        const char letter = line[at];
        if (quote == 0 && separators.find(letter) != std::string_view::npos) break;
        if (quote == '\'' && letter == '\'') {
            word += bare;
            bare.clear();
            quote = 0;
        } else if (quote == '"' && letter == '"') {
            flush();
            quote = 0;
        } else if (quote == 0 && (letter == '"' || letter == '\'')) {
            flush();
            quote = letter;
        } else
            bare += letter;
    }
    flush();
    return word;
}

std::vector<std::string> words_of(std::string_view line, const std::map<std::string, std::string>& variables) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < line.size();) {
        if (separators.find(line[at]) != std::string_view::npos) {
            ++at;
            continue;
        }
        if (line[at] == '#') break;
        const std::size_t before = at;
        words.push_back(next_word(line, at, variables));
        if (at == before) ++at;
    }
    return words;
}

} // namespace

InitScript parse_init_script(std::string_view content, const std::function<bool(const std::string&)>& is_program) {
    InitScript script;
    while (!content.empty()) {
        const std::size_t end = content.find('\n');
        const std::string_view line = content.substr(0, end);
        content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
        bool exporting = false;
        bool assigning = true; // until the first word that is no assignment
        for (const std::string& word : words_of(line, script.variables)) {
            const std::size_t equals = word.find('=');
            const bool assignment = assigning && equals != std::string::npos && is_name(word.substr(0, equals));
            if (word == "export")
                exporting = true;
            else if (exporting && script.variables.contains(word))
                script.exported[word] = script.variables[word];
            else if (assignment) {
                const std::string name = word.substr(0, equals);
                script.variables[name] = word.substr(equals + 1);
                if (exporting || script.exported.contains(name)) script.exported[name] = script.variables[name];
            } else
                assigning = false;
            const std::string candidate = assignment ? word.substr(equals + 1) : word;
            if (script.program.empty() && candidate.starts_with('/') && is_program(candidate))
                script.program = candidate;
        }
    }
    return script;
}

} // namespace autodeploy
