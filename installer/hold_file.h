#pragma once

#include "platform/file_system.h"

#include <string>

namespace autodeploy {

/// "/etc/autodeploy/hold is there" and, in quotes, the first line of what whoever made it has written into it.
std::string hold_file_text(FileSystem& files, const std::string& path);

} // namespace autodeploy
