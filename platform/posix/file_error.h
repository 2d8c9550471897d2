#pragma once

#include "platform/error.h"

#include <string>

namespace autodeploy {

/// The Error for a file call that failed with this code of errno: "cannot write /x: No space left on device (error
/// 28)". verb is what was tried, other says more of the object (" to /y").
Error file_error(const std::string& verb, const std::string& path, int code, const std::string& other = "");

/// The same, for what no system call said.
Error file_refused(const std::string& verb, const std::string& path, const std::string& why);

} // namespace autodeploy
