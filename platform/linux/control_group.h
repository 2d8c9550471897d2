#pragma once

#include "platform/file_system.h"

#include <cstdint>
#include <string>
#include <vector>

namespace autodeploy {

/// The processes of a control group and of all groups below it; empty where it is gone. mount: "/sys/fs/cgroup".
std::vector<std::int64_t> processes_of_group(FileSystem& files, const std::string& mount, const std::string& group);

} // namespace autodeploy
