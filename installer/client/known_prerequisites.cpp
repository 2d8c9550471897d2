#include "installer/client/known_prerequisites.h"

#include "installer/client/ascii.h"

#include <array>
#include <string_view>
#include <vector>

namespace autodeploy {

namespace {

// [H], [M], [L] and [G] are how sure a fact is: documented, seen in what others publish, inferred, from memory only.
// What is wrong here costs an update, never a client: an installer that does not show up under its keys afterwards ends
// the deployment before the client is stopped.

/// A generation of the Visual C++ runtime, by the first number of its installer's version.
struct RuntimeRow {
    std::string_view major;
    std::string_view years; ///< in its name
    PrerequisiteKind kind;  ///< [M] from 2012 on, [G] 2010
    std::string_view key;   ///< below SOFTWARE\Microsoft\VisualStudio, in either view [G]; below it x64, x86 [G]
    std::vector<std::string> files; ///< [G]; what programs have in use
};

const std::array<RuntimeRow, 3>& runtimes() {
    static const std::array<RuntimeRow, 3> rows{
        RuntimeRow{
            "10", "2010", PrerequisiteKind::vc_redist_2010, "10.0\\VC\\VCRedist", {"msvcp100.dll", "msvcr100.dll"}},
        RuntimeRow{"11",
                   "2012",
                   PrerequisiteKind::vc_redist,
                   "11.0\\VC\\Runtimes",
                   {"msvcp110.dll", "msvcr110.dll", "vccorlib110.dll"}},
        RuntimeRow{"14",
                   "2015-2022",
                   PrerequisiteKind::vc_redist,
                   "14.0\\VC\\Runtimes",
                   {"msvcp140.dll", "msvcp140_1.dll", "msvcp140_2.dll", "vcruntime140.dll", "vcruntime140_1.dll",
                    "concrt140.dll", "vccorlib140.dll", "vcomp140.dll", "mfc140.dll", "mfc140u.dll"}},
    };
    return rows;
}

/// Folders of the 7.1 era, whose files do not tell it by their names [M].
struct FolderRow {
    std::string_view folder;
    std::string_view architecture;
};
constexpr std::array folders{
    FolderRow{"{270b0954-35ca-4324-bbc6-ba5db9072dad}", "x86"}, // 2010
    FolderRow{"{bf2f04cd-3d1f-444e-8960-d08ebd285c3f}", "x86"}, // 2012
    FolderRow{"{7f66a156-bc3b-479d-9703-65db354235cc}", "x64"}, // 2010
    FolderRow{"{3a3af437-a9cd-472f-9bc9-8eedd7505a02}", "x64"}, // 2012
};

constexpr std::string_view folder_name = "issetupprerequisites";

/// The names of a path, in lower case.
std::vector<std::string> names_of(const std::string& path) {
    std::vector<std::string> names(1);
    for (const char c : lower_case(path)) {
        if (c == '/') {
            names.emplace_back();
        } else {
            names.back() += c;
        }
    }
    return names;
}

/// Of a Visual C++ runtime; empty for anything else.
std::string architecture_of(const std::vector<std::string>& names) {
    if (!names.back().ends_with(".exe")) return {};
    for (const FolderRow& row : folders)
        for (const std::string& name : names)
            if (name == row.folder) return std::string(row.architecture);
    if (names.back().find("redist") == std::string::npos) return {}; // [M]
    for (const char* architecture : {"x64", "x86"})
        if (names.back().find(architecture) != std::string::npos) return architecture;
    return {};
}

/// The fourth number is not the same in all places where it is told.
std::string three_numbers(const std::string& version) {
    std::size_t end = version.find('.');
    for (int i = 0; i < 2 && end != std::string::npos; ++i)
        end = version.find('.', end + 1);
    return version.substr(0, end);
}

} // namespace

bool is_below_prerequisites(const std::string& path) {
    const std::vector<std::string> names = names_of(path);
    for (std::size_t i = 0; i + 1 < names.size(); ++i)
        if (names[i] == folder_name) return true;
    return false;
}

std::optional<KnownPrerequisite> known_prerequisite(const std::string& path, const std::string& file_version) {
    const std::vector<std::string> names = names_of(path);
    const std::string architecture = architecture_of(names);
    if (!is_below_prerequisites(path) || architecture.empty() || !is_dotted_version(file_version)) return std::nullopt;
    for (const RuntimeRow& row : runtimes()) {
        if (!file_version.starts_with(std::string(row.major) + ".")) continue;
        KnownPrerequisite known;
        known.id = {"Microsoft Visual C++ " + std::string(row.years) + " Redistributable (" + architecture + ")",
                    three_numbers(file_version), architecture};
        known.how.kind = row.kind;
        for (const char* view : {"HKLM64", "HKLM32"})
            known.how.keys.push_back(std::string(view) + "\\SOFTWARE\\Microsoft\\VisualStudio\\" +
                                     std::string(row.key) + "\\" + architecture);
        known.how.installed_value = "Installed"; // [G]
        known.how.version_value = "Version";     // [G] "v14.38.33130.00"
        known.how.files = row.files;
        return known;
    }
    return std::nullopt;
}

} // namespace autodeploy
