#include "platform/aix/src_text.h"

#include "platform/aix/lines.h"

#include <charconv>
#include <map>

namespace autodeploy {

namespace {

std::int64_t number_of(const std::string& text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && number > 0 ? number : 0;
}

bool is_inittab_action(const std::string& action) {
    for (const char* known : {"respawn", "wait", "once", "boot", "bootwait", "powerfail", "powerwait", "off", "hold",
                              "ondemand", "initdefault", "sysinit"})
        if (action == known) return true;
    return false;
}

} // namespace

std::vector<Subsystem> parse_subsystems(std::string_view text) {
    std::vector<Subsystem> found;
    std::map<std::string, std::size_t> columns;
    std::size_t width = 0;
    for (const std::string_view line : text_lines(text)) {
        if (line.starts_with('#')) {
            columns.clear();
            const std::vector<std::string> names = colon_fields(line.substr(1));
            for (std::size_t index = 0; index < names.size(); ++index)
                columns.try_emplace(names[index], index);
            width = names.size();
            continue;
        }
        std::vector<std::string> fields = colon_fields(line);
        const auto arguments = columns.find("cmdargs");
        // The arguments alone are free text and may have colons in them.
        while (arguments != columns.end() && fields.size() > width && arguments->second + 1 < fields.size()) {
            fields[arguments->second] += ":" + fields[arguments->second + 1];
            fields.erase(fields.begin() + std::ptrdiff_t(arguments->second) + 1);
        }
        const auto field = [&](const char* name) {
            const auto column = columns.find(name);
            return column == columns.end() || column->second >= fields.size() ? std::string() : fields[column->second];
        };
        Subsystem one{field("subsysname"), field("cmdargs"),  field("path"),   field("uid"),     field("standout"),
                      field("standerr"),   field("action"),   field("multi"),  field("contact"), field("signorm"),
                      field("sigforce"),   field("waittime"), field("grpname")};
        if (!one.name.empty() && one.path.starts_with('/')) found.push_back(std::move(one));
    }
    return found;
}

std::vector<SubsystemInstance> parse_subsystem_status(std::string_view text, std::string_view name) {
    std::vector<SubsystemInstance> found;
    for (const std::string_view line : text_lines(text)) {
        const std::vector<std::string> words = blank_words(line);
        if (words.size() < 3 || (!name.empty() && words[0] != name) || words.back() == "inoperative") continue;
        // NAME [GROUP] PID STATUS…: a group may be a number, too.
        for (std::size_t index = words.size() - 1; index > 0; --index)
            if (const std::int64_t process = number_of(words[index]); process > 0) {
                found.push_back({process, words.back() == "active"});
                break;
            }
    }
    return found;
}

std::vector<InittabEntry> parse_inittab(std::string_view text) {
    std::vector<InittabEntry> found;
    for (const std::string_view line : text_lines(text)) {
        if (line.starts_with(':') || line.starts_with('#')) continue;
        const std::size_t first = line.find(':');
        const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
        const std::size_t third = second == std::string_view::npos ? second : line.find(':', second + 1);
        if (third == std::string_view::npos) continue;
        InittabEntry entry{std::string(line.substr(0, first)), std::string(line.substr(first + 1, second - first - 1)),
                           std::string(line.substr(second + 1, third - second - 1)),
                           std::string(line.substr(third + 1))};
        const bool named = !entry.id.empty() && entry.id.find_first_of(" \t") == std::string::npos;
        if (named && is_inittab_action(entry.action)) found.push_back(std::move(entry));
    }
    return found;
}

std::string inittab_line(const InittabEntry& entry) {
    return entry.id + ":" + entry.level + ":" + entry.action + ":" + entry.command;
}

std::vector<std::string> command_words(std::string_view command) {
    std::vector<std::string> words;
    std::string word;
    bool begun = false;
    char quote = 0;
    const auto finish = [&] {
        if (begun) words.push_back(word);
        word.clear();
        begun = false;
    };
    for (const char letter : command) {
        if (quote != 0) {
            if (letter == quote)
                quote = 0;
            else
                word += letter;
            continue;
        }
        if (letter == '\'' || letter == '"') {
            quote = letter;
            begun = true;
        } else if (letter == ' ' || letter == '\t') {
            finish();
        } else if (letter == '>' || letter == '<') {
            // "2>&1": the number belongs to the redirection.
            if (word.size() == 1 && word[0] >= '0' && word[0] <= '9') begun = false;
            break;
        } else if (letter == '&' || letter == ';' || letter == '|' || letter == '\n' || (letter == '#' && !begun)) {
            break;
        } else {
            word += letter;
            begun = true;
        }
    }
    finish();
    return words;
}

bool starts_subsystem(const InittabEntry& entry, const Subsystem& subsystem) {
    const std::vector<std::string> words = command_words(entry.command);
    bool starter = false;
    for (std::size_t index = 0; index < words.size(); ++index) {
        const std::string& word = words[index];
        if (word == "startsrc" || word.ends_with("/startsrc")) starter = true;
        if (!starter || !(word.starts_with("-s") || word.starts_with("-g"))) continue;
        const std::string value = word.size() > 2 ? word.substr(2) : index + 1 < words.size() ? words[index + 1] : "";
        if (value.empty()) continue;
        if (value == (word[1] == 's' ? subsystem.name : subsystem.group)) return true;
    }
    return false;
}

} // namespace autodeploy
