#include "installer/client/effective_options.h"

#include "installer/client/ascii.h"
#include "installer/client/layout.h"
#include "installer/client/option_table.h"
#include "installer/client/text_encoding.h"
#include "platform/error.h"
#include "platform/file_system.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace autodeploy {

namespace {

struct Argument {
    const OptionRow* row = nullptr; ///< nullptr: optfile, which is no option of a file
    std::string value;
};

/// "-optfile=/etc/dsm2.opt", "-se=SERVER2"
std::optional<Argument> option_argument(std::string_view text) {
    if (!text.starts_with('-')) return std::nullopt;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view name = text.substr(1, equals - 1);
    std::string_view value = text.substr(equals + 1);
    if (value.size() > 1 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
        value = value.substr(1, value.size() - 2);
    if (same_ignoring_case(name, "optfile")) return Argument{nullptr, std::string(value)};
    if (const OptionRow* row = find_option(name)) return Argument{row, std::string(value)};
    return std::nullopt;
}

std::string variable(const OptionSources& sources, const std::string& name) {
    const auto found = sources.environment.find(name);
    return found == sources.environment.end() ? std::string() : found->second;
}

std::string in_directory(const OptionSources& sources, std::string directory, const std::string& name) {
    while (directory.size() > 1 && (directory.back() == '/' || directory.back() == '\\'))
        directory.pop_back();
    const bool backslashes = sources.system == "windows" && directory.find('/') == std::string::npos;
    return directory + (backslashes ? "\\" : "/") + name;
}

/// A Unix names its files by bytes: those that stand in the line, whatever letters they are meant to be.
std::string value_of(const OptionSources& sources, const OptionsFile& file, const OptionLine& line) {
    constexpr std::array<std::string_view, 4> paths{"inclexcl", "passworddir", "schedlogname", "errorlogname"};
    const bool is_path = std::find(paths.begin(), paths.end(), line.name) != paths.end();
    const bool bytes = is_path && sources.system != "windows" && file.encoding == "single-byte";
    return bytes ? encode_single_bytes(line.value) : line.value;
}

class Combination {
  public:
    Combination(EffectiveOptions& result, const OptionSources& sources) : result_(result), sources_(sources) {}

    void add(const OptionsFile& file, const OptionLine& line, bool in_force) {
        const OptionRow* row = line.known ? find_option(line.name) : nullptr;
        if (row == nullptr || row->name == "SErvername") return;
        const EffectiveOption option{value_of(sources_, file, line), line.keyword, file.place(line.line), line.problem};
        in_force = in_force && !line.doubtful;
        if (row->repeatable) {
            if (in_force) result_.repeated[line.name].push_back(option);
            return;
        }
        merge(*row, option, in_force && !misplaced(*row, file, option));
    }

    void add_argument(const OptionRow& row, const std::string& value) {
        const EffectiveOption option{value, option_keyword(row, value), "command line of the service", {}};
        if (row.repeatable) {
            result_.repeated[option_name(row)].push_back(option);
        } else if (row.most_restrictive_first) {
            merge(row, option, true);
        } else {
            result_.values[option_name(row)] = option;
        }
    }

  private:
    bool misplaced(const OptionRow& row, const OptionsFile& file, const EffectiveOption& option) {
        if (sources_.system == "windows" || row.home == OptionHome::either) return false;
        const bool in_user_file = file.kind == OptionsFileKind::user;
        if (in_user_file == (row.home == OptionHome::user)) return false;
        result_.problems.push_back(option.evidence + ": " + option_name(row) + " belongs into " +
                                   (in_user_file ? "the server's stanza of dsm.sys" : "dsm.opt"));
        return true;
    }

    void merge(const OptionRow& row, const EffectiveOption& option, bool in_force) {
        const std::string name = option_name(row);
        const auto found = result_.values.find(name);
        if (row.most_restrictive_first) {
            const std::size_t rank = option_rank(row, option.keyword);
            const std::size_t before =
                found == result_.values.end() ? least_restrictive : option_rank(row, found->second.keyword);
            if (found == result_.values.end() && (in_force || !is_last(row, rank))) {
                result_.values.emplace(name, option);
            } else if (found != result_.values.end()) {
                if (rank != before)
                    report(name, found->second, option,
                           rank < before ? "the more restrictive" : "the former, more restrictive");
                if (rank < before) found->second = option;
            }
        } else if (found == result_.values.end()) {
            result_.values.emplace(name, option);
        } else {
            if (found->second.value != option.value)
                report(name, found->second, option, in_force ? "the last" : "the former");
            if (in_force) found->second = option;
        }
    }

    static bool is_last(const OptionRow& row, std::size_t rank) {
        return rank == static_cast<std::size_t>(std::count(row.values.begin(), row.values.end(), '|'));
    }

    void report(const std::string& name, const EffectiveOption& former, const EffectiveOption& option,
                const std::string& winner) {
        result_.problems.push_back(option.evidence + ": " + name + " \"" + option.value + "\" disagrees with \"" +
                                   former.value + "\" at " + former.evidence + "; " + winner + " value counts");
    }

    static constexpr std::size_t least_restrictive = 1000;
    EffectiveOptions& result_;
    const OptionSources& sources_;
};

/// The stanza in force, or what keeps one from being found.
int choose_stanza(EffectiveOptions& result, const OptionSources& sources, const OptionsFile* user,
                  const OptionsFile& system) {
    std::string wanted;
    std::string named_by;
    for (const OptionLine& line : system.lines)
        if (line.name == "defaultserver" && !line.doubtful && !line.value.empty()) {
            wanted = line.value;
            named_by = system.place(line.line);
        }
    if (user != nullptr)
        for (const OptionLine& line : user->lines)
            if (line.name == "servername" && !line.doubtful && !line.value.empty()) {
                wanted = line.value;
                named_by = user->place(line.line);
            }
    for (const std::string& text : sources.arguments) {
        const std::optional<Argument> argument = option_argument(text);
        if (argument && argument->row != nullptr && argument->row->name == "SErvername") {
            wanted = argument->value;
            named_by = "command line of the service";
        }
    }
    if (system.stanzas.empty()) {
        result.unreadable = "cannot tell the options in force: " + system.path +
                            " has no server stanza (a line \"SErvername NAME\"); add one";
        return -1;
    }
    if (wanted.empty()) {
        result.stanza = system.stanzas.front().name;
        result.stanza_evidence = system.place(system.stanzas.front().line);
        return 0;
    }
    for (std::size_t i = 0; i < system.stanzas.size(); ++i)
        if (same_ignoring_case(system.stanzas[i].name, wanted)) {
            result.stanza = system.stanzas[i].name;
            result.stanza_evidence = system.place(system.stanzas[i].line);
            return static_cast<int>(i);
        }
    result.unreadable = "cannot tell the options in force: " + named_by + " names the server \"" + wanted + "\", but " +
                        system.path + " has no stanza of that name; correct one of the two";
    return -1;
}

void note_referenced_files(EffectiveOptions& result) {
    const auto found = result.repeated.find("inclexcl");
    if (found == result.repeated.end()) return;
    for (const EffectiveOption& option : found->second) {
        if (option.value.empty()) continue;
        if (!is_absolute(option.value)) {
            result.problems.push_back(option.evidence + ": inclexcl \"" + option.value +
                                      "\" is no absolute path; it is not backed up before an update");
        } else if (std::find(result.referenced_files.begin(), result.referenced_files.end(), option.value) ==
                   result.referenced_files.end()) {
            result.referenced_files.push_back(option.value);
        }
    }
}

/// Nothing where the file is not there.
std::optional<OptionsFile> read_options(FileSystem& files, const std::string& path, OptionsFileKind kind) {
    try {
        return parse_options_file(path, files.read(path, options_file_limit), kind);
    } catch (const Error& error) {
        if (error.cause() == "file_not_found") return std::nullopt;
        throw;
    }
}

} // namespace

const EffectiveOption* EffectiveOptions::find(const std::string& name) const {
    const auto found = values.find(name);
    return found == values.end() ? nullptr : &found->second;
}

std::string EffectiveOptions::value(const std::string& name, const std::string& otherwise) const {
    const EffectiveOption* option = find(name);
    return option == nullptr || option->value.empty() ? otherwise : option->value;
}

std::string EffectiveOptions::keyword(const std::string& name, const std::string& otherwise) const {
    const EffectiveOption* option = find(name);
    return option == nullptr ? otherwise : option->keyword;
}

EffectiveOptions choose_options_files(const OptionSources& sources) {
    EffectiveOptions chosen;
    const bool windows = sources.system == "windows";
    const std::string directory = variable(sources, "DSM_DIR");
    const std::string home = directory.empty() || directory == "/" ? sources.program_directory : directory;
    if (!windows) chosen.system_file = in_directory(sources, home, "dsm.sys");

    chosen.user_file = in_directory(sources, home, "dsm.opt");
    chosen.chosen_by = home == sources.program_directory ? "directory of the program" : "DSM_DIR of the service";
    if (const std::string config = variable(sources, "DSM_CONFIG"); !config.empty()) {
        chosen.user_file = config;
        chosen.chosen_by = "DSM_CONFIG of the service";
    }
    if (!sources.registered_file.empty()) {
        chosen.user_file = sources.registered_file;
        chosen.chosen_by = "parameters of the service";
    }
    for (const std::string& text : sources.arguments) {
        const std::optional<Argument> argument = option_argument(text);
        if (argument && argument->row == nullptr && !argument->value.empty()) {
            chosen.user_file = argument->value;
            chosen.chosen_by = "-optfile of the service";
        }
    }
    if (!is_absolute(chosen.user_file)) {
        chosen.problems.push_back(chosen.chosen_by + ": \"" + chosen.user_file +
                                  "\" is no absolute path; the service starts in another directory");
        chosen.user_file = windows ? in_directory(sources, home, chosen.user_file) : "/" + chosen.user_file;
    }
    return chosen;
}

EffectiveOptions combine_options(EffectiveOptions chosen, const OptionSources& sources, const OptionsFile* user,
                                 const OptionsFile* system) {
    EffectiveOptions result = std::move(chosen);
    for (const OptionsFile* file : {user, system}) {
        if (file == nullptr) continue;
        const std::vector<std::string> problems = file->problems();
        result.problems.insert(result.problems.end(), problems.begin(), problems.end());
        if (sources.system != "windows" && file->encoding.starts_with("UTF-16"))
            result.problems.push_back(file->place(1) + ": the file is in " + file->encoding +
                                      ", which is read on Windows only; save it as plain text");
    }
    const int stanza = system == nullptr ? -1 : choose_stanza(result, sources, user, *system);

    Combination combination(result, sources);
    // What is in force goes first, so that the rest is measured against it.
    if (system != nullptr && stanza >= 0)
        for (const OptionLine& line : system->lines)
            if (line.stanza == stanza) combination.add(*system, line, true);
    if (user != nullptr)
        for (const OptionLine& line : user->lines)
            combination.add(*user, line, true);
    if (system != nullptr && stanza >= 0)
        for (const OptionLine& line : system->lines)
            if (line.stanza > stanza &&
                same_ignoring_case(system->stanzas[std::size_t(line.stanza)].name, result.stanza))
                combination.add(*system, line, false);
    if (system != nullptr)
        for (const OptionLine& line : system->lines) {
            if (line.stanza >= 0 || line.name == "defaultserver") continue;
            if (line.known)
                result.problems.push_back(system->place(line.line) + ": " + line.name +
                                          " stands ahead of the first server stanza, where only defaultserver belongs");
            combination.add(*system, line, false);
        }
    for (const std::string& text : sources.arguments) {
        const std::optional<Argument> argument = option_argument(text);
        if (argument && argument->row != nullptr && argument->row->name != "SErvername")
            combination.add_argument(*argument->row, argument->value);
    }
    note_referenced_files(result);
    return result;
}

EffectiveOptions effective_options(FileSystem& files, const OptionSources& sources) {
    EffectiveOptions chosen = choose_options_files(sources);
    const bool windows = sources.system == "windows";
    try {
        const std::optional<OptionsFile> user = read_options(files, chosen.user_file, OptionsFileKind::user);
        const bool named = !chosen.chosen_by.starts_with("directory") && !chosen.chosen_by.starts_with("DSM_DIR");
        if (!user && (windows || named)) {
            chosen.unreadable =
                "cannot tell the options in force: " + chosen.user_file + " (" + chosen.chosen_by + ") does not exist";
            return chosen;
        }
        if (windows) return combine_options(std::move(chosen), sources, &*user, nullptr);
        const std::optional<OptionsFile> system = read_options(files, chosen.system_file, OptionsFileKind::system);
        if (!system) {
            chosen.unreadable = "cannot tell the options in force: " + chosen.system_file +
                                " does not exist; the client cannot start without it";
            return chosen;
        }
        return combine_options(std::move(chosen), sources, user ? &*user : nullptr, &*system);
    } catch (const Error& error) {
        chosen.unreadable = error.what();
        return chosen;
    }
}

} // namespace autodeploy
