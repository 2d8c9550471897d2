#include "platform/windows/msi_way.h"

#include "platform/windows/folded.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace autodeploy {

namespace {

constexpr std::uint32_t only_found = 0x2;
constexpr std::uint32_t minimum_is_within = 0x100;
constexpr std::uint32_t maximum_is_within = 0x200;

std::array<unsigned, 3> numbers_of(const std::string& version) {
    std::array<unsigned, 3> numbers{};
    const char* at = version.data();
    const char* const end = at + version.size();
    for (unsigned& number : numbers) {
        const auto [next, error] = std::from_chars(at, end, number);
        if (error != std::errc() || next == end || *next != '.') break;
        at = next + 1;
    }
    return numbers;
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == separator)
            parts.emplace_back();
        else
            parts.back() += c;
    }
    return parts;
}

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts)
        text += (text.empty() ? "" : ",") + part;
    return text;
}

// [M] public installation scripts: the runtime of the API is the one feature that has a name for each word size.
std::string feature_of_other_word_size(const std::string& name) {
    return name == "ApiRuntime" ? "Api64Runtime" : name == "Api64Runtime" ? "ApiRuntime" : name;
}

/// The folder that Windows keeps for programs of that architecture in place of the other one's.
std::string in_program_files_of(const std::string& architecture, const std::string& directory) {
    const std::string of_32_bit = ":\\Program Files (x86)\\";
    const std::string of_64_bit = ":\\Program Files\\";
    const std::string& from = architecture == "Intel" ? of_64_bit : of_32_bit;
    const std::string& to = architecture == "Intel" ? of_32_bit : of_64_bit;
    if (directory.size() <= from.size() || !same_folded(directory.substr(1, from.size()), from)) return directory;
    return directory.substr(0, 1) + to + directory.substr(1 + from.size());
}

bool is_taken_away(const MsiPackage& package, const MsiPredecessor& there) {
    return std::any_of(package.upgrades.begin(), package.upgrades.end(), [&](const MsiUpgrade& row) {
        return takes_away(row, there.product.version) &&
               std::find(there.upgrade_codes.begin(), there.upgrade_codes.end(), row.code) != there.upgrade_codes.end();
    });
}

} // namespace

int compare_msi_versions(const std::string& a, const std::string& b) {
    const auto order = numbers_of(a) <=> numbers_of(b);
    return order < 0 ? -1 : order > 0 ? 1 : 0;
}

bool takes_away(const MsiUpgrade& row, const std::string& version) {
    if (row.attributes & only_found) return false;
    if (!row.minimum.empty()) {
        const int order = compare_msi_versions(version, row.minimum);
        if (order < 0 || (order == 0 && !(row.attributes & minimum_is_within))) return false;
    }
    if (row.maximum.empty()) return true;
    const int order = compare_msi_versions(version, row.maximum);
    return order < 0 || (order == 0 && (row.attributes & maximum_is_within));
}

MsiWay msi_way(const MsiPackage& package, const std::vector<MsiPredecessor>& there) {
    MsiWay way;
    bool inherits = false;
    for (const MsiPredecessor& one : there) {
        if (one.product.code == package.product_code) {
            const bool goes_down = compare_msi_versions(one.product.version, package.version) > 0;
            if (goes_down) {
                way.remove.push_back(one.product.code);
                continue;
            }
            // The same product: Windows takes another package of it, and mends it, only if it is told so. Files that
            // are newer than the package's stay.
            inherits = true;
            way.properties = {{"REINSTALL", "ALL"}, {"REINSTALLMODE", "vemus"}};
        } else if (one.architecture == package.architecture && is_taken_away(package, one)) {
            inherits = true;
        } else if (one.architecture == package.architecture) {
            way.remove.push_back(one.product.code);
        }
    }
    way.anew = !inherits;
    return way;
}

std::map<std::string, std::string> properties_of(const MsiChoice& choice, const MsiPackage& package) {
    const auto knows = [&package](const std::string& name) {
        return std::find(package.features.begin(), package.features.end(), name) != package.features.end();
    };
    std::vector<std::string> features;
    for (const std::string& name : choice.features) {
        if (knows(name)) {
            features.push_back(name);
        } else if (const std::string other = feature_of_other_word_size(name); knows(other)) {
            features.push_back(other);
        }
    }
    std::map<std::string, std::string> properties;
    if (!features.empty()) properties["ADDLOCAL"] = joined(features);
    if (!choice.directory.empty() && package.has_installdir) properties["INSTALLDIR"] = choice.directory;
    return properties;
}

std::string choices_text(const MsiChoices& choices) {
    std::string text;
    for (const auto& [place, choice] : choices)
        text += place.first + "|" + place.second + "|" + joined(choice.features) + "|" + choice.directory + "\n";
    return text;
}

MsiChoices parse_choices(const std::string& text) {
    MsiChoices choices;
    for (const std::string& line : split(text, '\n')) {
        const std::vector<std::string> fields = split(line, '|');
        if (fields.size() != 4 || fields[0].empty()) continue;
        MsiChoice& choice = choices[{fields[0], fields[1]}];
        choice = {{}, fields[3]};
        for (const std::string& feature : split(fields[2], ','))
            if (!feature.empty()) choice.features.push_back(feature);
    }
    return choices;
}

std::optional<MsiChoice> choice_for(const MsiPackage& package, const MsiChoices& choices) {
    if (const auto same = choices.find({package.upgrade_code, package.architecture}); same != choices.end())
        return same->second;
    const auto other = std::find_if(choices.begin(), choices.end(), [&package](const auto& entry) {
        return entry.first.second != package.architecture;
    });
    if (other == choices.end()) return std::nullopt;
    return MsiChoice{other->second.features, in_program_files_of(package.architecture, other->second.directory)};
}

std::string wrong_with(const MsiFile& file) {
    if (!file.is_there) return file.path + " is missing";
    // A newer file stays where packages share it.
    if (!file.wanted_version.empty() && file.version != file.wanted_version)
        return file.path + " is version " + (file.version.empty() ? "(none)" : file.version) + " instead of " +
               file.wanted_version;
    if (file.wanted_version.empty() && !file.same_content) return file.path + " is not as it was installed";
    return {};
}

} // namespace autodeploy
