#pragma once

#include "platform/file_system.h"

#include <string>
#include <vector>

namespace autodeploy {

/// A configuration file as its package shipped it.
struct ShippedFile {
    std::string path;
    std::string algorithm; ///< "md5", "sha256", …
    std::string digest;

    bool operator==(const ShippedFile&) const = default;
};

/// The paths of those that have another content now, or are gone. root: where they lie; empty for "/".
std::vector<std::string> changed_since_shipped(FileSystem& files, const std::string& root,
                                               const std::vector<ShippedFile>& shipped);

} // namespace autodeploy
