#include "agent/outlook.h"

#include "agent/deployment.h"
#include "installer/package/foreseen_way_back.h"
#include "platform/error.h"

#include <utility>

namespace autodeploy {

Outlook look_ahead(DeploymentParts& parts, const Settings& settings, UnixTime now, bool ask_repository) {
    Outlook outlook;
    outlook.found = parts.detect();
    std::vector<AvailablePackage> available;
    if (ask_repository) {
        try {
            RepositoryView view = parts.refresh(outlook.found);
            outlook.choice = parts.choose(choice_input(settings, outlook.found, "", now), view);
            available = std::move(view.packages);
        } catch (const Error& error) {
            outlook.repository_error = error.what();
        }
    }
    PreflightInput input;
    const AvailablePackage* package = outlook.choice && outlook.choice->package ? &*outlook.choice->package : nullptr;
    if (package) {
        const auto& installed = outlook.found.database_version;
        input.release = package->manifest;
        input.approved_one_way = outlook.choice->crossed_one_way;
        input.way_down_allowed = outlook.choice->recall;
        input.way_back = foreseen_way_back(outlook.found, package->manifest,
                                           installed ? parts.kept(*installed) : std::nullopt, available);
    }
    outlook.requirements = parts.requirements(outlook.found, std::move(input), package);
    return outlook;
}

} // namespace autodeploy
