#pragma once

#include "installer/package/manifest.h"
#include "platform/platform.h"

#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

struct AddRequest {
    std::string path;                 ///< the vendor's archive, absolute
    std::string work;                 ///< a private folder that is made and removed again
    std::vector<std::string> signers; ///< files of pinned signers
    std::string waived_by;            ///< somebody answers for a package without a good signature …
    std::string waiver_reason;        ///< … and says why
    std::optional<Manifest> manifest; ///< written by hand; it is held against the archive, and what it says of
                                      ///< signatures does not count
    std::vector<Payload>
        prerequisites; ///< Windows: described by hand, by their paths; sizes and hashes are the archive's
    std::string toc;   ///< AIX: the text of a .toc, where the archive has none; may be empty
};

struct VendorPackage {
    Manifest manifest;
    std::string sha256;
    std::uint64_t length = 0;
    std::vector<std::string> notes; ///< for people: what was passed over
};

/// Reads the vendor's archive and every native package in it, by the native tools of this machine, and verifies the
/// vendor's own signatures where there are any. Nothing of it is executed. Errors: package_unreadable,
/// signature_missing (with what to do), signer_unreadable, platform_unknown, tool_missing, payload_mismatch (a manifest
/// that does not fit), archive_*.
VendorPackage read_vendor_package(Platform& platform, const AddRequest& request);

} // namespace autodeploy
