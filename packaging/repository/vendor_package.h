#pragma once

#include "installer/package/manifest.h"
#include "platform/platform.h"

#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// Whose word counts for the vendor's own signatures.
struct SignaturePolicyForAdding {
    std::vector<std::string> signers; ///< files with public keys of pinned signers (rpm)
    std::string waived_by;            ///< somebody answers for a package without a good signature …
    std::string waiver_reason;        ///< … and says why
};

struct VendorPackage {
    std::string platform; ///< "linux-x86_64-deb"
    Manifest manifest;
    std::string sha256;
    std::uint64_t length = 0;
};

/// The platform that a vendor's file name stands for: "8.1.27.0-TIV-TSMBAC-LinuxX86_DEB.tar" is "linux-x86_64-deb".
std::optional<std::string> platform_of_file_name(const std::string& name);

/// Reads the vendor's archive and every native package in it, by the native tools of this machine, and verifies the
/// vendor's own signatures where there are any. Nothing of it is executed. work: a private folder that is made and
/// removed again. Errors: package_unreadable, signature_missing (with what to do), platform_unknown, tool_missing,
/// archive_*.
VendorPackage read_vendor_package(Platform& platform, const std::string& path, const std::string& work,
                                  const SignaturePolicyForAdding& policy);

} // namespace autodeploy
