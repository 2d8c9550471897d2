#include "installer/step.h"

#include "platform/error.h"
#include "platform/platform.h"

#include <algorithm>

namespace autodeploy {

void prepare(const BackUpFiles& step, Captures& captures, StepContext&) {
    captures.save_files("before", step.paths);
}

Performed perform(const BackUpFiles& step, Captures& captures, StepContext&) {
    // The scheduler ran on since prepare and may have stored a new password; from now on nothing of the client runs,
    // and this capture is the one that counts.
    captures.save_files("stopped", step.paths, {captures, "before"});
    return {};
}

void undo(const BackUpFiles& step, Captures& captures, StepContext& context) {
    if (!captures.has_files("before")) return;
    const std::string name = captures.has_files("stopped") ? "stopped" : "before";
    // Files that somebody else changed after us are his: the step that settled them set them aside.
    Captures theirs(context.platform.files, context.folder + "/captures/others");
    const Json their_paths = theirs.load("paths").value_or(Json(Json::Array{}));
    std::string failures;
    for (const std::string& path : step.paths) {
        const Json::Array& list = their_paths.array();
        const bool is_theirs = std::find(list.begin(), list.end(), Json(path)) != list.end();
        Captures& source = is_theirs ? theirs : captures;
        try {
            source.restore_if_changed(is_theirs ? "changed" : name, path);
        } catch (const Error& error) {
            failures += (failures.empty() ? "" : "; ") + std::string(error.what());
        }
    }
    if (!failures.empty()) throw Error("files_not_restored", failures);
}

std::string describe(const BackUpFiles& step) {
    return "back up " + std::to_string(step.paths.size()) +
           " files: options, certificates, passwords, service definitions";
}

std::string describe_undo(const BackUpFiles&) {
    return "put back those that differ, but for what somebody else changed meanwhile";
}

} // namespace autodeploy
