#pragma once

#include "installer/package/staging.h"
#include "platform/package.h"

#include <string>
#include <vector>

namespace autodeploy {

/// Whether an optional package is for a client where packages of these names are installed: it is there, or what it
/// takes the place of, its counterpart of another word size, if the release does not bring that one as well.
bool has_place(const Manifest& manifest, const Payload& payload, const std::vector<std::string>& installed);

/// What the native installer shall bring about on a client where these packages are installed.
struct ChosenPackages {
    PackageSet set;
    std::vector<std::string> notes; ///< "TIVsm-JBB is not installed and stays away", …
};

/// Required packages, optional ones that are installed; shared parts that are newer already stay as they are. Throws
/// Error payload_missing if a payload is needed that was not staged (something was installed since).
ChosenPackages choose_packages(const StagedRelease& staged, const std::vector<InstalledPackage>& installed);

} // namespace autodeploy
