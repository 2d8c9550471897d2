#pragma once

#include <string>

namespace autodeploy {

struct HostFacts {
    std::string name;         ///< host name
    std::string system;       ///< "linux", "aix", "windows"
    std::string architecture; ///< of the system, not of us: "x86_64", "ppc64le", "s390x", "i386", "powerpc"
    std::string distribution; ///< "debian 12", "rhel 9.4", "windows 10.0.20348", "aix 7.3"
    bool is_64_bit = true;

    bool operator==(const HostFacts&) const = default;
};

} // namespace autodeploy
