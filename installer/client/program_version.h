#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace autodeploy {

/// The file version that a program for Windows carries in its version resource: "14.38.33130.0". Nothing where there is
/// none, or the file is damaged. bytes: the whole file.
std::optional<std::string> windows_program_version(std::string_view bytes);

} // namespace autodeploy
