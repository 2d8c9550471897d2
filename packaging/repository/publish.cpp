#include "packaging/repository/publish.h"

#include "installer/repository/keys.h"
#include "installer/repository/safe_name.h"
#include "platform/error.h"

#include <algorithm>

namespace autodeploy {

namespace {

constexpr std::uint64_t largest_metadata = 5 << 20;

void make_public_directory(FileSystem& files, const std::string& path) {
    if (files.status(path)) return;
    make_public_directory(files, path.substr(0, path.find_last_of('/')));
    files.make_directory(path);
}

/// Public keys by id, of whoever delegates to the role.
KeyMap keys_for(Draft& draft) {
    KeyMap keys;
    const auto add = [&keys](const Json& list) {
        for (const auto& [id, object] : list.object())
            keys.emplace(id, PublicKey(id, object));
    };
    add(draft.signed_part("root").at("keys"));
    if (const auto old = draft.published("root")) add(old->at("signed").at("keys"));
    if (const Json targets = draft.signed_part("targets"); targets.find("delegations") != nullptr)
        add(targets.at("delegations").at("keys"));
    return keys;
}

std::vector<Signature> signatures_of(const Json& file) {
    std::vector<Signature> signatures;
    for (const Json& signature : file.at("signatures").array())
        signatures.push_back({signature.at("keyid").string(), signature.at("sig").string()});
    return signatures;
}

RoleKeys role_keys_of(const Json& json) {
    RoleKeys keys;
    for (const Json& id : json.at("keyids").array())
        keys.keyids.push_back(id.string());
    keys.threshold = json.at("threshold").integer();
    return keys;
}

std::string lacks(const Json& file, const RoleKeys& role, const KeyMap& keys) {
    const std::string message = canonical_json(file.at("signed"));
    const std::int64_t good = count_good_signatures(message, signatures_of(file), role, keys);
    if (good >= role.threshold) return "";
    return "needs " + std::to_string(role.threshold) + " signatures, has " + std::to_string(good);
}

std::string file_name(const std::string& role, std::int64_t version) {
    if (role == "timestamp") return "timestamp.json";
    return std::to_string(version) + "." + safe_file_name(role) + ".json";
}

void write_published(Draft& draft, const std::string& role) {
    const Json file = draft.staged(role);
    const std::string path =
        draft.metadata_directory() + "/" + file_name(role, file.at("signed").at("version").integer());
    draft.files().write_durably(path, pretty_json(file), 0644);
}

void stage_snapshot(Draft& draft, const std::vector<std::string>& roles) {
    Json part;
    part["_type"] = "snapshot";
    for (const std::string& role : roles)
        if (role != "root" && role != "snapshot" && role != "timestamp") {
            Json entry;
            entry["version"] = draft.signed_part(role).at("version");
            part["meta"][role + ".json"] = entry;
        }
    draft.stage("snapshot", part);
}

void stage_timestamp(Draft& draft) {
    Json part;
    part["_type"] = "timestamp";
    part["meta"]["snapshot.json"]["version"] = draft.signed_part("snapshot").at("version");
    part["x-published"] = utc_text(draft.clock().now());
    draft.stage("timestamp", part);
}

void sign_or_refuse(Draft& draft, const std::string& role, const std::string& key_directory,
                    const Passphrase& passphrase) {
    sign_staged(draft, role, key_directory, passphrase);
    if (const std::string missing = missing_signatures(draft, role); !missing.empty())
        throw Error("signatures_missing", "cannot publish: the role " + role + " " + missing +
                                              "; run 'autodeploy-repository sign " + role +
                                              " --keys DIRECTORY' where its keys are");
}

/// Whether readers that still have the root before take these files as well.
bool good_under_published_root(Draft& draft, const std::vector<std::string>& roles) {
    const std::optional<Json> old = draft.published("root");
    if (!old) return false;
    return std::all_of(roles.begin(), roles.end(), [&](const std::string& role) {
        const bool top_level = role == "targets" || role == "snapshot" || role == "timestamp";
        return !top_level ||
               lacks(draft.staged(role), role_keys_of(old->at("signed").at("roles").at(role)), keys_for(draft)).empty();
    });
}

/// Brings the staged files out and then forgets that they were staged. The timestamp is what makes them count. A new
/// root counts at once: it goes last where everything is good under the root before too, else (old keys are lost)
/// first.
void bring_out(Draft& draft, std::vector<std::string> roles) {
    make_public_directory(draft.files(), draft.metadata_directory());
    roles.emplace_back("timestamp");
    const auto root = std::find(roles.begin(), roles.end(), "root");
    if (root != roles.end() && good_under_published_root(draft, roles)) std::rotate(root, root + 1, roles.end());
    for (const std::string& role : roles)
        write_published(draft, role);
    for (const std::string& role : roles)
        draft.unstage(role);
}

void copy_tree(FileSystem& files, const std::string& from, const std::string& to, int& copied,
               const std::vector<std::string>& later) {
    make_public_directory(files, to);
    for (const std::string& name : files.list(from)) {
        const std::string source = from + "/" + name;
        const auto status = files.status(source);
        if (!status) continue;
        if (status->type == FileType::directory) {
            copy_tree(files, source, to + "/" + name, copied, later);
            continue;
        }
        if (status->type != FileType::regular || std::find(later.begin(), later.end(), name) != later.end()) continue;
        const auto there = files.status(to + "/" + name);
        if (there && there->size == status->size && files.sha256(source) == files.sha256(to + "/" + name)) continue;
        files.copy_durably(source, to + "/" + name);
        ++copied;
    }
}

} // namespace

int sign_staged(Draft& draft, const std::string& role, const std::string& key_directory, const Passphrase& passphrase) {
    Json file = draft.staged(role);
    std::vector<std::string> wanted = draft.signing_key_ids(role);
    for (const Json& signature : file.at("signatures").array())
        std::erase(wanted, signature.at("keyid").string());
    const std::string message = canonical_json(file.at("signed"));
    int added = 0;
    for (const std::unique_ptr<Signer>& signer : find_signers(draft.files(), key_directory, wanted, passphrase)) {
        Json signature;
        signature["keyid"] = key_id(signer->public_key());
        signature["sig"] = signer->sign(message);
        file["signatures"].array().push_back(signature);
        ++added;
    }
    if (added > 0) draft.write_signatures(role, file);
    return added;
}

std::string missing_signatures(Draft& draft, const std::string& role) {
    const Json file = draft.staged(role);
    const KeyMap keys = keys_for(draft);
    if (const std::string missing = lacks(file, role_keys_of(draft.role_keys(role)), keys); !missing.empty())
        return missing;
    if (role == "root")
        if (const auto old = draft.published("root"))
            if (const std::string missing = lacks(file, role_keys_of(old->at("signed").at("roles").at("root")), keys);
                !missing.empty())
                return missing + " of the root before";
    return "";
}

std::vector<std::string> publish(Draft& draft, const std::string& key_directory, const Passphrase& passphrase) {
    std::vector<std::string> changed;
    const std::vector<std::string> roles = draft.roles();
    for (const std::string& role : roles) {
        if (role == "snapshot" || role == "timestamp" || !draft.is_staged(role)) continue;
        sign_or_refuse(draft, role, key_directory, passphrase);
        changed.push_back(role);
    }
    if (changed.empty() && draft.published("timestamp") && !draft.is_staged("snapshot") &&
        !draft.is_staged("timestamp"))
        return changed;
    stage_snapshot(draft, roles);
    sign_or_refuse(draft, "snapshot", key_directory, passphrase);
    stage_timestamp(draft);
    sign_or_refuse(draft, "timestamp", key_directory, passphrase);
    std::vector<std::string> published = changed;
    published.emplace_back("snapshot");
    bring_out(draft, published);
    published.emplace_back("timestamp");
    return published;
}

void refresh_expiry(Draft& draft, const std::string& key_directory, const Passphrase& passphrase) {
    for (const std::string& role : draft.roles())
        if (role != "snapshot" && role != "timestamp" && !draft.published(role))
            throw Error("not_published",
                        "cannot refresh: the role " + role + " was never published; run 'publish' first");
    // What is staged and not published must not be named yet.
    const std::optional<Json> snapshot = draft.published("snapshot");
    if (!snapshot) throw Error("not_published", "cannot refresh: nothing was published yet; run 'publish' first");
    draft.stage("snapshot", snapshot->at("signed"));
    sign_or_refuse(draft, "snapshot", key_directory, passphrase);
    stage_timestamp(draft);
    sign_or_refuse(draft, "timestamp", key_directory, passphrase);
    bring_out(draft, {"snapshot"});
}

int mirror(FileSystem& files, const std::string& published, const std::string& destination) {
    int copied = 0;
    // The timestamp is read first and written last: what it names is then there, whatever is published meanwhile.
    const std::string timestamp = files.read(published + "/metadata/timestamp.json", largest_metadata);
    copy_tree(files, published + "/targets", destination + "/targets", copied, {});
    copy_tree(files, published + "/metadata", destination + "/metadata", copied, {"timestamp.json"});
    const std::string path = destination + "/metadata/timestamp.json";
    if (!files.status(path) || files.read(path, largest_metadata) != timestamp) {
        files.write_durably(path, timestamp, 0644);
        ++copied;
    }
    return copied;
}

} // namespace autodeploy
