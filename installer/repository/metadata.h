#pragma once

#include "installer/json.h"
#include "installer/repository/keys.h"
#include "installer/repository/target_file.h"
#include "platform/time_units.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// What a role's metadata says, after strict reading: every known field has its type and range. Nothing of it is
/// trusted before the signatures were verified by whoever delegates to the role.
struct Metadata {
    std::int64_t version = 0; ///< at least 1
    UnixTime expires = 0;
    Json signed_part; ///< unknown fields included
    std::vector<Signature> signatures;

    /// The bytes that were signed.
    std::string canonical() const { return canonical_json(signed_part); }
};

struct Root : Metadata {
    bool consistent_snapshot = false;
    KeyMap keys;
    std::map<std::string, RoleKeys> roles; ///< root, timestamp, snapshot, targets are all there
};

/// What one metadata file says of another.
struct FileVersion {
    std::int64_t version = 0;
    std::optional<std::uint64_t> length;
    std::map<std::string, std::string> hashes; ///< by algorithm; may be empty
};

struct Timestamp : Metadata {
    FileVersion snapshot;
};

struct Snapshot : Metadata {
    std::map<std::string, FileVersion> roles; ///< by name of the role, without ".json"
};

struct Delegation {
    std::string role;
    RoleKeys keys;
    bool terminating = false;
    std::vector<std::string> paths; ///< patterns, or …
    std::vector<std::string> path_hash_prefixes;

    /// Whether the target of that name is delegated here.
    bool covers(const std::string& target) const;
};

/// TAP 15: the targets are spread over 2^bits roles by the hash of their names.
struct SuccinctDelegation {
    RoleKeys keys;
    int bits = 0; ///< 1 to 32
    std::string prefix;

    std::string role_of(const std::string& target) const;
    bool has_role(const std::string& role) const;
};

struct Delegations {
    KeyMap keys;
    std::vector<Delegation> roles; ///< in order of priority
    std::optional<SuccinctDelegation> succinct;

    /// Those that cover the target, in order.
    std::vector<Delegation> covering(const std::string& target) const;
    /// The delegation to that role, if there is one.
    std::optional<Delegation> to(const std::string& role) const;
};

struct Targets : Metadata {
    std::map<std::string, TargetFile> files;
    Delegations delegations;
};

/// Each reads one file. Errors: metadata_malformed, keyid_mismatch (Retry::later: a mirror's file may be mended); the
/// message begins with "cannot read" and name.
Root read_root(std::string_view bytes, const std::string& name);
Timestamp read_timestamp(std::string_view bytes, const std::string& name);
Snapshot read_snapshot(std::string_view bytes, const std::string& name);
Targets read_targets(std::string_view bytes, const std::string& name);

/// "2026-11-28T20:00:00Z" and nothing else. Error metadata_malformed.
UnixTime read_date(const std::string& text);

/// Patterns of one path: '*' and '?' stay within one component; case counts.
bool matches_path(const std::string& pattern, const std::string& path);

/// Of the algorithms that are known ("sha256", "sha512"); nothing for another.
std::optional<std::string> hex_digest(const std::string& algorithm, std::string_view bytes);
bool is_known_hash(const std::string& algorithm);

} // namespace autodeploy
