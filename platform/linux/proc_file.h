#pragma once

#include <string>

namespace autodeploy {

/// The content of a small file that the kernel makes up; empty where it cannot be read, as when its process ends
/// meanwhile.
std::string proc_file(const std::string& path);

} // namespace autodeploy
