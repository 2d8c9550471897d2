#include "installer/step.h"

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

} // namespace autodeploy
