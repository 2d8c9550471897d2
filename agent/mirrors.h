#pragma once

#include "agent/settings.h"
#include "installer/repository/transport.h"
#include "platform/platform.h"
#include "platform/standard_paths.h"

#include <memory>
#include <vector>

namespace autodeploy {

/// The transports that the settings name, in their order. Nothing is asked of them yet. Throws Error settings_invalid.
std::vector<std::unique_ptr<Transport>> mirrors(Platform& platform, const RepositorySettings& settings,
                                                const StandardPaths& paths);

} // namespace autodeploy
