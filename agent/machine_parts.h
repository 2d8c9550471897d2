#pragma once

#include "agent/deployment_parts.h"
#include "agent/settings.h"
#include "platform/platform.h"
#include "platform/standard_paths.h"

#include <memory>

namespace autodeploy {

/// The parts of a deployment on the real machine, as the settings say. own_process: what we run of the client ourselves
/// is no activity of it.
std::unique_ptr<DeploymentParts> machine_parts(Platform& platform, const StandardPaths& paths, const Settings& settings,
                                               std::int64_t own_process);

/// What detect() is told about this machine.
DetectSettings detect_settings(const Settings& settings, const StandardPaths& paths);

} // namespace autodeploy
