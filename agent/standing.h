#pragma once

#include "agent/deployment.h"
#include "agent/release_records.h"
#include "agent/reports/status.h"
#include "agent/settings.h"
#include "agent/window.h"
#include "installer/detection.h"
#include "installer/package/offers.h"

#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// What is known when somebody asks why this client is, or is not, updated.
struct StandingInput {
    UnixTime now = 0;
    Status status;
    Settings settings;
    std::string settings_file;  ///< for messages
    std::string settings_error; ///< why they cannot be used; empty if they can
    Detection found;
    std::vector<ReportedRequirement> requirements;
    std::optional<Choice> choice; ///< nothing where the repository was not asked or could not be
    std::string repository_error;
    ReleaseRecord record;           ///< of the chosen release
    std::optional<Opening> opening; ///< of the window, now or next
    bool service_runs = true;
};

/// The answer, for people: at most ten lines, the first one the verdict.
struct Standing {
    std::string verdict;    ///< "is not updated: …"
    std::string next;       ///< what happens next, and when
    std::string decided_by; ///< who could change that, and where
    std::vector<std::string> lines;
};

/// A function of its argument. The reasons are looked for in the order in which a deployment would meet them.
Standing standing(const StandingInput& input);

} // namespace autodeploy
