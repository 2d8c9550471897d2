#pragma once

#include "installer/repository/download.h"
#include "installer/repository/target_file.h"
#include "installer/repository/transport.h"
#include "installer/repository/trust_store.h"
#include "installer/repository/trusted_set.h"
#include "platform/clock.h"
#include "platform/file_system.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

struct UpdaterLimits {
    std::uint64_t root_bytes = 512000;
    std::uint64_t timestamp_bytes = 16384;
    std::uint64_t snapshot_bytes = 2000000;
    std::uint64_t targets_bytes = 5000000;
    int new_roots = 256; ///< in one refresh
    int roles = 32;      ///< visited in one search
    Milliseconds lock_patience{30000};
};

/// A target and who vouches for it. What `custom` says is worth as much as the role: callers insist on the role.
struct FoundTarget {
    TargetFile file;
    std::string role;        ///< the one that lists it
    std::string delegator;   ///< the one that the search came from; "root" for the role "targets"
    std::string remote_path; ///< its name at the source
};

struct RoleState {
    std::string role;
    std::int64_t version = 0;
    UnixTime expires = 0;
    std::int64_t days_left = 0; ///< whole days; negative once expired
};

/// What the trust store holds, for people. Nothing of it is verified anew.
struct TrustState {
    std::vector<RoleState> roles;
    TrustRecord record;
    /// When the publisher says that the timestamp was made (its field "x-published"), if it says so.
    std::optional<UnixTime> published;
    Seconds metadata_age{0}; ///< since published, else since this machine first saw the timestamp
    Seconds clock_behind{0}; ///< by how much the clock is before the time floor; 0 if it is not
};

/// A client of The Update Framework 1.0.34, with TAP 15. One object is one session on one trust store; what the mirrors
/// give is believed only as far as it verifies, and a mirror that fails is left for the next one. Two processes may use
/// one store: each call locks it as long as it needs it. Not for two threads.
///
/// Errors, besides those of TrustedSet, TrustStore, FileSystem and the transports: root_missing, root_conflict,
/// metadata_missing, role_not_delegated, too_many_roles, path_refused.
class Updater {
  public:
    /// mirrors are in order of preference and outlive the updater.
    Updater(FileSystem& files, Clock& clock, std::vector<Transport*> mirrors, const std::string& store_directory,
            UpdaterLimits limits = {});

    /// Starts the store's trust from the administrator's root; no network. Where the store trusts a root already, only
    /// a newer one takes its place, and an older or the same one changes nothing. Another one of the same version is
    /// refused (root_conflict); one that is stored but does not verify is replaced.
    void init(const std::string& root);

    /// Walks root, timestamp, snapshot and top-level targets. On Error nothing that was not verified is kept, and the
    /// session has no trusted state; what was verified on the way is stored.
    void refresh();

    /// Searches the delegations, in order of priority; refreshes first if this session has not. Nothing if no role
    /// lists the target.
    std::optional<FoundTarget> find_target(const std::string& path);

    /// All targets that a role lists and that its delegation covers. The role is "targets" or one to which "targets"
    /// delegates itself (else Error role_not_delegated). A role of higher priority may still list the same name:
    /// find_target decides.
    std::vector<FoundTarget> targets_of(const std::string& role);

    /// See download_target. The file is as the signed metadata says, or not there.
    void download(const FoundTarget& target, const std::string& destination, const DownloadLimits& limits = {},
                  const DownloadProgress& progress = {});

    /// Reads the store only; no lock, no network.
    TrustState state();
    /// For an administrator whose clock once was wrong.
    void reset_time_floor();

  private:
    using Accept = std::function<void(const std::string& bytes, const std::string& label)>;
    enum class Absence { ask_next_mirror, is_the_answer };
    bool fetch(const std::string& file, std::uint64_t cap, Absence absence, const Accept& accept);
    void fetch_required(const std::string& file, std::uint64_t cap, const Accept& accept);

    /// From "targets" down to a role: what one delegator verified says nothing for another.
    using Chain = std::vector<std::string>;
    struct LoadedTargets {
        Targets targets;
        std::string fetched; ///< to be stored; empty if the stored one was good
    };

    UnixTime reference_time();
    TrustedSet load_root(UnixTime now);
    void walk_roots(TrustedSet& trusted);
    void walk_timestamp(TrustedSet& trusted);
    void walk_snapshot(TrustedSet& trusted);
    Targets walk_top_level_targets(const TrustedSet& trusted);
    void keep_record(const TrustedSet& trusted, UnixTime now);
    LoadedTargets load_targets(const TrustedSet& trusted, const std::string& role, const RoleKeys& keys,
                               const KeyMap& known);
    const Targets& delegated(const Chain& chain, const Delegation& delegation, const Delegations& by);
    void store_delegated(const std::string& role, const std::string& bytes);
    FoundTarget found(const TargetFile& file, const Chain& chain) const;

    FileSystem& files_;
    Clock& clock_;
    std::vector<Transport*> mirrors_;
    TrustStore store_;
    UpdaterLimits limits_;
    std::optional<TrustedSet> trusted_;
    std::map<Chain, Targets> roles_;
};

} // namespace autodeploy
