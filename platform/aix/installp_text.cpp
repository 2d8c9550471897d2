#include "platform/aix/installp_text.h"

#include "platform/aix/lines.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace autodeploy {

namespace {

/// From the best to the worst.
constexpr std::array<std::string_view, 12> state_words{"COMMITTED",  "APPLIED",   "EFIX LOCKED",  "OBSOLETE",
                                                       "COMMITTING", "COMMITING", "REJECTING",    "REJECT",
                                                       "APPLYING",   "APPLY",     "DEINSTALLING", "BROKEN"};

std::size_t rank_of(std::string_view state) {
    return std::size_t(std::find(state_words.begin(), state_words.end(), state) - state_words.begin());
}

/// "EFIX LOCKED" is a committed fileset that may not be changed: that is asked for by pinned().
bool is_healthy(std::string_view state) {
    return rank_of(state) <= 2;
}

bool is_fileset_name(std::string_view name) {
    return !name.empty() && name.find_first_of(" \t/|$") == std::string_view::npos;
}

bool is_underline(std::string_view line) {
    return line.size() >= 20 && line.find_first_not_of("- ") == std::string_view::npos;
}

} // namespace

int compare_levels(std::string_view left, std::string_view right) {
    for (int part = 0; part < 4; ++part) {
        const auto take = [](std::string_view& text) {
            unsigned long number = 0;
            const std::size_t end = std::min(text.find('.'), text.size());
            std::from_chars(text.data(), text.data() + end, number);
            text.remove_prefix(std::min(end + 1, text.size()));
            return number;
        };
        const unsigned long one = take(left);
        const unsigned long two = take(right);
        if (one != two) return one < two ? -1 : 1;
    }
    return 0;
}

std::vector<FilesetLine> parse_lslpp_levels(std::string_view text) {
    std::vector<FilesetLine> found;
    // As they have stood for long; a header says it better.
    std::map<std::string, std::size_t> columns{{"Fileset", 1},   {"Level", 2}, {"State", 3},
                                               {"Fix State", 5}, {"Type", 6},  {"EFIX Locked", 15}};
    for (const std::string_view line : text_lines(text)) {
        const std::vector<std::string> fields = colon_fields(line.starts_with('#') ? line.substr(1) : line);
        if (line.starts_with('#')) {
            columns.clear();
            for (std::size_t index = 0; index < fields.size(); ++index)
                columns.try_emplace(fields[index], index);
            continue;
        }
        const auto field = [&](const char* name) {
            const auto column = columns.find(name);
            return column == columns.end() || column->second >= fields.size() ? std::string() : fields[column->second];
        };
        FilesetLine one{field("Fileset"), field("Level"), field("Fix State"), field("EFIX Locked") == "1"};
        if (one.state.empty()) one.state = field("State");
        if (!is_fileset_name(one.name) || !is_level(one.level) || field("Type") == "R") continue;
        found.push_back(std::move(one));
    }
    return found;
}

std::vector<FilesetLine> parse_lslpp_states(std::string_view text) {
    std::vector<FilesetLine> found;
    for (const std::string_view line : text_lines(text)) {
        if (line.starts_with('#')) continue;
        const std::vector<std::string> fields = colon_fields(line);
        const auto level =
            std::find_if(fields.begin(), fields.end(), [](const std::string& field) { return is_level(field); });
        if (level == fields.begin() || level == fields.end()) continue;
        FilesetLine one{*(level - 1), *level, "", false};
        for (auto field = level + 1; field != fields.end() && one.state.empty(); ++field)
            if (rank_of(*field) < state_words.size()) one.state = *field;
        if (is_fileset_name(one.name)) found.push_back(std::move(one));
    }
    return found;
}

std::vector<InstalledPackage> installed_filesets(const std::vector<FilesetLine>& levels,
                                                 const std::vector<FilesetLine>& states) {
    std::vector<InstalledPackage> found;
    const auto entry = [&](const FilesetLine& line) -> InstalledPackage& {
        for (InstalledPackage& package : found)
            if (package.id.name == line.name && package.id.version == line.level) return package;
        found.push_back({{line.name, line.level, ""}, true, "", ""});
        return found.back();
    };
    for (const FilesetLine& line : levels) {
        InstalledPackage& package = entry(line);
        const bool good = line.state == "A" || line.state == "C" || line.state == "E";
        package.healthy = package.healthy && good;
        if (good)
            package.state = line.state == "A" ? "APPLIED" : "COMMITTED";
        else
            package.state = line.state == "B" ? "BROKEN" : line.state == "O" ? "OBSOLETE" : "state " + line.state;
    }
    std::map<std::pair<std::string, std::string>, std::string> worst;
    for (const FilesetLine& line : states) {
        std::string& word = worst[{line.name, line.level}];
        if (word.empty() || rank_of(line.state) > rank_of(word)) word = line.state.empty() ? "unknown" : line.state;
    }
    for (const auto& [key, word] : worst) {
        InstalledPackage& package = entry({key.first, key.second, "", false});
        package.healthy = package.healthy && is_healthy(word);
        if (word != "unknown") package.state = word;
    }
    std::sort(found.begin(), found.end(),
              [](const InstalledPackage& a, const InstalledPackage& b) { return a.id < b.id; });
    return found;
}

std::optional<std::string> parse_lslpp_owner(std::string_view text, std::string_view path) {
    for (const std::string_view line : text_lines(text)) {
        const std::vector<std::string> fields = colon_fields(line);
        if (line.starts_with('#') || fields.size() < 2 || !is_fileset_name(fields[1])) continue;
        // A link may be shown with where it leads to.
        std::string_view file = fields[0];
        file = trimmed_blanks(file.substr(0, file.find("->")));
        if (file == path) return fields[1];
    }
    return std::nullopt;
}

std::vector<std::string> parse_lppchk(std::string_view text) {
    std::vector<std::string> found;
    for (const std::string_view line : text_lines(text)) {
        // Numbers of messages stay in every language.
        if (line.find("0504-20") == std::string_view::npos) continue;
        for (const std::string& word : blank_words(line))
            if (word.starts_with('/')) {
                found.push_back(word);
                break;
            }
    }
    return found;
}

std::vector<InstallpResult> parse_installp_results(std::string_view text) {
    std::vector<InstallpResult> found;
    bool table = false;
    std::string_view before;
    for (const std::string_view line : text_lines(text)) {
        // Part, Event, Result: the table that has them is the one at the end.
        if (is_underline(line) && before.find("Result") != std::string_view::npos &&
            before.find("Event") != std::string_view::npos) {
            table = true;
            continue;
        }
        before = line;
        if (!table) continue;
        const std::vector<std::string> words = blank_words(line);
        if (words.empty()) {
            table = false;
            continue;
        }
        if (words.size() >= 5 && is_level(words[1])) found.push_back({words[0], words[1], words[3], words[4]});
    }
    return found;
}

InstallpPreview parse_installp_preview(std::string_view text) {
    InstallpPreview preview;
    enum class Section { none, failures, successes } section = Section::none;
    for (const std::string_view line : text_lines(text)) {
        const std::vector<std::string> words = blank_words(line);
        if (words.empty() || is_underline(line)) continue;
        if (line.starts_with("FAILURES") || line.starts_with("WARNINGS")) section = Section::failures;
        if (line.starts_with("SUCCESSES")) section = Section::successes;
        if (words[0] == "<<" || line.starts_with("+--")) section = Section::none;
        if (section == Section::none || words.size() < 2) continue;
        if (is_level(words[1]) && section == Section::successes) preview.selected.emplace_back(words[0], words[1]);
        if (section != Section::failures) continue;
        const std::size_t mark = line.find('#');
        if (mark == std::string_view::npos && !is_level(words[1])) continue;
        std::string what = words[0] + (is_level(words[1]) ? " " + words[1] : "");
        if (mark != std::string_view::npos) what += ": " + std::string(trimmed_blanks(line.substr(mark + 1)));
        preview.failures.push_back(std::move(what));
    }
    return preview;
}

std::vector<PackageId> parse_image_contents(std::string_view text) {
    std::vector<PackageId> found;
    for (const std::string_view line : text_lines(text)) {
        const std::vector<std::string> fields = colon_fields(line);
        if (!line.starts_with('#') && fields.size() > 2 && is_fileset_name(fields[1]) && is_level(fields[2]))
            found.push_back({fields[1], fields[2], ""});
    }
    return found;
}

ToolVerdict judge_installp(const CommandResult& result) {
    ToolVerdict verdict;
    const std::string text = result.output + "\n" + result.error;
    const bool incomplete = text.find("incomplete installation operations") != std::string::npos;
    const std::vector<InstallpResult> results = parse_installp_results(text);
    const auto add = [&verdict](const std::string& reason) {
        if (verdict.reason.find(reason) == std::string::npos)
            verdict.reason += (verdict.reason.empty() ? "" : "; ") + reason;
    };
    for (const InstallpResult& one : results)
        if (one.result != "SUCCESS" && one.result != "ALREADY")
            add(one.name + " " + one.level + ": " + one.event + " " + one.result);
    for (const std::string& failure : parse_installp_preview(text).failures)
        add(failure);
    if (incomplete) add("an earlier installation was interrupted and is not cleaned up (0503-434)");
    if (verdict.reason.empty() && !result.succeeded() && results.empty())
        for (const std::string_view line : text_lines(text))
            if (!trimmed_blanks(line).empty()) {
                add(std::string(trimmed_blanks(line)));
                break;
            }
    return verdict;
}

} // namespace autodeploy
