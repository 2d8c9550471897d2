#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

class SettingsStore;

// What Windows' registry says of the client; on a Unix it says nothing.

/// The value Path of that key below SOFTWARE in both views, 64 bit first, without a "\" at its end; each once.
std::vector<std::string> registered_paths(SettingsStore& settings, const std::string& key);
/// Where the client's installer says that its programs are.
std::vector<std::string> registered_client_directories(SettingsStore& settings);
/// Where its programs may lie on that system, the likeliest first: the administrator knows best, and the installer
/// knows better than a list of usual places.
std::vector<std::string> possible_client_directories(SettingsStore& settings, std::string_view system,
                                                     const std::vector<std::string>& of_administrator);
/// The key in which levels before 8.1.2 and 7.1.8 keep the passwords of the node; empty if there is none.
std::string key_of_old_passwords(SettingsStore& settings, const std::string& node);
/// The options file that dsmcutil gave to the service; empty where it gave none.
std::string registered_options_file(SettingsStore& settings, const std::string& service);

} // namespace autodeploy
