#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// An absolute path taken apart: "C:\" or "\\server\share\", and the names below it. "." and ".." are resolved as
/// texts, and nothing leads above the root. What is not absolute has an empty root.
struct PathParts {
    std::string root;
    std::vector<std::string> names;

    bool operator==(const PathParts&) const = default;
};
PathParts parts_of_path(std::string_view path);

/// With "\" only: "C:\a\b".
std::string plain_path(const PathParts& parts);
/// The same of a path that may be written with "/"; one that is not absolute comes back as it is. For programs that
/// take no other.
std::string windows_path(const std::string& path);
/// "\\?\C:\a\b", "\\?\UNC\server\share\a": no limit of 260 characters, and no name means a device. A path that is not
/// absolute, or that has such a prefix already, comes back as it is.
std::string kernel_path(std::string_view path);
/// Without the last name: "C:\a" of "C:\a\b", "C:\" of "C:\a"; a root is its own parent.
std::string parent_path(std::string_view path);

} // namespace autodeploy
