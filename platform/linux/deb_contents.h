#pragma once

#include <string>

namespace autodeploy {

/// The MD5 of each regular file in a deb, as dpkg writes them down for packages that do not bring them along:
/// "hash  path\n", the path without a slash before it, sorted. Throws Error package_unreadable.
std::string md5sums_of_deb(const std::string& path);

} // namespace autodeploy
