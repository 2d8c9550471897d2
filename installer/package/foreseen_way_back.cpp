#include "installer/package/foreseen_way_back.h"

#include "installer/package/choose_packages.h"

#include <algorithm>
#include <iterator>

namespace autodeploy {
namespace {

/// As if all of its payloads were here.
StagedRelease as_if_staged(const Manifest& manifest) {
    StagedRelease staged;
    staged.manifest = manifest;
    for (const Payload& payload : manifest.payloads)
        staged.paths.push_back(payload.path);
    return staged;
}

} // namespace

std::vector<AvailablePackage> packages_of_installed(const Detection& found,
                                                    const std::vector<AvailablePackage>& available) {
    std::vector<AvailablePackage> packages;
    std::copy_if(
        available.begin(), available.end(), std::back_inserter(packages), [&found](const AvailablePackage& package) {
            return package.manifest.release == found.database_version && package.manifest.platform == found.platform;
        });
    std::stable_partition(packages.begin(), packages.end(),
                          [&found](const AvailablePackage& package) { return package.manifest.bits == found.bits; });
    return packages;
}

WayBack foreseen_way_back(const Detection& found, const Manifest& update, const std::optional<StagedRelease>& kept,
                          const std::vector<AvailablePackage>& available) {
    std::vector<StagedRelease> candidates;
    if (kept) candidates.push_back(*kept);
    for (const AvailablePackage& package : packages_of_installed(found, available))
        candidates.push_back(as_if_staged(package.manifest));
    const PackageSet target = choose_packages(as_if_staged(update), found.packages).set;
    WayBack nearest;
    nearest.differences = {"the packages of the installed release are neither kept nor in the repository"};
    for (const StagedRelease& candidate : candidates) {
        nearest = way_back(candidate, found.packages, target);
        if (nearest.complete()) break;
    }
    return nearest;
}

} // namespace autodeploy
