#pragma once

#include <string>
#include <vector>

namespace autodeploy {

/// The path with every link resolved; where it, or its end, does not exist: the real path of what exists, and the rest
/// as it is written.
std::string real_path(const std::string& path);

/// Whether the path is the directory or lies below it, compared as texts by whole components.
bool is_below(const std::string& path, const std::string& directory);
bool is_below_any(const std::string& path, const std::vector<std::string>& directories);

} // namespace autodeploy
