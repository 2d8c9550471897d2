#include "packaging/repository/command.h"
#include "packaging/repository/delegations.h"
#include "packaging/repository/publish.h"

#include "installer/repository/keys.h"
#include "installer/repository/metadata.h"
#include "platform/error.h"

#include <algorithm>

namespace autodeploy::publisher {

namespace {

/// Keys that nobody uses any more would only be there to be wondered at.
void forget_unused_keys(Json& keys, const std::vector<const Json*>& roles) {
    std::erase_if(keys.object(), [&](const auto& key) {
        return std::none_of(roles.begin(), roles.end(), [&](const Json* role) {
            const Json::Array& ids = role->at("keyids").array();
            return std::find(ids.begin(), ids.end(), Json(key.first)) != ids.end();
        });
    });
}

/// Whether the role's old signatures may be of keys that it has lost.
enum class Signatures { stay, anew };

/// Changes the keys or the threshold of a role where they stand: in root, or in the delegations of targets. What is to
/// be signed anew is staged before: killed in between, a publish signs once more than it need, and never brings out new
/// keys over a file of the old ones.
void change_role(Draft& draft, const std::string& role, Signatures signatures,
                 const std::function<void(Json& entry, Json& keys)>& change) {
    const auto stage_role = [&] {
        if (signatures == Signatures::anew && role != "snapshot" && role != "timestamp" && role != "root")
            draft.stage(role, draft.signed_part(role));
    };
    if (role == "root" || role == "targets" || role == "snapshot" || role == "timestamp") {
        Json root = draft.signed_part("root");
        change(root["roles"][role], root["keys"]);
        std::vector<const Json*> all;
        for (const auto& [name, entry] : root.at("roles").object())
            all.push_back(&entry);
        forget_unused_keys(root["keys"], all);
        stage_role();
        draft.stage("root", root);
        return;
    }
    Json targets = draft.signed_part("targets");
    Json& delegations = targets["delegations"];
    for (Json& delegation : delegations["roles"].array())
        if (delegation.at("name").string() == role) {
            change(delegation, delegations["keys"]);
            std::vector<const Json*> all;
            for (const Json& entry : delegations.at("roles").array())
                all.push_back(&entry);
            forget_unused_keys(delegations["keys"], all);
            stage_role();
            draft.stage("targets", targets);
            return;
        }
    throw Error("role_unknown", "cannot change the role " + role + ": there is none; see 'status'");
}

void done(Context& context, const std::string& action, const std::string& role, const std::string& what) {
    Json detail;
    detail["role"] = role;
    detail["what"] = what;
    context.done(action, detail, action + " " + role + ": " + what + "; publish to make it so");
}

/// guarded_by: the role whose keys the new one is published with. Keys of two passphrases in one folder could not be
/// used in one command.
Json new_key(Context& context, const std::string& role, const std::string& guarded_by) {
    std::vector<std::string> ids;
    const Json keys = context.draft.role_keys(guarded_by);
    for (const Json& id : keys.at("keyids").array())
        ids.push_back(id.string());
    find_signers(context.platform.files, context.key_directory, ids, context.passphrase);
    return make_key_file(context.platform.files, context.key_directory, role, context.passphrase, context.protection);
}

/// What somebody is about to sign, in words.
std::string summary(const Json& part) {
    std::string words = part.at("_type").string() + ", version " + std::to_string(part.at("version").integer()) +
                        ", expires " + part.at("expires").string();
    if (const Json* roles = part.find("roles"))
        for (const auto& [name, role] : roles->object())
            words += "\n  " + name + ": " + std::to_string(role.at("threshold").integer()) + " of " +
                     counted(role.at("keyids").array().size(), "key");
    if (const Json* delegations = part.find("delegations"))
        for (const Json& role : delegations->at("roles").array())
            words += "\n  delegates to " + role.at("name").string() + ": " +
                     std::to_string(role.at("threshold").integer()) + " of " +
                     counted(role.at("keyids").array().size(), "key");
    if (const Json* targets = part.find("targets"))
        for (const auto& [path, target] : targets->object())
            words += "\n  " + path + " " + target.at("hashes").at("sha256").string();
    return words;
}

/// What neither publish nor refresh renews, so that nobody takes the repository for good.
void refuse_expired(Draft& draft) {
    for (const std::string& role : draft.roles()) {
        const std::optional<Json> file = draft.published(role);
        if (!file) continue;
        const std::string& expires = file->at("signed").at("expires").string();
        if (read_date(expires) > draft.clock().now()) continue;
        const bool by_refresh = role == "snapshot" || role == "timestamp";
        throw Error("expired", "cannot keep clients updated: the role " + role + " expired at " + expires +
                                   "; renew it with '" +
                                   (by_refresh ? "refresh'" : "expiry " + role + " DAYS' and 'publish'"));
    }
}

/// A file that was carried here: whether its keys count is judged where it is published.
void sign_file(Context& context) {
    const std::string& path = context.line.operands[0];
    FileSystem& files = context.platform.files;
    Json file = parse_json(files.read(path, 5 << 20));
    const std::string wanted = context.line.value("key");
    std::vector<std::string> ids = key_ids_in(files, context.key_directory);
    std::erase_if(ids, [&](const std::string& id) { return !id.starts_with(wanted); });
    for (const Json& signature : file.at("signatures").array())
        std::erase(ids, signature.at("keyid").string());
    // A root says itself whose signatures it needs.
    if (const Json* roles = file.at("signed").find("roles"); roles != nullptr && wanted.empty()) {
        const Json::Array& root = roles->at("root").at("keyids").array();
        std::erase_if(
            ids, [&](const std::string& id) { return std::find(root.begin(), root.end(), Json(id)) == root.end(); });
    }
    context.say(summary(file.at("signed")));
    const auto signers = find_signers(files, context.key_directory, ids, context.passphrase);
    if (signers.empty())
        throw Error("key_missing", "cannot sign " + path + ": no key for it that has not signed yet lies in " +
                                       context.key_directory +
                                       "; --key KEYID takes one that the root does not name yet");
    Json::Array added;
    for (const std::unique_ptr<Signer>& signer : signers) {
        add_signature(file, *signer);
        added.emplace_back(key_id(signer->public_key()));
    }
    files.write_durably(path, pretty_json(file), 0644);
    context.say(counted(added.size(), "signature") + " added; put the file back to where it was staged");
    if (context.json) {
        Json all;
        all["action"] = "sign";
        all["detail"]["keys"] = added;
        context.print(all);
    }
}

} // namespace

void sign(Context& context) {
    if (names_file("sign", context.line)) return sign_file(context);
    const std::string& role = context.line.operands[0];
    if (!context.draft.is_staged(role)) throw Error("not_staged", "cannot sign " + role + ": nothing of it is staged");
    const int added = sign_staged(context.draft, role, context.key_directory, context.passphrase);
    if (added == 0)
        throw Error("key_missing",
                    "cannot sign " + role + ": no key of it that has not signed yet lies in " + context.key_directory);
    const std::string missing = missing_signatures(context.draft, role);
    done(context, "sign", role,
         counted(std::size_t(added), "signature") + " added" + (missing.empty() ? "" : ", still " + missing));
}

void publish_command(Context& context) {
    const std::vector<std::string> roles = publish(context.draft, context.key_directory, context.passphrase);
    std::string text;
    for (const std::string& role : roles)
        text += " " + role;
    Json detail;
    detail["roles"] = Json(roles);
    if (!roles.empty()) context.draft.audit(context.who, "publish", detail);
    refuse_expired(context.draft);
    context.tell("publish", detail, roles.empty() ? "nothing was staged, nothing to publish" : "published:" + text);
}

void refresh(Context& context) {
    refresh_expiry(context.draft, context.key_directory, context.passphrase);
    refuse_expired(context.draft);
    context.tell("refresh", Json::Object{}, "snapshot and timestamp are renewed");
}

void add_key(Context& context) {
    const std::string& role = context.line.operands[0];
    context.draft.role_keys(role);
    const Json key = context.line.has("public")
                         ? parse_json(context.platform.files.read(context.line.value("public"), 64 << 10))
                         : new_key(context, role, role);
    const std::string id = key_id(key);
    if (const PublicKey checked(id, key); !checked.usable())
        throw Error("key_unreadable", "cannot use the public key: " + checked.why_unusable());
    change_role(context.draft, role, Signatures::stay, [&](Json& entry, Json& keys) {
        for (const Json& other : entry.at("keyids").array())
            if (other == Json(id)) throw Error("key_exists", "cannot add the key " + id + ": the role has it already");
        entry["keyids"].array().emplace_back(id);
        keys[id] = key;
    });
    done(context, "add-key", role, id);
}

void remove_key(Context& context) {
    const std::string& role = context.line.operands[0];
    const std::string& wanted = context.line.operands[1];
    std::string removed;
    change_role(context.draft, role, Signatures::anew, [&](Json& entry, Json&) {
        Json::Array& ids = entry["keyids"].array();
        const auto is_wanted = [&](const Json& id) { return id.string().starts_with(wanted); };
        const auto found = std::find_if(ids.begin(), ids.end(), is_wanted);
        if (found == ids.end())
            throw Error("key_unknown", "cannot remove the key '" + wanted +
                                           "': the role has none of that id; 'status --json' lists its keys");
        if (std::count_if(ids.begin(), ids.end(), is_wanted) > 1)
            throw Error("key_unknown",
                        "cannot remove the key '" + wanted + "': several ids of the role begin so; give more of it");
        if (std::int64_t(ids.size()) - 1 < entry.at("threshold").integer())
            throw Error("threshold", "cannot remove the key " + wanted +
                                         ": fewer keys than the threshold would be left; add one first");
        removed = found->string();
        ids.erase(found);
    });
    done(context, "remove-key", role, removed);
}

void rotate(Context& context) {
    const std::string& role = context.line.operands[0];
    const std::size_t count = context.draft.role_keys(role).at("keyids").array().size();
    std::vector<Json> fresh;
    for (std::size_t i = 0; i < count; ++i)
        fresh.push_back(new_key(context, role, role));
    change_role(context.draft, role, Signatures::anew, [&](Json& entry, Json& keys) {
        Json::Array ids;
        for (const Json& key : fresh) {
            ids.emplace_back(key_id(key));
            keys[key_id(key)] = key;
        }
        entry["keyids"] = ids;
    });
    done(context, "rotate", role, counted(count, "new key"));
}

void threshold(Context& context) {
    const std::string& role = context.line.operands[0];
    const std::int64_t wanted = number(context.line.operands[1], 1, 100, "a threshold");
    change_role(context.draft, role, Signatures::anew, [&](Json& entry, Json&) {
        if (wanted > std::int64_t(entry.at("keyids").array().size()))
            throw Error("threshold", "cannot set the threshold of " + role + " to " + context.line.operands[1] +
                                         ": the role has " + counted(entry.at("keyids").array().size(), "key") +
                                         "; add one with 'autodeploy-repository add-key " + role + "'");
        entry["threshold"] = wanted;
    });
    done(context, "threshold", role, std::to_string(wanted));
}

void expiry(Context& context) {
    const std::string& role = context.line.operands[0];
    context.draft.role_keys(role);
    const std::int64_t days = number(context.line.operands[1], 1, 3650, "the days");
    context.draft.set_days_valid(role, days);
    // Snapshot and timestamp are made anew by each publish and refresh.
    if (role != "snapshot" && role != "timestamp") context.draft.stage(role, context.draft.signed_part(role));
    done(context, "expiry", role, std::to_string(days) + " days");
}

void delegate(Context& context) {
    const std::string& platform = context.line.operands[0];
    require_platform_name(platform);
    Json targets = context.draft.signed_part("targets");
    for (const Json& delegation : targets.at("delegations").at("roles").array())
        if (delegation.at("name").string() == platform)
            throw Error("role_exists", "cannot delegate to " + platform + ": that role is there already");
    const Json key = new_key(context, platform, "targets");
    add_delegation(targets, platform, {key}, 1, {"packages/" + platform + "/*"});
    Json part;
    part["_type"] = "targets";
    part["targets"] = Json::Object{};
    // The role before what names it: a delegation without a role could not be published.
    context.draft.stage(platform, part);
    context.draft.stage("targets", targets);
    done(context, "delegate", platform, "packages/" + platform + "/*");
}

} // namespace autodeploy::publisher
