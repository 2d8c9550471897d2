#include "agent/setting_lines.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace autodeploy {
namespace {

std::string trimmed(std::string text) {
    text.erase(0, std::min(text.find_first_not_of(" \t"), text.size()));
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
        text.pop_back();
    return text;
}

/// Without a comment at its end; a '#' in quotes is none.
std::string without_comment(const std::string& line) {
    char quote = 0;
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (quote) {
            if (line[at] == quote) quote = 0;
        } else if (line[at] == '"' || line[at] == '\'') {
            quote = line[at];
        } else if (line[at] == '#' && (at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t')) {
            return line.substr(0, at);
        }
    }
    return line;
}

} // namespace

std::map<std::string, SettingLine> setting_lines(std::string_view yaml) {
    std::map<std::string, SettingLine> lines;
    std::vector<std::pair<std::size_t, std::string>> above; // indentation and key of the blocks around
    int number = 0;
    for (std::size_t begin = 0; begin < yaml.size();) {
        const std::size_t end = std::min(yaml.find('\n', begin), yaml.size());
        const std::string line = without_comment(std::string(yaml.substr(begin, end - begin)));
        begin = end + 1;
        ++number;
        const std::string text = trimmed(line);
        if (text.empty() || text == "---") continue;
        const std::size_t indent = line.find_first_not_of(" \t");
        std::string path;
        if (text.starts_with("- ")) {
            for (const auto& [unused, key] : above)
                path += (path.empty() ? "" : ".") + key;
            std::string& value = lines[path].value;
            value += (value.empty() ? "" : ", ") + trimmed(text.substr(2));
            continue;
        }
        while (!above.empty() && above.back().first >= indent)
            above.pop_back();
        const std::size_t colon = text.find(':');
        if (colon == std::string::npos) continue;
        above.emplace_back(indent, trimmed(text.substr(0, colon)));
        for (const auto& [unused, key] : above)
            path += (path.empty() ? "" : ".") + key;
        lines[path] = {number, trimmed(text.substr(colon + 1))};
    }
    return lines;
}

} // namespace autodeploy
