#include "packaging/repository/vendor_platforms.h"

#include <array>

namespace autodeploy {
namespace {

// Longer names first.
constexpr std::array<VendorPlatform, 8> platforms{{
    {"LinuxX86_DEB", "linux-x86_64-deb", "dpkg"},
    {"LinuxX86", "linux-x86_64", "rpm"},
    {"LinuxPLE_DEB", "linux-ppc64le-deb", "dpkg"},
    {"LinuxPLE", "linux-ppc64le", "rpm"},
    {"LinuxS390", "linux-s390x", "rpm"},
    {"WinX64", "windows-x64", "msi"},
    {"WinX32", "windows-x64", "msi"}, // a way back on machines that are 64-bit ones
    {"AIX", "aix", "installp"},
}};

} // namespace

const VendorPlatform* vendor_platform(const std::string& file_name) {
    for (const VendorPlatform& platform : platforms)
        if (file_name.find("-" + std::string(platform.vendor)) != std::string::npos) return &platform;
    return nullptr;
}

} // namespace autodeploy
