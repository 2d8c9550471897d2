#include "packaging/repository/publish.h"

#include "installer/repository/keys.h"
#include "installer/repository/safe_name.h"
#include "platform/error.h"

#include <algorithm>
#include <functional>

namespace autodeploy {

namespace {

constexpr std::uint64_t largest_metadata = 5 << 20;

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

/// skips: whether a path below `from` is not wanted.
void copy_tree(FileSystem& files, const std::string& from, const std::string& to, int& copied,
               const std::function<bool(const std::string&)>& skips, const std::string& below = "") {
    make_public_directory(files, to + below);
    for (const std::string& name : files.list(from + below)) {
        if (name.starts_with(".")) continue; // what a crash left beside the place of a file
        const std::string path = below + "/" + name;
        const auto status = files.status(from + path);
        if (!status || skips(path)) continue;
        if (status->type == FileType::directory) {
            copy_tree(files, from, to, copied, skips, path);
            continue;
        }
        if (status->type != FileType::regular) continue;
        const auto there = files.status(to + path);
        if (there && there->size == status->size && files.sha256(from + path) == files.sha256(to + path)) continue;
        copy_public_file(files, from + path, to + path);
        ++copied;
    }
}

} // namespace

void add_signature(Json& file, Signer& signer) {
    Json signature;
    signature["keyid"] = key_id(signer.public_key());
    signature["sig"] = signer.sign(canonical_json(file.at("signed")));
    file["signatures"].array().push_back(signature);
}

int sign_staged(Draft& draft, const std::string& role, const std::string& key_directory, const Passphrase& passphrase) {
    Json file = draft.staged(role);
    std::vector<std::string> wanted = draft.signing_key_ids(role);
    for (const Json& signature : file.at("signatures").array())
        std::erase(wanted, signature.at("keyid").string());
    int added = 0;
    for (const std::unique_ptr<Signer>& signer : find_signers(draft.files(), key_directory, wanted, passphrase)) {
        add_signature(file, *signer);
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

int mirror(FileSystem& files, const std::string& published, const std::string& destination,
           const std::vector<std::string>& platforms) {
    int copied = 0;
    const auto wanted = [&](const std::string& path) {
        const std::string packages = "/packages/";
        return platforms.empty() || !path.starts_with(packages) ||
               std::any_of(platforms.begin(), platforms.end(), [&](const std::string& platform) {
                   return (path + "/").starts_with(packages + platform + "/");
               });
    };
    const std::string timestamp_path = "/metadata/timestamp.json";
    const auto read_timestamp = [&](const std::string& place) {
        return files.status(place + timestamp_path) ? files.read(place + timestamp_path, largest_metadata) : "";
    };
    // The timestamp is read first and written last, so that what it names is there; a publish meanwhile begins it anew.
    for (int attempt = 0; attempt < 10; ++attempt) {
        const std::string timestamp = read_timestamp(published);
        if (timestamp.empty())
            throw Error("not_published", "cannot copy the repository: nothing was published yet; run 'publish' first");
        copy_tree(files, published + "/targets", destination + "/targets", copied,
                  [&](const std::string& path) { return !wanted(path); });
        copy_tree(files, published + "/metadata", destination + "/metadata", copied,
                  [](const std::string& path) { return path == "/timestamp.json"; });
        if (read_timestamp(published) != timestamp) continue;
        if (read_timestamp(destination) != timestamp) {
            files.write_durably(destination + timestamp_path, timestamp, 0644);
            ++copied;
        }
        return copied;
    }
    throw Error("repository_busy", "cannot copy the repository: it is published again and again", Retry::later);
}

} // namespace autodeploy
