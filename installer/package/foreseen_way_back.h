#pragma once

#include "installer/detection.h"
#include "installer/package/keep.h"
#include "installer/package/offers.h"

#include <optional>
#include <vector>

namespace autodeploy {

/// The repository's packages that could be kept for the release that is installed. It may be there for either word
/// size: the one that is installed comes first.
std::vector<AvailablePackage> packages_of_installed(const Detection& found,
                                                    const std::vector<AvailablePackage>& available);

/// Whether an update will have a way back, told before anything is fetched: from the kept release, else from the
/// manifests of the repository. Its paths name nothing yet. Pure.
WayBack foreseen_way_back(const Detection& found, const Manifest& update, const std::optional<StagedRelease>& kept,
                          const std::vector<AvailablePackage>& available);

} // namespace autodeploy
