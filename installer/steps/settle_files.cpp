#include "installer/step.h"

#include "installer/contains.h"
#include "platform/error.h"
#include "platform/platform.h"

namespace autodeploy {

namespace {

std::string backup_directory(StepContext& context) {
    return context.folder + "/captures/others";
}

} // namespace

void prepare(const SettleFiles&, Captures&, StepContext&) {}

Performed perform(const SettleFiles& step, Captures& captures, StepContext& context) {
    std::optional<Captures> backup = captures_of_kind(context, "back-up-files");
    if (!backup || !backup->has_files("stopped"))
        throw Error("capture_damaged", "cannot settle the administrator's files: their backup is not to be found");
    Json::Array notes;
    const auto put_back = [&](const std::string& path, const std::string& what) {
        backup->restore_file("stopped", path);
        notes.emplace_back(path + " was " + what + " by the packages' own scripts and was put back as it was");
    };
    const std::vector<std::string> changed = backup->changed_files("stopped");
    // While it waited for a restart the client ran: what was changed since it was settled was not by the packages.
    const std::optional<Captures> packages = captures_of_kind(context, "converge-packages");
    const bool waited = packages && packages->has("restart") && captures.has_files("left");
    const std::vector<std::string> since = waited ? captures.changed_files("left") : std::vector<std::string>{};
    for (const std::string& path : changed) {
        if (contains(since, path)) continue;
        // A file that the new release brings where there was none is the release's own.
        if (!backup->was_present("stopped", path)) continue;
        if (contains(step.paths, path)) put_back(path, "changed");
        if (contains(step.definitions, path) && !context.platform.files.status(path)) put_back(path, "removed");
    }
    captures.save("notes", notes);
    captures.save_files("left", step.paths, {*backup, "stopped"});
    // A definition that a package changed is taken up by the start itself.
    if (!notes.empty()) context.platform.services.reload();
    return {};
}

void undo(const SettleFiles&, Captures& captures, StepContext& context) {
    if (!captures.has_files("left")) return; // before that, whatever changed a file was the installer
    Captures others(context.platform.files, backup_directory(context));
    if (others.load("paths")) return;
    // Since "left" the client ran, and the administrator may have worked: what differs now is theirs and newer than
    // ours. What vanished is not kept as vanished: an upgrade of the password store deletes what the old client needs.
    std::vector<std::string> changed;
    for (const std::string& path : captures.changed_files("left"))
        if (context.platform.files.status(path)) changed.push_back(path);
    Json::Array notes;
    for (const std::string& path : changed)
        notes.emplace_back(path + " was changed by somebody else during the deployment and was kept so");
    try {
        others.save_files("changed", changed);
        others.save("paths", changed);
        captures.save("kept", notes);
    } catch (const Error&) {
        if (!changed.empty()) throw; // else nothing is lost
    }
}

std::string describe(const SettleFiles&) {
    return "put back files that the packages' own scripts changed";
}

std::string describe_undo(const SettleFiles&) {
    return "set aside what somebody else changed since";
}

} // namespace autodeploy
