#pragma once

#include "agent/deployment_parts.h"
#include "agent/settings.h"
#include "installer/detection.h"
#include "installer/package/offers.h"

#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// What a deployment would find now; nothing is fetched but metadata.
struct Outlook {
    Detection found;
    std::optional<Choice> choice; ///< nothing where the repository was not asked or could not be
    std::string repository_error; ///< empty where it was not asked
    std::vector<ReportedRequirement> requirements;
};

/// Blocks as detect and refresh do, and throws what detect throws.
Outlook look_ahead(DeploymentParts& parts, const Settings& settings, UnixTime now, bool ask_repository);

} // namespace autodeploy
