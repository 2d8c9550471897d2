#include "installer/step.h"

#include "platform/error.h"
#include "platform/platform.h"

namespace autodeploy {

namespace {

std::string name_of(const PrerequisiteFile& prerequisite) {
    return prerequisite.file.id.name + " " + prerequisite.file.id.version;
}

std::string names_of(const InstallPrerequisites& step) {
    std::string text;
    for (const PrerequisiteFile& prerequisite : step.prerequisites)
        text += (text.empty() ? "" : ", ") + name_of(prerequisite);
    return text;
}

PrerequisiteInstaller& installer_of(StepContext& context) {
    if (context.platform.prerequisites == nullptr)
        throw Error("tool_missing", "cannot install a prerequisite: this system knows none");
    return *context.platform.prerequisites;
}

Json told(const std::optional<std::string>& version) {
    return version ? Json(*version) : Json();
}

/// What is there now and was not before: a line each.
std::vector<std::string> what_stays(const InstallPrerequisites& step, const Captures& captures, StepContext& context) {
    std::vector<std::string> lines;
    const std::optional<Json> before = captures.load("before");
    for (std::size_t i = 0; before && i < step.prerequisites.size(); ++i) {
        const PrerequisiteFile& prerequisite = step.prerequisites[i];
        const std::optional<std::string> now = installer_of(context).installed(prerequisite.how);
        const Json& then = before->array().at(i);
        if (!now || told(now) == then) continue;
        lines.push_back(prerequisite.file.id.name + " " + *now + " was installed before the client was stopped (" +
                        (then.is_null() ? "it was missing" : "there was " + then.string()) +
                        "); it stays, whatever becomes of the client, as other programs may use it");
    }
    return lines;
}

} // namespace

void prepare(const InstallPrerequisites& step, Captures& captures, StepContext& context) {
    context.platform.files.make_private_directory(context.folder + "/evidence");
    Json::Array before;
    for (const PrerequisiteFile& prerequisite : step.prerequisites)
        before.push_back(told(installer_of(context).installed(prerequisite.how)));
    captures.save("before", before);
}

Performed perform(const InstallPrerequisites& step, Captures& captures, StepContext& context) {
    std::vector<std::string> warnings;
    for (std::size_t i = 0; i < step.prerequisites.size(); ++i) {
        const PrerequisiteFile& prerequisite = step.prerequisites[i];
        if (context.platform.files.sha256(prerequisite.file.path) != prerequisite.file.sha256)
            throw Error("payload_mismatch", "cannot run " + prerequisite.file.path +
                                                ": it is not what was staged; the next attempt unpacks it anew");
        const ConvergeOptions options = converge_options(context, "-prerequisite-" + std::to_string(i + 1),
                                                         step.overrun_ms, step.scriptlet_limit_ms);
        const ConvergeResult result = installer_of(context).install(prerequisite, options);
        switch (result.convergence) {
        case Convergence::reached:
            warnings.insert(warnings.end(), result.warnings.begin(), result.warnings.end());
            break;
        case Convergence::busy:
            return {Performed::Result::busy, "another installation is at work, and " + name_of(prerequisite) +
                                                 " has to be installed before the client is stopped"};
        case Convergence::restart_needed:
            return {Performed::Result::restart_needed,
                    name_of(prerequisite) + ", which the release needs, is complete only after a restart" +
                        (result.warnings.empty() ? "" : ": " + result.warnings.front())};
        }
    }
    std::vector<std::string> notes = what_stays(step, captures, context);
    notes.insert(notes.end(), warnings.begin(), warnings.end());
    if (!notes.empty()) captures.save("notes", Json(notes));
    return {};
}

void undo(const InstallPrerequisites& step, Captures& captures, StepContext& context) {
    try {
        const std::vector<std::string> notes = what_stays(step, captures, context);
        if (!notes.empty()) captures.save("notes", Json(notes));
    } catch (const Error&) { // what is told is not worth a failure
    }
}

std::string describe(const InstallPrerequisites& step) {
    return "install what the release needs, while the client works: " + names_of(step);
}

std::string describe_undo(const InstallPrerequisites&) {
    return "nothing: they stay, as other programs may have come to use them, and older programs run with newer ones";
}

} // namespace autodeploy
