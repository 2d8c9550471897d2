#include "installer/step.h"

#include "installer/client/layout.h"
#include "platform/platform.h"

namespace autodeploy {

namespace {

std::vector<std::string> new_places(const RelocateFiles& step) {
    std::vector<std::string> paths;
    for (const FileMove& file : step.files)
        paths.push_back(file.to);
    return paths;
}

} // namespace

void prepare(const RelocateFiles& step, Captures& captures, StepContext&) {
    captures.save_files("before", new_places(step));
}

Performed perform(const RelocateFiles& step, Captures& captures, StepContext& context) {
    FileSystem& files = context.platform.files;
    captures.save("begun", true);
    for (const FileMove& file : step.files) {
        // What was not there when it was captured is not there now.
        if (!files.status(file.from)) continue;
        // The new packages bring the directory; a language of its own or the API's may be missing.
        if (const std::string directory = directory_of(file.to); !files.status(directory))
            files.make_directory(directory);
        files.copy_durably(file.from, file.to);
    }
    return {};
}

void undo(const RelocateFiles& step, Captures& captures, StepContext&) {
    if (!captures.has("begun")) return;
    for (const FileMove& file : step.files)
        captures.restore_if_changed("before", file.to);
}

std::string describe(const RelocateFiles& step) {
    std::string text = "copy to where the new client looks for them:";
    for (const FileMove& file : step.files)
        text += " " + file.from + " -> " + file.to;
    return text;
}

std::string describe_undo(const RelocateFiles&) {
    return "take the copies away again";
}

} // namespace autodeploy
