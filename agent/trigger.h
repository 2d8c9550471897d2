#pragma once

#include "agent/requests.h"
#include "agent/settings.h"
#include "platform/platform.h"
#include "platform/service_host.h"
#include "platform/standard_paths.h"

#include <functional>
#include <optional>
#include <string>

namespace autodeploy {

/// The nearest of our parents that is a program of the client; nothing if the client has no part in our being run.
std::optional<Process> starting_process(ProcessTable& processes, std::int64_t self,
                                        const std::vector<std::string>& client_directories);

/// Makes sure that our service runs and looks at its spool. Throws Error service_not_found, service_start_failed.
void wake_service(Platform& platform, ServiceHost& host, const StandardPaths& paths);

/// What the server's schedule runs. Cheap: checks the caller's rights, the hold files, and the two client options of
/// the scheduler that runs us; everything else is the service's matter. Returns the request that was accepted, or that
/// waits already; on the disk, with the service awake. Throws Error with the reason why nothing was accepted:
/// not_administrator, held, client_option_autodeploy, client_option_passwordaccess, and those of the calls above. A
/// request that the service cannot be woken for is taken back.
Request trigger(Platform& platform, ServiceHost& host, const StandardPaths& paths, const Settings& settings);

} // namespace autodeploy
