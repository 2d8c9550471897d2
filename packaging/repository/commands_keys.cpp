#include "packaging/repository/command.h"
#include "packaging/repository/delegations.h"
#include "packaging/repository/publish.h"

#include "installer/repository/keys.h"
#include "platform/error.h"

#include <algorithm>

namespace autodeploy::publisher {

namespace {

/// Changes the keys or the threshold of a role where they stand: in root, or in the delegations of targets.
void change_role(Draft& draft, const std::string& role, const std::function<void(Json& entry, Json& keys)>& change) {
    if (role == "root" || role == "targets" || role == "snapshot" || role == "timestamp") {
        Json root = draft.signed_part("root");
        change(root["roles"][role], root["keys"]);
        draft.stage("root", root);
        return;
    }
    Json targets = draft.signed_part("targets");
    Json& delegations = targets["delegations"];
    for (Json& delegation : delegations["roles"].array())
        if (delegation.at("name").string() == role) {
            change(delegation, delegations["keys"]);
            draft.stage("targets", targets);
            return;
        }
    throw Error("role_unknown", "cannot change the role " + role + ": there is none; see 'status'");
}

/// The role itself is signed anew: its old signatures may be of keys that it has lost.
void stage_again(Draft& draft, const std::string& role) {
    if (role != "snapshot" && role != "timestamp" && role != "root") draft.stage(role, draft.signed_part(role));
}

void done(Context& context, const std::string& action, const std::string& role, const std::string& what) {
    Json detail;
    detail["role"] = role;
    detail["what"] = what;
    context.draft.audit(context.who, action, detail);
    context.say(action + " " + role + ": " + what + "; publish to make it so");
}

} // namespace

void sign(Context& context) {
    const std::string& role = context.line.operands[0];
    if (!context.draft.is_staged(role)) throw Error("not_staged", "cannot sign " + role + ": nothing of it is staged");
    const int added = sign_staged(context.draft, role, context.key_directory, context.passphrase);
    if (added == 0)
        throw Error("key_missing",
                    "cannot sign " + role + ": no key of it that has not signed yet lies in " + context.key_directory);
    const std::string missing = missing_signatures(context.draft, role);
    done(context, "sign", role,
         std::to_string(added) + " signatures added" + (missing.empty() ? "" : ", still " + missing));
}

void publish_command(Context& context) {
    const std::vector<std::string> roles = publish(context.draft, context.key_directory, context.passphrase);
    std::string text;
    for (const std::string& role : roles)
        text += " " + role;
    Json detail;
    detail["roles"] = Json(roles);
    if (!roles.empty()) context.draft.audit(context.who, "publish", detail);
    context.say(roles.empty() ? "nothing was staged, nothing to publish" : "published:" + text);
}

void refresh(Context& context) {
    refresh_expiry(context.draft, context.key_directory, context.passphrase);
    context.say("snapshot and timestamp are renewed");
}

void add_key(Context& context) {
    const std::string& role = context.line.operands[0];
    context.draft.role_keys(role);
    const Json key = context.line.has("public")
                         ? parse_json(context.platform.files.read(context.line.value("public"), 64 << 10))
                         : make_key_file(context.platform.files, context.key_directory, role, context.passphrase);
    const std::string id = key_id(key);
    if (const PublicKey checked(id, key); !checked.usable())
        throw Error("key_unreadable", "cannot use the public key: " + checked.why_unusable());
    change_role(context.draft, role, [&](Json& entry, Json& keys) {
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
    change_role(context.draft, role, [&](Json& entry, Json&) {
        Json::Array& ids = entry["keyids"].array();
        const auto found =
            std::find_if(ids.begin(), ids.end(), [&](const Json& id) { return id.string().starts_with(wanted); });
        if (found == ids.end())
            throw Error("key_unknown", "cannot remove the key " + wanted + ": the role has none of that id");
        if (std::int64_t(ids.size()) - 1 < entry.at("threshold").integer())
            throw Error("threshold", "cannot remove the key " + wanted +
                                         ": fewer keys than the threshold would be left; add one first");
        removed = found->string();
        ids.erase(found);
    });
    stage_again(context.draft, role);
    done(context, "remove-key", role, removed);
}

void rotate(Context& context) {
    const std::string& role = context.line.operands[0];
    const std::size_t count = context.draft.role_keys(role).at("keyids").array().size();
    std::vector<Json> fresh;
    for (std::size_t i = 0; i < count; ++i)
        fresh.push_back(make_key_file(context.platform.files, context.key_directory, role, context.passphrase));
    change_role(context.draft, role, [&](Json& entry, Json& keys) {
        Json::Array ids;
        for (const Json& key : fresh) {
            ids.emplace_back(key_id(key));
            keys[key_id(key)] = key;
        }
        entry["keyids"] = ids;
    });
    stage_again(context.draft, role);
    done(context, "rotate", role, std::to_string(count) + " new keys");
}

void threshold(Context& context) {
    const std::string& role = context.line.operands[0];
    const std::int64_t wanted = std::stoll(context.line.operands[1]);
    change_role(context.draft, role, [&](Json& entry, Json&) {
        if (wanted < 1 || wanted > std::int64_t(entry.at("keyids").array().size()))
            throw Error("threshold", "cannot set the threshold of " + role + " to " + context.line.operands[1] +
                                         ": the role has " + std::to_string(entry.at("keyids").array().size()) +
                                         " keys");
        entry["threshold"] = wanted;
    });
    stage_again(context.draft, role);
    done(context, "threshold", role, std::to_string(wanted));
}

void expiry(Context& context) {
    const std::int64_t days = std::stoll(context.line.operands[1]);
    if (days < 1 || days > 3650) throw Error("usage", "expected 1 to 3650 days");
    context.draft.set_days_valid(context.line.operands[0], days);
    done(context, "expiry", context.line.operands[0], std::to_string(days) + " days");
}

void delegate(Context& context) {
    const std::string& platform = context.line.operands[0];
    if (platform.empty() || platform.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") != std::string::npos)
        throw Error("usage", "a platform's name has only a-z, 0-9, '-' and '_'");
    Json targets = context.draft.signed_part("targets");
    for (const Json& delegation : targets.at("delegations").at("roles").array())
        if (delegation.at("name").string() == platform)
            throw Error("role_exists", "cannot delegate to " + platform + ": that role is there already");
    const Json key = make_key_file(context.platform.files, context.key_directory, platform, context.passphrase);
    add_delegation(targets, platform, key, {"packages/" + platform + "/*"});
    context.draft.stage("targets", targets);
    Json part;
    part["_type"] = "targets";
    part["targets"] = Json::Object{};
    context.draft.stage(platform, part);
    done(context, "delegate", platform, "packages/" + platform + "/*");
}

} // namespace autodeploy::publisher
