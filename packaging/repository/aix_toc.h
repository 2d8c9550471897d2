#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

struct AixFileset {
    std::string image;                      ///< the file that holds it, beside the .toc
    std::string name;                       ///< "tivoli.tsm.client.ba.64bit.base"
    std::string version;                    ///< as lslpp shows it: "8.1.27.0"
    std::vector<std::string> prerequisites; ///< as they stand there: "*prereq bos.rte 7.1.0.0"
    std::uint64_t installed_bytes = 0;

    bool operator==(const AixFileset&) const = default;
};

/// The table of contents that `inutoc` makes of a folder of installation images. Throws Error package_unreadable with
/// the line.
std::vector<AixFileset> parse_aix_toc(std::string_view text);

} // namespace autodeploy
