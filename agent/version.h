#pragma once

namespace autodeploy {

/// Our own version, as in CMakeLists.txt.
inline constexpr const char* agent_version = "1.0.0";

} // namespace autodeploy
