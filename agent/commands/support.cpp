#include "agent/commands/commands.h"
#include "agent/machine_parts.h"
#include "agent/probation.h"
#include "agent/reports/redact.h"
#include "agent/reports/tar_writer.h"
#include "agent/version.h"
#include "installer/detection.h"
#include "platform/error.h"

#include <algorithm>
#include <functional>

namespace autodeploy {

namespace {

constexpr std::size_t attempts_in_bundle = 5;
constexpr std::uint64_t largest_file = 4 << 20;

/// What cannot be got says so in its place: a bundle is wanted most when things are broken.
std::string attempt(const std::function<std::string()>& make) {
    try {
        return make();
    } catch (const std::exception& error) {
        return std::string(error.what()) + "\n";
    }
}

void add_attempts(CommandContext& context, const std::function<void(const std::string&, const std::string&)>& add) {
    FileSystem& files = context.platform.files;
    const std::string top = context.paths.attempts();
    if (!files.status(top)) return;
    std::vector<std::string> names = files.list(top);
    const std::size_t surplus = names.size() > attempts_in_bundle ? names.size() - attempts_in_bundle : 0;
    names.erase(names.begin(), names.begin() + std::ptrdiff_t(surplus));
    for (const std::string& name : names) {
        // Captures hold passwords and certificates: they never leave the machine.
        for (const char* file : {"journal", "plan.json"})
            if (files.status(top + "/" + name + "/" + file))
                add("attempts/" + name + "/" + file,
                    attempt([&] { return files.read(top + "/" + name + "/" + file, largest_file); }));
        const std::string evidence = top + "/" + name + "/evidence";
        if (!files.status(evidence)) continue;
        for (const std::string& file : files.list(evidence))
            add("attempts/" + name + "/evidence/" + file,
                attempt([&] { return files.read(evidence + "/" + file, largest_file); }));
    }
}

Detection look(CommandContext& context) {
    Settings settings;
    try {
        settings = context.settings();
    } catch (const Error&) {
        // Told in its own place; the machine can be looked at with the defaults.
    }
    return detect(context.platform, detect_settings(settings, context.paths));
}

HiddenNames names_of(const Detection& found) {
    HiddenNames names;
    names.add("host", found.host.name);
    names.add("host", found.host.name.substr(0, found.host.name.find('.')));
    for (const ClientService& service : found.services) {
        names.add("node", service.node_name);
        names.add("server", service.server_address);
        names.add("server", service.options.stanza);
    }
    return names;
}

int run(CommandContext& context) {
    context.need_administrator();
    Platform& platform = context.platform;
    const UnixTime now = platform.clock.now();
    std::string path = context.paths.state + "/support.tar";
    if (!context.invocation.operands.empty()) path = context.invocation.operands.front();
    if (!path.starts_with("/") && path.find(':') == std::string::npos)
        throw Error("usage", "cannot use the command line: the bundle's file needs an absolute path, not \"" + path +
                                 "\".; see `autodeploy support --help`");
    if (const auto there = platform.files.status(path); there && there->type != FileType::regular)
        throw Error("access_denied", "cannot write the support bundle to " + path +
                                         ": it is there and is no regular file; name another one");
    std::string detected;
    HiddenNames hidden;
    try {
        const Detection found = look(context);
        detected = pretty_json(detection_json(found));
        if (context.invocation.has("hide-names")) hidden = names_of(found);
    } catch (const std::exception& error) {
        // Whose names are not known cannot be hidden.
        if (context.invocation.has("hide-names")) throw;
        detected = std::string(error.what()) + "\n";
    }
    TarWriter tar(now);
    Json::Array names;
    const auto add = [&](const std::string& name, const std::string& content) {
        tar.add("autodeploy-support/" + hidden.hide(name), hidden.hide(redacted(content)));
        names.push_back(hidden.hide(name));
    };
    const auto file = [&](const std::string& from) {
        return attempt([&] { return platform.files.read(from, largest_file); });
    };
    add("version.txt", std::string(agent_version) + "\nmade " + utc_text(now) + "\n");
    add("settings.yaml", file(context.settings_file()));
    add("settings-in-force.yaml", attempt([&] { return settings_yaml(context.settings()); }));
    add("status.txt", attempt([&] { return status_text(present_status(context), now); }));
    add("status.json", file(context.paths.status()));
    add("history.jsonl", file(context.paths.history()));
    add("releases.json", file(context.paths.releases()));
    add("deployment.json", file(context.paths.deployment()));
    add("probation.json", file(probation_path(context.paths)));
    add("detection.json", detected);
    add_attempts(context, add);
    // A new file of ours, whoever made what was there: it tells much of this machine.
    platform.files.write_durably(path, tar.finish(), 0600);
    context.answer(Json::Object{{"format", 1}, {"file", path}, {"names", names}}, path + "\n");
    return 0;
}

} // namespace

CommandDescription support_command() {
    CommandDescription command;
    command.name = "support";
    command.purpose = "writes one file for whoever helps: state, history, evidence; passwords and keys taken out";
    command.operands = "[FILE]";
    command.most = 1;
    command.options = {{"hide-names", "", "other names for this host, its nodes and its backup servers"}};
    command.details =
        "A tar, readable by administrators only; without FILE it is support.tar in the state directory.\n"
        "Captured files of the client (options, certificates, passwords) are never in it. Look through it\n"
        "before it leaves your hands: without --hide-names the names of host, nodes and servers stay.";
    command.example = "autodeploy support /tmp/autodeploy-support.tar";
    command.run = run;
    return command;
}

} // namespace autodeploy
