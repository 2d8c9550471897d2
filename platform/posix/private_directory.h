#pragma once

#include <cstdint>
#include <set>
#include <string>

namespace autodeploy {

/// What FileSystem::make_private_directory promises: no component is a link or could be replaced by anybody but us and
/// the trusted owners.
void make_private_path(const std::string& path, const std::set<std::uint32_t>& trusted_owners);

} // namespace autodeploy
