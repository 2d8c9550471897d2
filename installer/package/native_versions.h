#pragma once

#include <string>

namespace autodeploy {

/// -1, 0, 1: as rpm and dpkg do for versions of digits, dots, dashes and letters.
int compare_native_versions(const std::string& a, const std::string& b);

} // namespace autodeploy
