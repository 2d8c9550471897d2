#include "installer/repository/trusted_set.h"

#include "platform/clock.h"
#include "platform/error.h"

#include <algorithm>
#include <set>

namespace autodeploy {

namespace {

[[noreturn]] void refuse(const std::string& cause, const std::string& label, const std::string& why) {
    throw Error(cause, "cannot trust " + label + ": " + why, Retry::later);
}

void check_signatures(const Metadata& metadata, const RoleKeys& role, const KeyMap& keys, const std::string& label) {
    const std::int64_t good = count_good_signatures(metadata.canonical(), metadata.signatures, role, keys);
    if (good < role.threshold)
        refuse("signature_threshold", label,
               "of the " + std::to_string(role.threshold) + " signatures that it needs, " + std::to_string(good) +
                   (good == 1 ? " is good" : " are good"));
}

void check_version(const Metadata& metadata, std::int64_t expected, const std::string& label) {
    if (metadata.version != expected)
        refuse("version_mismatch", label,
               "its version is " + std::to_string(metadata.version) + " instead of " + std::to_string(expected));
}

void check_content(std::string_view bytes, const FileVersion& file, const std::string& label) {
    if (file.length && bytes.size() != *file.length)
        refuse("metadata_mismatch", label,
               "it has " + std::to_string(bytes.size()) + " bytes instead of " + std::to_string(*file.length));
    bool known = file.hashes.empty();
    for (const auto& [algorithm, expected] : file.hashes) {
        const std::optional<std::string> digest = hex_digest(algorithm, bytes);
        if (!digest) continue;
        known = true;
        if (*digest != expected)
            refuse("metadata_mismatch", label, "its " + algorithm + " is " + *digest + " instead of " + expected);
    }
    if (!known) refuse("metadata_mismatch", label, "no hash of it is of a kind that this program knows");
}

/// Whether other keys than before may sign the role, more or fewer included (specification, 5.3.11).
bool keys_changed(const std::string& role, const Root& before, const Root& after) {
    const auto ids = [&](const Root& root) {
        const std::vector<std::string>& list = root.roles.at(role).keyids;
        return std::set<std::string>(list.begin(), list.end());
    };
    return ids(before) != ids(after);
}

} // namespace

TrustedSet::TrustedSet(std::string_view root, const std::string& label, UnixTime now)
    : now_(now), root_(read_root(root, label)) {
    check_signatures(root_, root_.roles.at("root"), root_.keys, label);
}

void TrustedSet::check_expiry(const Metadata& metadata, const std::string& label) const {
    if (now_ >= metadata.expires)
        refuse("metadata_expired", label,
               "version " + std::to_string(metadata.version) + " expired at " + utc_text(metadata.expires) +
                   ", and it is " + utc_text(now_) + " here; the repository must be refreshed by its publisher");
}

bool TrustedSet::update_root(std::string_view bytes, const std::string& label) {
    Root next = read_root(bytes, label);
    check_signatures(next, root_.roles.at("root"), root_.keys, label + " by the keys of the root before it");
    check_signatures(next, next.roles.at("root"), next.keys, label + " by its own keys");
    check_version(next, root_.version + 1, label);
    const bool rotated = keys_changed("timestamp", root_, next) || keys_changed("snapshot", root_, next);
    root_ = std::move(next);
    return rotated;
}

void TrustedSet::check_root_expiry() const {
    check_expiry(root_, "the newest root");
}

void TrustedSet::load_timestamp(std::string_view bytes) {
    try {
        Timestamp stored = read_timestamp(bytes, "the stored timestamp");
        check_signatures(stored, root_.roles.at("timestamp"), root_.keys, "the stored timestamp");
        timestamp_ = std::move(stored);
    } catch (const Error&) {
        // What does not verify says nothing of the past, so it is no floor.
    }
}

bool TrustedSet::update_timestamp(std::string_view bytes, const std::string& label) {
    Timestamp next = read_timestamp(bytes, label);
    check_signatures(next, root_.roles.at("timestamp"), root_.keys, label);
    if (timestamp_) {
        if (next.version < timestamp_->version)
            refuse("metadata_older", label,
                   "bundle " + std::to_string(next.version) + " is older than " + std::to_string(timestamp_->version) +
                       ", which this machine has seen");
        if (next.version == timestamp_->version) return false;
        if (next.snapshot.version < timestamp_->snapshot.version)
            refuse("metadata_older", label,
                   "its snapshot " + std::to_string(next.snapshot.version) + " is older than " +
                       std::to_string(timestamp_->snapshot.version) + ", which this machine has seen");
    }
    check_expiry(next, label);
    timestamp_ = std::move(next);
    return true;
}

void TrustedSet::check_timestamp_expiry() const {
    check_expiry(timestamp(), "the newest timestamp");
}

bool TrustedSet::load_snapshot(std::string_view bytes) {
    try {
        Snapshot stored = read_snapshot(bytes, "the stored snapshot");
        check_signatures(stored, root_.roles.at("snapshot"), root_.keys, "the stored snapshot");
        snapshot_ = std::move(stored);
        check_version(*snapshot_, timestamp().snapshot.version, "the stored snapshot");
        check_content(bytes, timestamp().snapshot, "the stored snapshot");
        return true;
    } catch (const Error&) {
        return false;
    }
}

void TrustedSet::check_snapshot_floor(const Snapshot& next, const std::string& label) const {
    if (!snapshot_) return;
    for (const auto& [role, seen] : snapshot_->roles) {
        const auto listed = next.roles.find(role);
        if (listed == next.roles.end())
            refuse("role_removed", label,
                   "it does not list the role " + role + " any more, which this machine has seen");
        if (listed->second.version < seen.version)
            refuse("metadata_older", label,
                   role + " " + std::to_string(listed->second.version) + " is older than " +
                       std::to_string(seen.version) + ", which this machine has seen");
    }
}

void TrustedSet::update_snapshot(std::string_view bytes, const std::string& label) {
    check_content(bytes, timestamp().snapshot, label);
    Snapshot next = read_snapshot(bytes, label);
    check_signatures(next, root_.roles.at("snapshot"), root_.keys, label);
    check_version(next, timestamp().snapshot.version, label);
    check_snapshot_floor(next, label);
    check_expiry(next, label);
    snapshot_ = std::move(next);
}

void TrustedSet::check_snapshot_expiry() const {
    check_expiry(snapshot(), "the newest snapshot");
}

const FileVersion& TrustedSet::listed(const std::string& role) const {
    const auto found = snapshot().roles.find(role);
    if (found == snapshot().roles.end())
        refuse("role_not_listed", "the role " + role,
               "the snapshot " + std::to_string(snapshot().version) + " does not list it");
    return found->second;
}

Targets TrustedSet::verify_targets(std::string_view bytes, const std::string& role, const RoleKeys& keys,
                                   const KeyMap& known, const std::string& label) const {
    const FileVersion& file = listed(role);
    check_content(bytes, file, label);
    Targets targets = read_targets(bytes, label);
    check_signatures(targets, keys, known, label);
    check_version(targets, file.version, label);
    check_expiry(targets, label);
    return targets;
}

} // namespace autodeploy
