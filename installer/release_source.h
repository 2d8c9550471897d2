#pragma once

#include "installer/package/offers.h"
#include "installer/package/staging.h"
#include "installer/repository/updater.h"

#include <map>
#include <string>
#include <vector>

namespace autodeploy {

/// What the repository offers to clients of one platform, verified.
struct Offering {
    Offers offers;
    Halt halt;
    std::vector<AvailablePackage> packages; ///< those that may be offered and those that only lead back
    std::vector<std::string> notes;         ///< packages passed over, each with why
};

/// Where releases come from: signed metadata on one side, update packages and what is said about them on the other.
/// Insists on who may say what: packages by the platform's role, offers by `releases`, halts by `halt`. Errors: those
/// of Updater and of the readers of manifests, offers and halts; offers_missing, halt_missing.
class ReleaseSource {
  public:
    /// downloads: a private folder, in which verified files stay until they are not wanted any more.
    ReleaseSource(FileSystem& files, Updater& updater, std::string downloads);

    /// Asks the repository. Blocks for as long as the transports' deadlines allow.
    Offering refresh(const std::string& platform);
    /// The halts alone, as they are now: for the last look before anything stops.
    Halt refresh_halt();

    /// Brings the package's file, resumed where an earlier attempt left off, and returns where it lies.
    std::string fetch(const AvailablePackage& package, const DownloadLimits& limits, const DownloadProgress& progress);
    /// Removes downloaded packages, all but these (and nothing else).
    void forget_all_but(const std::vector<AvailablePackage>& wanted);

  private:
    std::string read_signed(const std::string& target, const std::string& role, const std::string& cause);
    std::string local_path(const AvailablePackage& package) const;

    FileSystem& files_;
    Updater& updater_;
    std::string downloads_;
};

} // namespace autodeploy
