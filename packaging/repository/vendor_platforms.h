#pragma once

#include <string>
#include <string_view>

namespace autodeploy {

/// What a vendor's file name stands for.
struct VendorPlatform {
    std::string_view vendor;    ///< "LinuxX86_DEB", as the name has it
    std::string_view platform;  ///< "linux-x86_64-deb"
    std::string_view installer; ///< NativeInstaller::name()
};

/// "8.1.27.0-TIV-TSMBAC-LinuxX86_DEB.tar" is for linux-x86_64-deb; null for a name that is not known.
const VendorPlatform* vendor_platform(const std::string& file_name);

} // namespace autodeploy
