#pragma once

#include "platform/package.h"
#include "platform/prerequisite.h"

#include <optional>
#include <string>

namespace autodeploy {

struct KnownPrerequisite {
    PackageId id;
    Prerequisite how;
};

/// Whether the member of a vendor's archive lies in the folder of prerequisites.
bool is_below_prerequisites(const std::string& path);

/// What is known of an installer in that folder, by its place, its name and the version that it carries itself
/// ("14.38.33130.0"; empty: none). Nothing where it is not known for certain how it is run and told.
std::optional<KnownPrerequisite> known_prerequisite(const std::string& path, const std::string& file_version);

} // namespace autodeploy
