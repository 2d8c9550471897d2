#include "packaging/repository/command.h"

#include "installer/repository/keys.h"
#include "packaging/repository/delegations.h"
#include "platform/error.h"

#include <algorithm>
#include <map>

namespace autodeploy::publisher {

namespace {

constexpr const char* default_platforms[] = {"linux-x86_64", "linux-x86_64-deb", "linux-ppc64le", "linux-s390x",
                                             "aix",          "windows-x64"};

Json empty_targets() {
    Json part;
    part["_type"] = "targets";
    part["targets"] = Json::Object{};
    return part;
}

/// Whose keys and expiry `init` decides; the platforms share the keys "packages".
bool is_initial_role(const std::string& role) {
    for (const char* known : {"root", "targets", "snapshot", "timestamp", "releases", "halt", "packages"})
        if (role == known) return true;
    return false;
}

/// "ROLE=N" of an option that may be given several times; a bare N is for root and targets.
std::map<std::string, std::int64_t> by_role(const Context& context, const std::string& option, std::int64_t most) {
    std::map<std::string, std::int64_t> values;
    for (const std::string& text : context.line.values(option)) {
        const std::size_t equals = text.find('=');
        const std::int64_t value = number(text.substr(equals + 1), 1, most, "--" + option); // npos + 1 is 0
        if (equals == std::string::npos) {
            values["root"] = values["targets"] = value;
            continue;
        }
        const std::string role = text.substr(0, equals);
        if (!is_initial_role(role))
            throw Error("usage", "--" + option + " names the role '" + role +
                                     "'; expected root, targets, snapshot, timestamp, releases, halt or packages");
        values[role] = value;
    }
    return values;
}

Json settings_of(const Context& context) {
    Json settings;
    settings["format"] = 1;
    Json& days = settings["days_valid"];
    days["root"] = 730;
    days["targets"] = 730;
    days["delegated"] = 365;
    days["snapshot"] = 30;
    days["timestamp"] = 30;
    for (const auto& [role, value] : by_role(context, "expiry", 3650))
        days[role == "packages" ? "delegated" : role] = value;
    return settings;
}

} // namespace

void init(Context& context) {
    Draft& draft = context.draft;
    if (draft.exists())
        throw Error("repository_exists", "cannot make a repository in " + draft.directory() +
                                             ": there is one already; 'autodeploy-repository status --repository " +
                                             draft.directory() + "' tells what it lacks, 'rotate' gives it new keys");
    const Json settings = settings_of(context);
    std::map<std::string, std::int64_t> thresholds = by_role(context, "threshold", 20);
    std::vector<std::string> platforms = context.line.values("platform");
    if (platforms.empty()) platforms.assign(std::begin(default_platforms), std::end(default_platforms));
    for (const std::string& platform : platforms) {
        require_platform_name(platform);
        if (std::count(platforms.begin(), platforms.end(), platform) > 1)
            throw Error("usage", "--platform names '" + platform + "' twice");
    }
    FileSystem& files = context.platform.files;
    make_public_directory(files, draft.directory());
    files.write_durably(draft.directory() + "/repository.json", pretty_json(settings), 0644);
    const auto new_keys = [&](const std::string& role) {
        std::vector<Json> keys;
        for (std::int64_t i = 0; i < std::max<std::int64_t>(1, thresholds[role]); ++i)
            keys.push_back(make_key_file(files, context.key_directory, role, context.passphrase, context.protection));
        return keys;
    };

    Json root;
    root["_type"] = "root";
    root["consistent_snapshot"] = true;
    root["keys"] = Json::Object{};
    for (const std::string role : {"root", "targets", "snapshot", "timestamp"}) {
        Json::Array ids;
        for (const Json& key : new_keys(role)) {
            root["keys"][key_id(key)] = key;
            ids.emplace_back(key_id(key));
        }
        root["roles"][role]["threshold"] = std::int64_t(ids.size());
        root["roles"][role]["keyids"] = std::move(ids);
    }
    Json targets = empty_targets();
    targets["delegations"]["keys"] = Json::Object{};
    targets["delegations"]["roles"] = Json::Array{};
    const auto delegate_to = [&](const std::string& role, const std::vector<Json>& keys, const std::string& paths) {
        add_delegation(targets, role, keys, std::int64_t(keys.size()), {paths});
    };
    delegate_to("halt", new_keys("halt"), "halt.json");
    delegate_to("releases", new_keys("releases"), "offers.json");
    const std::vector<Json> packages = new_keys("packages");
    for (const std::string& platform : platforms)
        delegate_to(platform, packages, "packages/" + platform + "/*");

    draft.stage("targets", targets);
    for (const std::string& platform : platforms)
        draft.stage(platform, empty_targets());
    draft.stage("releases", empty_targets());
    draft.stage("halt", empty_targets());
    draft.set_offers({});
    draft.set_halt({});
    // Last of all what makes a repository of the folder: an init that was interrupted can be run again.
    draft.stage("root", root);
    context.done("init", Json::Object{},
                 "made a repository in " + draft.directory() + "; its keys lie in " + context.key_directory +
                     "\nnext: add packages, release one, publish. Give agents published/metadata/1.root.json as "
                     "/etc/autodeploy/root.json");
}

} // namespace autodeploy::publisher
