#pragma once

#include "platform/file_system.h"

#include <string>

namespace autodeploy {

/// What every FileSystem does, the real one and the one in memory. root: an empty private directory. To be called in a
/// test case; the sentences become its subcases.
void check_file_system_contract(FileSystem& files, const std::string& root);

} // namespace autodeploy
