#pragma once

#include "platform/windows/msi_database.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// Windows Installer looks at three numbers, no more: 8.1.25.0 and 8.1.25.9 are the same to it. Below 0, 0, above 0.
int compare_msi_versions(const std::string& a, const std::string& b);

/// Whether a package with this row takes away a product of that version: the row is for more than finding it, and the
/// version lies within its limits.
bool takes_away(const MsiUpgrade& row, const std::string& version);

/// An installed product that a package has to do with.
struct MsiPredecessor {
    MsiProduct product;
    std::string architecture;
    std::vector<std::string> upgrade_codes; ///< of those that the package looks for, the ones it is found by
};

/// How to get from there to the package.
struct MsiWay {
    std::vector<std::string> remove; ///< ProductCodes, before
    bool anew = false;               ///< nothing is inherited: features and place are to be given
    std::map<std::string, std::string> properties;

    bool operator==(const MsiWay&) const = default;
};
MsiWay msi_way(const MsiPackage& package, const std::vector<MsiPredecessor>& there);

/// What is given to a package that inherits nothing, as far as it knows of it. A feature that has another name for the
/// other word size is told by that.
std::map<std::string, std::string> properties_of(const MsiChoice& choice, const MsiPackage& package);

/// Choices by UpgradeCode and architecture, a line each; and back. Lines of another form are left out.
using MsiChoices = std::map<std::pair<std::string, std::string>, MsiChoice>;
std::string choices_text(const MsiChoices& choices);
MsiChoices parse_choices(const std::string& text);
/// What was chosen of the product that the package takes the place of: of the same architecture, else of another one,
/// with the place below the "Program Files" of the package's. Nothing where nothing is known.
std::optional<MsiChoice> choice_for(const MsiPackage& package, const MsiChoices& choices);

/// "C:\… is missing", "C:\… is version 8.1.25.0 instead of 8.1.27.0"; empty if the file is right.
std::string wrong_with(const MsiFile& file);

} // namespace autodeploy
