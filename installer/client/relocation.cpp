#include "installer/client/relocation.h"

#include "installer/client/ascii.h"
#include "installer/client/layout.h"

#include <algorithm>

namespace autodeploy {

namespace {

bool is_windows(const std::string& path) {
    return path.size() > 1 && path[1] == ':';
}

/// Whether the text goes on with this directory from there, and not with a longer name.
bool names(const std::string& text, std::size_t at, const std::string& directory) {
    if (text.size() - at < directory.size()) return false;
    const std::string_view here = std::string_view(text).substr(at, directory.size());
    if (is_windows(directory) ? !same_ignoring_case(here, directory) : here != directory) return false;
    const std::size_t behind = at + directory.size();
    return behind == text.size() || std::string_view("/\\\"' :;,\t\n").find(text[behind]) != std::string_view::npos;
}

/// Where a Windows Installer package of that word size goes in place of one of the other.
std::string below_other_program_files(const std::string& directory, int bits) {
    const std::string_view old_name = bits == 64 ? "\\Program Files (x86)\\" : "\\Program Files\\";
    const std::string_view new_name = bits == 64 ? "\\Program Files\\" : "\\Program Files (x86)\\";
    constexpr std::size_t behind_drive = 2;
    if (directory.size() < behind_drive + old_name.size() ||
        !same_ignoring_case(std::string_view(directory).substr(behind_drive, old_name.size()), old_name))
        return directory;
    return directory.substr(0, behind_drive) + std::string(new_name) + directory.substr(behind_drive + old_name.size());
}

} // namespace

std::vector<Relocation> relocations(std::string_view system, int from, int to, const std::string& program_directory) {
    std::vector<Relocation> found;
    if (from == to) return found;
    for (const LayoutRow& old_row : client_layout())
        for (const LayoutRow& new_row : client_layout())
            if (old_row.system == system && new_row.system == system && old_row.place == new_row.place &&
                old_row.place != ClientPlace::shared && old_row.bits == from && new_row.bits == to)
                found.push_back({std::string(old_row.directory), std::string(new_row.directory)});
    const bool listed = std::any_of(found.begin(), found.end(), [&](const Relocation& each) {
        return same_ignoring_case(each.from, program_directory);
    });
    const std::string chosen = below_other_program_files(program_directory, to);
    if (!listed && chosen != program_directory) found.push_back({program_directory, chosen});
    return found;
}

std::vector<Relocation> settings_relocations(std::string_view system, int from, int to) {
    std::vector<Relocation> found;
    for (const SettingsRow& old_row : kept_settings())
        for (const SettingsRow& new_row : kept_settings())
            if (old_row.system == system && new_row.system == system && old_row.name == new_row.name &&
                old_row.bits == from && new_row.bits == to)
                found.push_back({std::string(old_row.key), std::string(new_row.key)});
    return found;
}

std::optional<std::string> relocated(const std::vector<Relocation>& relocations, const std::string& path) {
    for (const Relocation& each : relocations)
        if (path.size() > each.from.size() && names(path, 0, each.from)) return each.to + path.substr(each.from.size());
    return std::nullopt;
}

std::string relocated_text(const std::vector<Relocation>& relocations, const std::string& text) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const auto found = std::find_if(relocations.begin(), relocations.end(),
                                        [&](const Relocation& each) { return names(text, at, each.from); });
        // A directory begins where a path begins.
        const bool begins = at == 0 || std::string_view("/\\.-_").find(text[at - 1]) == std::string_view::npos;
        if (found == relocations.end() || !begins) {
            result += text[at++];
        } else {
            result += found->to;
            at += found->from.size();
        }
    }
    return result;
}

Service relocated(const std::vector<Relocation>& relocations, const Service& service) {
    Service moved = service;
    moved.program = relocated_text(relocations, service.program);
    for (std::string& argument : moved.arguments)
        argument = relocated_text(relocations, argument);
    for (auto& [name, value] : moved.environment)
        value = relocated_text(relocations, value);
    for (auto& [name, value] : moved.settings)
        value = relocated_text(relocations, value);
    return moved;
}

} // namespace autodeploy
