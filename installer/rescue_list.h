#pragma once

#include "platform/file_system.h"

#include <string>
#include <vector>

namespace autodeploy {

/// The services that must run whatever else is broken: one name a line, UTF-8, a newline after each. This format is
/// frozen for ever: a separate tiny program reads it at boot. Durable when the calls return; they throw Error as
/// FileSystem does.
void write_rescue_list(FileSystem& files, const std::string& path, const std::vector<std::string>& services);
/// Empty where there is no list.
std::vector<std::string> read_rescue_list(FileSystem& files, const std::string& path);
void remove_rescue_list(FileSystem& files, const std::string& path);

} // namespace autodeploy
