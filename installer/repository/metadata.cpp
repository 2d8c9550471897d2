#include "installer/repository/metadata.h"

#include "installer/patterns.h"
#include "platform/digest.h"
#include "platform/error.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <set>

namespace autodeploy {

namespace {

constexpr std::array<const char*, 4> top_level_roles{"root", "timestamp", "snapshot", "targets"};

[[noreturn]] void malformed(const std::string& why) {
    throw Error("metadata_malformed", why);
}

bool is_lower_hex(std::string_view text) {
    return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::int64_t read_positive(const Json& object, const std::string& key) {
    const std::int64_t value = object.at(key).integer();
    if (value < 1) malformed(key + " is " + std::to_string(value) + ", less than 1");
    return value;
}

std::uint64_t read_length(const Json& value) {
    if (value.integer() < 0) malformed("a length is negative");
    return std::uint64_t(value.integer());
}

std::map<std::string, std::string> read_hashes(const Json& value) {
    std::map<std::string, std::string> hashes;
    for (const auto& [algorithm, digest] : value.object()) {
        const std::string& text = digest.string();
        const std::size_t digits = algorithm == "sha256" ? 64 : algorithm == "sha512" ? 128 : text.size();
        if (text.empty() || text.size() != digits || (is_known_hash(algorithm) && !is_lower_hex(text)))
            malformed("a " + algorithm + " is not " + std::to_string(digits) + " lowercase hex digits");
        hashes[algorithm] = text;
    }
    if (hashes.empty()) malformed("hashes is empty");
    return hashes;
}

FileVersion read_file_version(const Json& value) {
    FileVersion file;
    file.version = read_positive(value, "version");
    if (const Json* length = value.find("length")) file.length = read_length(*length);
    if (const Json* hashes = value.find("hashes")) file.hashes = read_hashes(*hashes);
    return file;
}

RoleKeys read_role_keys(const Json& value) {
    RoleKeys role;
    for (const Json& id : value.at("keyids").array()) {
        if (std::find(role.keyids.begin(), role.keyids.end(), id.string()) != role.keyids.end())
            malformed("the key " + id.string() + " stands twice in a role");
        role.keyids.push_back(id.string());
    }
    role.threshold = read_positive(value, "threshold");
    return role;
}

KeyMap read_keys(const Json& value) {
    KeyMap keys;
    for (const auto& [id, key] : value.object())
        keys.emplace(id, PublicKey(id, key));
    return keys;
}

std::vector<std::string> read_strings(const Json& value) {
    std::vector<std::string> strings;
    for (const Json& element : value.array())
        strings.push_back(element.string());
    return strings;
}

void check_spec_version(const std::string& text) {
    std::size_t parts = 1;
    bool digits = false;
    for (const char c : text) {
        if (c == '.' && digits) {
            ++parts;
            digits = false;
        } else if (c >= '0' && c <= '9') {
            digits = true;
        } else {
            malformed("spec_version is \"" + text + "\"");
        }
    }
    if (!digits || parts < 2 || parts > 3) malformed("spec_version is \"" + text + "\"");
    if (!text.starts_with("1.")) malformed("it follows version " + text + " of the specification, this program 1.0");
}

/// The part that all roles have in common.
template<class T> T read_common(std::string_view bytes, const std::string& type) {
    const Json document = parse_json(bytes);
    T metadata;
    std::set<std::string> ids;
    for (const Json& entry : document.at("signatures").array()) {
        const std::string& keyid = entry.at("keyid").string();
        if (!ids.insert(keyid).second) malformed("the key " + keyid + " signed twice");
        metadata.signatures.push_back({keyid, entry.at("sig").string()});
    }
    metadata.signed_part = document.at("signed");
    const Json& part = metadata.signed_part;
    if (part.at("_type").string() != type) malformed("it is of the type " + part.at("_type").string());
    check_spec_version(part.at("spec_version").string());
    metadata.version = read_positive(part, "version");
    metadata.expires = read_date(part.at("expires").string());
    return metadata;
}

void check_role_name(const std::string& name) {
    if (name.empty()) malformed("a delegated role has no name");
    if (std::find(top_level_roles.begin(), top_level_roles.end(), name) != top_level_roles.end())
        malformed("a delegated role has the name of the top-level role " + name);
}

Delegation read_delegation(const Json& value) {
    Delegation delegation;
    delegation.role = value.at("name").string();
    check_role_name(delegation.role);
    delegation.keys = read_role_keys(value);
    delegation.terminating = value.at("terminating").boolean();
    const Json* paths = value.find("paths");
    const Json* prefixes = value.find("path_hash_prefixes");
    if ((paths == nullptr) == (prefixes == nullptr))
        malformed("the role " + delegation.role + " needs either paths or path_hash_prefixes");
    if (paths != nullptr) delegation.paths = read_strings(*paths);
    if (prefixes != nullptr) delegation.path_hash_prefixes = read_strings(*prefixes);
    for (const std::string& prefix : delegation.path_hash_prefixes)
        if (prefix.empty() || prefix.size() > 64 || !is_lower_hex(prefix))
            malformed("a hash prefix of the role " + delegation.role + " is not lowercase hex");
    return delegation;
}

SuccinctDelegation read_succinct(const Json& value) {
    SuccinctDelegation succinct;
    succinct.keys = read_role_keys(value);
    const std::int64_t bits = value.at("bit_length").integer();
    if (bits < 1 || bits > 32) malformed("bit_length is " + std::to_string(bits) + ", not 1 to 32");
    succinct.bits = int(bits);
    succinct.prefix = value.at("name_prefix").string();
    check_role_name(succinct.prefix);
    return succinct;
}

Delegations read_delegations(const Json& value) {
    Delegations delegations;
    delegations.keys = read_keys(value.at("keys"));
    const Json* roles = value.find("roles");
    const Json* succinct = value.find("succinct_roles");
    if ((roles == nullptr) == (succinct == nullptr)) malformed("delegations need either roles or succinct_roles");
    if (succinct != nullptr) delegations.succinct = read_succinct(*succinct);
    std::set<std::string> names;
    if (roles != nullptr)
        for (const Json& role : roles->array()) {
            delegations.roles.push_back(read_delegation(role));
            if (!names.insert(delegations.roles.back().role).second)
                malformed("the delegated role " + delegations.roles.back().role + " stands twice");
        }
    return delegations;
}

template<class F> auto reading(const std::string& name, F&& read) {
    try {
        return read();
    } catch (const Error& error) {
        throw Error(error.cause(), "cannot read " + name + ": " + error.what(), Retry::later);
    }
}

std::vector<std::string_view> components(std::string_view path) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t slash = path.find('/');
        parts.push_back(path.substr(0, slash));
        if (slash == std::string_view::npos) return parts;
        path.remove_prefix(slash + 1);
    }
}

std::size_t hex_digits_of(int bits) {
    return std::size_t((bits + 3) / 4);
}

} // namespace

UnixTime read_date(const std::string& text) {
    static constexpr std::string_view shape = "dddd-dd-ddTdd:dd:ddZ";
    bool good = text.size() == shape.size();
    for (std::size_t i = 0; good && i < shape.size(); ++i)
        good = shape[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == shape[i];
    if (!good) malformed("the date \"" + text + "\" is not like 2026-11-28T20:00:00Z");
    const auto number = [&text](std::size_t at, std::size_t length) { return std::stoi(text.substr(at, length)); };
    const std::chrono::year_month_day day{std::chrono::year(number(0, 4)), std::chrono::month(unsigned(number(5, 2))),
                                          std::chrono::day(unsigned(number(8, 2)))};
    if (!day.ok() || number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > 59)
        malformed("there is no date " + text);
    return std::chrono::sys_days(day).time_since_epoch().count() * UnixTime(86400) + number(11, 2) * 3600 +
           number(14, 2) * 60 + number(17, 2);
}

bool matches_path(const std::string& pattern, const std::string& path) {
    const std::vector<std::string_view> patterns = components(pattern);
    const std::vector<std::string_view> parts = components(path);
    return std::equal(patterns.begin(), patterns.end(), parts.begin(), parts.end(), fits_pattern);
}

bool is_known_hash(const std::string& algorithm) {
    return algorithm == "sha256" || algorithm == "sha512";
}

std::optional<std::string> hex_digest(const std::string& algorithm, std::string_view bytes) {
    if (algorithm == "sha256") return sha256_hex(bytes);
    if (algorithm != "sha512") return std::nullopt;
    std::array<unsigned char, 64> digest{};
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha512(), nullptr) != 1)
        throw Error("crypto_failed", "cannot compute SHA-512: OpenSSL refuses; is its installation whole?");
    std::string text;
    for (const unsigned char byte : digest) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

bool Delegation::covers(const std::string& target) const {
    if (std::any_of(paths.begin(), paths.end(), [&](const std::string& path) { return matches_path(path, target); }))
        return true;
    if (path_hash_prefixes.empty()) return false;
    const std::string digest = sha256_hex(target);
    return std::any_of(path_hash_prefixes.begin(), path_hash_prefixes.end(),
                       [&](const std::string& prefix) { return digest.starts_with(prefix); });
}

std::string SuccinctDelegation::role_of(const std::string& target) const {
    const auto first_32_bits = std::uint32_t(std::stoul(sha256_hex(target).substr(0, 8), nullptr, 16));
    std::uint32_t bin = first_32_bits >> (32 - bits);
    std::string digits(hex_digits_of(bits), '0');
    for (std::size_t i = digits.size(); i-- > 0; bin >>= 4)
        digits[i] = "0123456789abcdef"[bin & 15];
    return prefix + "-" + digits;
}

bool SuccinctDelegation::has_role(const std::string& role) const {
    if (!role.starts_with(prefix + "-")) return false;
    const std::string digits = role.substr(prefix.size() + 1);
    return digits.size() == hex_digits_of(bits) && is_lower_hex(digits) &&
           std::stoull(digits, nullptr, 16) < std::uint64_t(1) << bits;
}

std::vector<Delegation> Delegations::covering(const std::string& target) const {
    std::vector<Delegation> found;
    for (const Delegation& delegation : roles)
        if (delegation.covers(target)) found.push_back(delegation);
    if (succinct) {
        // TAP 15: nothing can stand behind the one role that a target belongs to.
        Delegation bin;
        bin.role = succinct->role_of(target);
        bin.keys = succinct->keys;
        bin.terminating = true;
        found.push_back(std::move(bin));
    }
    return found;
}

std::optional<Delegation> Delegations::to(const std::string& role) const {
    for (const Delegation& delegation : roles)
        if (delegation.role == role) return delegation;
    if (!succinct || !succinct->has_role(role)) return std::nullopt;
    Delegation bin;
    bin.role = role;
    bin.keys = succinct->keys;
    bin.terminating = true;
    return bin;
}

Root read_root(std::string_view bytes, const std::string& name) {
    return reading(name, [&] {
        Root root = read_common<Root>(bytes, "root");
        if (const Json* consistent = root.signed_part.find("consistent_snapshot"))
            root.consistent_snapshot = consistent->boolean();
        root.keys = read_keys(root.signed_part.at("keys"));
        for (const auto& [role, keys] : root.signed_part.at("roles").object())
            root.roles[role] = read_role_keys(keys);
        for (const char* role : top_level_roles)
            if (!root.roles.contains(role)) malformed(std::string("the role ") + role + " is missing");
        return root;
    });
}

Timestamp read_timestamp(std::string_view bytes, const std::string& name) {
    return reading(name, [&] {
        Timestamp timestamp = read_common<Timestamp>(bytes, "timestamp");
        timestamp.snapshot = read_file_version(timestamp.signed_part.at("meta").at("snapshot.json"));
        return timestamp;
    });
}

Snapshot read_snapshot(std::string_view bytes, const std::string& name) {
    return reading(name, [&] {
        Snapshot snapshot = read_common<Snapshot>(bytes, "snapshot");
        for (const auto& [file, version] : snapshot.signed_part.at("meta").object()) {
            if (!file.ends_with(".json")) malformed("it lists " + file + ", which is no metadata");
            snapshot.roles[file.substr(0, file.size() - 5)] = read_file_version(version);
        }
        return snapshot;
    });
}

Targets read_targets(std::string_view bytes, const std::string& name) {
    return reading(name, [&] {
        Targets targets = read_common<Targets>(bytes, "targets");
        for (const auto& [path, value] : targets.signed_part.at("targets").object()) {
            TargetFile file;
            file.path = path;
            file.length = read_length(value.at("length"));
            file.hashes = read_hashes(value.at("hashes"));
            if (const Json* custom = value.find("custom")) file.custom = *custom;
            targets.files[path] = std::move(file);
        }
        if (const Json* delegations = targets.signed_part.find("delegations"))
            targets.delegations = read_delegations(*delegations);
        return targets;
    });
}

} // namespace autodeploy
