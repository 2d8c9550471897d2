#include "installer/step.h"

#include "platform/native_installer.h"
#include "platform/platform.h"

namespace autodeploy {

std::optional<Captures> captures_of_kind(StepContext& context, const std::string& kind) {
    const std::string directory = context.folder + "/captures";
    if (!context.platform.files.status(directory)) return std::nullopt;
    for (const std::string& name : context.platform.files.list(directory))
        if (name.ends_with("-" + kind))
            return std::optional<Captures>(std::in_place, context.platform.files, directory + "/" + name);
    return std::nullopt;
}

ConvergeOptions converge_options(const StepContext& context, const std::string& run_name, std::int64_t overrun_ms,
                                 std::int64_t scriptlet_limit_ms) {
    ConvergeOptions options;
    options.run_name = "autodeploy-" + context.folder.substr(context.folder.find_last_of('/') + 1) + run_name;
    options.evidence_path = context.folder + "/evidence";
    options.overrun = Milliseconds(overrun_ms);
    options.scriptlet_limit = Milliseconds(scriptlet_limit_ms);
    options.report = context.progress;
    return options;
}

} // namespace autodeploy
