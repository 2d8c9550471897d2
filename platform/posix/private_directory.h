#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace autodeploy {

/// What FileSystem::make_private_directory promises: no component is a link or could be replaced by anybody but us and
/// the trusted owners.
void make_private_path(const std::string& path, const std::set<std::uint32_t>& trusted_owners);

/// What FileSystem::changeable_by_others promises.
std::optional<std::string> changed_by(const std::string& path, const std::set<std::uint32_t>& trusted_owners);

} // namespace autodeploy
