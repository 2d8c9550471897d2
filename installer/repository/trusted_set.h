#pragma once

#include "installer/repository/metadata.h"
#include "platform/time_units.h"

#include <optional>
#include <string>
#include <string_view>

namespace autodeploy {

/// The metadata that one update may trust, and the only way into it: every function verifies completely before it
/// changes anything. The order of calls is the order of the specification's walk: roots, timestamp, snapshot, targets.
/// Reads no file and no clock. label names the bytes in messages ("2.root.json from https://…").
///
/// Errors: metadata_malformed, keyid_mismatch, signature_threshold (too few good signatures), version_mismatch,
/// metadata_older (a rollback), role_removed, metadata_mismatch (length or hash), metadata_expired, role_not_listed.
/// All but those of the constructor may go away when the repository is mended.
class TrustedSet {
  public:
    /// Starts from a root that is verified against itself. now is the one time of the whole update.
    TrustedSet(std::string_view root, const std::string& label, UnixTime now);

    const Root& root() const { return root_; }
    const Timestamp& timestamp() const { return timestamp_.value(); }
    const Snapshot& snapshot() const { return snapshot_.value(); }

    /// The root that follows. True if the keys of the timestamp or the snapshot role changed: what is stored of
    /// these two roles is then no floor any more.
    bool update_root(std::string_view bytes, const std::string& label);
    /// To be called after the last root.
    void check_root_expiry() const;

    /// The stored one, as the floor. Ignored if it does not verify. It may be expired.
    void load_timestamp(std::string_view bytes);
    /// False if it is of the version that is there already: that one stays.
    bool update_timestamp(std::string_view bytes, const std::string& label);
    /// To be called if no newer timestamp came; one that comes is checked before it is taken.
    void check_timestamp_expiry() const;

    /// The stored one, as the floor, expired or not; ignored if it does not verify. True if it is the very one that the
    /// timestamp names and so need not be fetched.
    bool load_snapshot(std::string_view bytes);
    void update_snapshot(std::string_view bytes, const std::string& label);
    void check_snapshot_expiry() const;

    /// The version that the snapshot lists for a targets role. Error role_not_listed.
    const FileVersion& listed(const std::string& role) const;
    /// A targets role, verified with the keys of the one who delegates to it, in the listed version.
    Targets verify_targets(std::string_view bytes, const std::string& role, const RoleKeys& keys, const KeyMap& known,
                           const std::string& label) const;

  private:
    void check_expiry(const Metadata& metadata, const std::string& label) const;
    void check_snapshot_floor(const Snapshot& next, const std::string& label) const;

    UnixTime now_;
    Root root_;
    std::optional<Timestamp> timestamp_;
    std::optional<Snapshot> snapshot_; ///< the floor until the walk has passed it, then the current one
};

} // namespace autodeploy
