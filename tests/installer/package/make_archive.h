#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace autodeploy {

enum class MemberType { file, directory, symlink, hardlink, character_device, block_device, pipe };

struct TestMember {
    std::string path;
    std::string content = {};
    MemberType type = MemberType::file;
    std::string target = {}; ///< of a link
};

/// format: "ustar", "pax", "gnutar", "zip", "7zip"; filter: "none", "gzip", "compress", "xz", "zstd". Nothing is
/// checked: what is asked for is written. options as libarchive takes them ("zstd:long=27").
std::string make_archive(const std::string& format, const std::string& filter, const std::vector<TestMember>& members,
                         const std::string& options = "");

/// The raw compressed form of a text.
std::string compressed(const std::string& filter, const std::string& text, const std::string& options = "");

} // namespace autodeploy
