#include "platform/windows/windows_prerequisites.h"

#include "platform/changing_tool.h"
#include "platform/error.h"
#include "platform/windows/full_path.h"
#include "platform/windows/msi_run.h"
#include "platform/windows/prerequisite_run.h"
#include "platform/windows/registry_value.h"

#include <algorithm>
#include <map>

namespace autodeploy {

namespace {

using Values = std::map<std::string, std::string>;

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    return text;
}

/// Names of keys and values count in any case.
const std::string* value_of(const Values& values, const std::string& name) {
    for (const auto& [found, value] : values)
        if (lower(found) == lower(name)) return &value;
    return nullptr;
}

/// "IBM Java*": a "*" at the end stands for anything.
bool fits(const std::string& pattern, const std::string& name) {
    if (pattern.ends_with('*')) return lower(name).starts_with(lower(pattern.substr(0, pattern.size() - 1)));
    return lower(name) == lower(pattern);
}

/// What the key says of the version; nothing where it does not speak of the prerequisite, or says that it is not there.
std::optional<std::string> told_by(const Values& values, const Prerequisite& wanted) {
    if (!wanted.display_name.empty()) {
        const std::string* name = value_of(values, "DisplayName");
        if (name == nullptr || !fits(wanted.display_name, text_of_registry_value(*name))) return std::nullopt;
    }
    if (!wanted.installed_value.empty()) {
        const std::string* there = value_of(values, wanted.installed_value);
        if (there == nullptr || number_of_registry_value(*there).value_or(0) != 1) return std::nullopt;
    }
    const std::string* version = value_of(values, wanted.version_value);
    if (version == nullptr && wanted.installed_value.empty() && wanted.display_name.empty()) return std::nullopt;
    return version == nullptr ? std::string() : text_of_registry_value(*version);
}

bool is_below(const std::string& key, const std::string& top) {
    return key.size() > top.size() + 1 && lower(key).starts_with(lower(top) + "\\") &&
           key.find('\\', top.size() + 1) == std::string::npos;
}

std::string name_of(const PrerequisiteFile& wanted) {
    return wanted.file.id.name + " " + wanted.file.id.version;
}

bool is_there(PrerequisiteNeed need) {
    return need == PrerequisiteNeed::met || need == PrerequisiteNeed::unknown;
}

} // namespace

std::optional<std::string> WindowsPrerequisites::installed(const Prerequisite& wanted) {
    std::optional<std::string> newest;
    for (const std::string& top : wanted.keys)
        for (const auto& [key, values] : machine_.settings.read(top)) {
            if (wanted.display_name.empty() ? lower(key) != lower(top) : !is_below(key, top)) continue;
            std::optional<std::string> told = told_by(values, wanted);
            if (!told) continue;
            std::string plain = told->starts_with('v') ? told->substr(1) : *told;
            if (!newest || need_of(plain, newest) == PrerequisiteNeed::older ||
                (is_dotted_version(plain) && newest->empty()))
                newest = std::move(told);
        }
    return newest;
}

std::vector<std::string> WindowsPrerequisites::waiting(const PrerequisiteFile& wanted) {
    if (wanted.how.files.empty()) return {};
    std::string folder = machine_.system_directory;
    if (wanted.file.id.architecture == "x86" && machine_.host.facts().is_64_bit)
        folder = parent_path(folder) + "\\SysWOW64";
    std::vector<std::string> paths;
    for (const std::string& file : wanted.how.files)
        paths.push_back(file.find('\\') == std::string::npos ? folder + "\\" + file : file);
    return machine_.host.pending_renames(paths);
}

/// Nothing is reached while its files wait for a restart.
ConvergeResult WindowsPrerequisites::looked_at_again(const PrerequisiteFile& wanted,
                                                     std::vector<std::string> warnings) {
    ConvergeResult result{Convergence::reached, std::move(warnings)};
    const std::vector<std::string> waits = waiting(wanted);
    if (waits.empty()) return result;
    result.convergence = Convergence::restart_needed;
    result.warnings.insert(result.warnings.end(), waits.begin(), waits.end());
    return result;
}

ConvergeResult WindowsPrerequisites::install(const PrerequisiteFile& wanted, const ConvergeOptions& options) {
    wait_for_survivor(machine_.commands, machine_.clock, options.run_name, options);
    const std::string& version = wanted.file.id.version;
    if (is_there(need_of(version, installed(wanted.how)))) return looked_at_again(wanted, {});
    if (machine_.database.is_at_work()) return {Convergence::busy, {}};

    const std::string log = windows_path(options.evidence_path + "/" + options.run_name + ".log");
    const Command command =
        prerequisite_command(wanted.how.kind, machine_.system_directory, windows_path(wanted.file.path), log);
    const ToolEnd end = run_changing_tool(machine_.commands, machine_.clock, options.run_name, command,
                                          options.evidence_path + "/prerequisites.txt", options);
    const unsigned code = plain_exit_code(end.result.exit_code);
    const MsiMeaning meaning = msi_meaning(code);
    const std::string words = end.result.exit_code == -1 ? "how it ended was not seen" : msi_words(code);

    const std::optional<std::string> now = installed(wanted.how);
    if (!is_there(need_of(version, now))) {
        if (meaning == MsiMeaning::busy) return {Convergence::busy, {}};
        // Its own word against the registry's: whether the client runs with what is there is verified later on.
        if (meaning == MsiMeaning::other_release)
            return looked_at_again(wanted, {name_of(wanted) + " was not installed: its installer says that " +
                                            "another release is there"});
        throw Error("prerequisite_failed", "cannot install " + name_of(wanted) + ": afterwards " +
                                               (now ? "the registry has " + *now : "it is not in the registry") +
                                               "; its installer says: " + words + " (" + log + ")");
    }
    ConvergeResult result = looked_at_again(wanted, {});
    // Where nobody knows its files, its own word is all there is.
    const bool asked = meaning == MsiMeaning::restart_asked || meaning == MsiMeaning::restarting;
    if (asked && wanted.how.files.empty()) {
        result.convergence = Convergence::restart_needed;
        result.warnings.push_back(name_of(wanted) + ": " + words);
    }
    return result;
}

} // namespace autodeploy
