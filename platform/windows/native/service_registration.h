#pragma once

#include <string>

namespace autodeploy {

/// Makes the program our service "autodeploy": started with Windows, a while after all else; started again when it
/// fails; awaited before the machine goes down. And the source of its events. What is there already is brought to this,
/// but for what an administrator may have chosen otherwise: start type, account, recovery. Throws Error access_denied,
/// service_manager_failed, io_error.
void register_service(const std::string& program);
/// Stops it and takes it away with its source of events; done as well if there is none. Throws service_stop_failed too.
void unregister_service();

} // namespace autodeploy
