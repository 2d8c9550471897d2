#include "installer/step.h"

#include "installer/client/ascii.h"
#include "installer/client/empty_keys.h"
#include "installer/client/text_encoding.h"
#include "platform/error.h"
#include "platform/platform.h"

#include <algorithm>

namespace autodeploy {

namespace {

constexpr std::uint64_t largest_options = 4 << 20;

std::vector<std::string> texts_of(const ClearOldPlaces& step, FileSystem& files) {
    std::vector<std::string> texts;
    for (const std::string& path : step.options)
        if (files.status(path)) texts.push_back(lower_case(decode_text(files.read(path, largest_options)).text));
    return texts;
}

/// A log or a list may lie there although the client does not.
bool is_named(const std::vector<std::string>& texts, const std::string& path) {
    return std::any_of(texts.begin(), texts.end(),
                       [&](const std::string& text) { return text.find(lower_case(path)) != std::string::npos; });
}

std::vector<std::string> clear_files(const ClearOldPlaces& step, FileSystem& files) {
    std::vector<std::string> left;
    const std::vector<std::string> texts = texts_of(step, files);
    for (const std::string& path : step.files) {
        if (!files.status(path)) continue;
        if (is_named(texts, path)) {
            left.push_back(path + " stays: an options file names it");
        } else {
            files.remove_durably(path);
        }
    }
    for (const std::string& directory : step.directories) {
        const std::optional<FileStatus> status = files.status(directory);
        if (!status || status->type != FileType::directory) continue;
        if (!files.list(directory).empty()) {
            left.push_back(directory + " stays: it is not empty");
        } else if (!is_named(texts, directory)) {
            files.remove_tree(directory);
        }
    }
    return left;
}

} // namespace

void prepare(const ClearOldPlaces&, Captures&, StepContext&) {}

Performed perform(const ClearOldPlaces&, Captures&, StepContext&) {
    return {};
}

void undo(const ClearOldPlaces&, Captures&, StepContext&) {}

std::vector<std::string> clean_up(const ClearOldPlaces& step, StepContext& context) {
    std::vector<std::string> left = clear_files(step, context.platform.files);
    SettingsStore& settings = context.platform.settings;
    for (const std::string& key : step.settings)
        if (!settings.read(key).empty()) settings.write(key, {});
    for (const std::string& key : step.settings)
        clear_empty_keys_above(key, settings);
    return left;
}

std::string describe(const ClearOldPlaces& step) {
    std::string text = "once all is verified: take away what the old client alone used:";
    for (const std::string& path : step.files)
        text += " " + path;
    for (const std::string& key : step.settings)
        text += " " + key;
    return text;
}

std::string describe_undo(const ClearOldPlaces&) {
    return "";
}

} // namespace autodeploy
