#include "platform/linux/proc_text.h"

#include <charconv>

namespace autodeploy {
namespace {

constexpr std::string_view deleted_mark = " (deleted)";

/// Takes the text up to the separator off the front of the rest.
std::string_view next(std::string_view& rest, char separator) {
    const std::size_t at = rest.find(separator);
    const std::string_view part = rest.substr(0, at);
    rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
    return part;
}

/// The kernel writes blank, tab, newline and backslash as three octal digits.
std::string unescaped(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        unsigned code = 0;
        if (text[at] == '\\' && at + 3 < text.size()) {
            const char* const from = text.data() + at + 1;
            const auto [end, failed] = std::from_chars(from, from + 3, code, 8);
            if (failed == std::errc() && end == from + 3 && code < 256) {
                plain += char(code);
                at += 3;
                continue;
            }
        }
        plain += text[at];
    }
    return plain;
}

} // namespace

std::optional<ProcStat> parse_proc_stat(std::string_view text) {
    const std::size_t name_end = text.rfind(')');
    if (name_end == std::string_view::npos || name_end + 2 >= text.size()) return std::nullopt;
    std::string_view rest = text.substr(name_end + 2);
    ProcStat stat;
    // Counted as proc(5) does: the state is field 3.
    for (int field = 3; field <= 22; ++field) {
        const std::string_view value = next(rest, ' ');
        if (value.empty()) return std::nullopt;
        if (field == 3) stat.state = value.front();
        if (field == 4 && std::from_chars(value.data(), value.data() + value.size(), stat.parent).ec != std::errc())
            return std::nullopt;
        if (field == 22) stat.started = value;
    }
    return stat;
}

std::vector<std::string> split_at_zeros(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty())
        parts.emplace_back(next(text, '\0'));
    return parts;
}

std::map<std::string, std::string> parse_environ(std::string_view text) {
    std::map<std::string, std::string> variables;
    for (const std::string& entry : split_at_zeros(text)) {
        const std::size_t equals = entry.find('=');
        if (equals != std::string::npos && equals > 0)
            variables.try_emplace(entry.substr(0, equals), entry.substr(equals + 1));
    }
    return variables;
}

bool maps_file_below(std::string_view maps, std::string_view path_prefix) {
    while (!maps.empty()) {
        const std::string_view line = next(maps, '\n');
        const std::size_t path = line.find('/');
        if (path != std::string_view::npos && line.substr(path).starts_with(path_prefix)) return true;
    }
    return false;
}

std::string without_deleted_mark(std::string path) {
    if (path.ends_with(deleted_mark)) path.resize(path.size() - deleted_mark.size());
    return path;
}

std::vector<Mount> parse_mountinfo(std::string_view text) {
    std::vector<Mount> mounts;
    while (!text.empty()) {
        std::string_view line = next(text, '\n');
        Mount mount;
        for (int field = 1; field <= 6; ++field) {
            const std::string_view value = next(line, ' ');
            if (field == 5) mount.point = unescaped(value);
            if (field == 6) mount.options = value;
        }
        // Optional fields, then a dash.
        while (!line.empty() && next(line, ' ') != "-") {
        }
        mount.type = next(line, ' ');
        next(line, ' ');
        mount.super_options = next(line, ' ');
        if (!mount.point.empty() && !mount.type.empty()) mounts.push_back(std::move(mount));
    }
    return mounts;
}

} // namespace autodeploy
