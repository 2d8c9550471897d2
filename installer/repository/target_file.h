#pragma once

#include "installer/json.h"

#include <cstdint>
#include <map>
#include <string>

namespace autodeploy {

/// A file as signed metadata describes it.
struct TargetFile {
    std::string path;         ///< its name in the metadata
    std::uint64_t length = 0; ///< bytes, exactly
    /// By algorithm, lowercase hex. At least one is known to us ("sha256", "sha512"), and every known one must hold.
    std::map<std::string, std::string> hashes;
    Json custom; ///< null if there is none; to be trusted as far as the role that listed the file

    bool operator==(const TargetFile&) const = default;
};

} // namespace autodeploy
