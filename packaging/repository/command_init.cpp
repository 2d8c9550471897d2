#include "packaging/repository/command.h"

#include "installer/repository/keys.h"
#include "packaging/repository/delegations.h"
#include "platform/error.h"

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

} // namespace

void init(Context& context) {
    Draft& draft = context.draft;
    if (draft.exists())
        throw Error("repository_exists", "cannot make a repository in " + draft.directory() + ": there is one already");
    FileSystem& files = context.platform.files;
    files.make_private_directory(draft.directory() + "/keys");
    Json settings;
    settings["format"] = 1;
    Json& days = settings["days_valid"];
    days["root"] = 730;
    days["targets"] = 730;
    days["delegated"] = 365;
    days["snapshot"] = 30;
    days["timestamp"] = 30;

    Json root;
    root["_type"] = "root";
    root["consistent_snapshot"] = true;
    root["keys"] = Json::Object{};
    const std::int64_t wanted = context.line.has("threshold") ? std::stoll(context.line.value("threshold")) : 1;
    for (const char* role : {"root", "targets", "snapshot", "timestamp"}) {
        const bool offline = std::string(role) == "root" || std::string(role) == "targets";
        Json::Array ids;
        for (std::int64_t i = 0; i < (offline ? wanted : 1); ++i) {
            const Json key = make_key_file(files, context.key_directory, role, context.passphrase);
            root["keys"][key_id(key)] = key;
            ids.emplace_back(key_id(key));
        }
        root["roles"][role]["keyids"] = ids;
        root["roles"][role]["threshold"] = offline ? wanted : std::int64_t(1);
    }
    Json targets = empty_targets();
    targets["delegations"]["keys"] = Json::Object{};
    targets["delegations"]["roles"] = Json::Array{};
    const Json releases = make_key_file(files, context.key_directory, "releases", context.passphrase);
    const Json halt = make_key_file(files, context.key_directory, "halt", context.passphrase);
    const Json packages = make_key_file(files, context.key_directory, "packages", context.passphrase);
    add_delegation(targets, "halt", halt, {"halt.json"});
    add_delegation(targets, "releases", releases, {"offers.json"});
    std::vector<std::string> platforms = context.line.values("platform");
    if (platforms.empty()) platforms.assign(std::begin(default_platforms), std::end(default_platforms));
    for (const std::string& platform : platforms)
        add_delegation(targets, platform, packages, {"packages/" + platform + "/*"});

    // Last of all the file that makes a repository of the folder: an interrupted init can be repeated in another one.
    files.write_durably(draft.directory() + "/repository.json", pretty_json(settings), 0644);
    draft.stage("root", root);
    draft.stage("targets", targets);
    draft.stage("releases", empty_targets());
    draft.stage("halt", empty_targets());
    for (const std::string& platform : platforms)
        draft.stage(platform, empty_targets());
    draft.set_offers({});
    draft.set_halt({});
    draft.audit(context.who, "init", Json::Object{});
    context.say("made a repository in " + draft.directory() + "; its keys lie in " + context.key_directory +
                "\nnext: add packages, release one, publish. Give agents published/metadata/1.root.json as "
                "/etc/autodeploy/root.json");
}

} // namespace autodeploy::publisher
