#include "installer/step.h"

#include "installer/client/empty_keys.h"
#include "installer/json_fields.h"
#include "platform/error.h"
#include "platform/platform.h"

namespace autodeploy {

namespace {

Json as_they_are(const BackUpSettings& step, StepContext& context) {
    Json trees = Json::Object{};
    for (const std::string& key : step.keys)
        trees[key] = to_json(context.platform.settings.read(key));
    return trees;
}

} // namespace

void prepare(const BackUpSettings& step, Captures& captures, StepContext& context) {
    captures.save("before", as_they_are(step, context));
}

Performed perform(const BackUpSettings& step, Captures& captures, StepContext& context) {
    captures.save("stopped", as_they_are(step, context));
    return {};
}

void undo(const BackUpSettings& step, Captures& captures, StepContext& context) {
    // Nothing of the settings is changed by anybody of ours before they were captured again.
    const std::optional<Json> trees = captures.load("stopped");
    if (!trees) return;
    SettingsStore& settings = context.platform.settings;
    std::string failures;
    for (const std::string& key : step.keys) {
        try {
            const auto before = from_json<SettingsStore::Tree>(trees->at(key));
            if (settings.read(key) != before) settings.write(key, before);
            // A key that was not there may have been the only reason for those above it.
            if (before.empty()) clear_empty_keys_above(key, settings);
        } catch (const Error& error) {
            failures += (failures.empty() ? "" : "; ") + std::string(error.what());
        }
    }
    if (!failures.empty()) throw Error("settings_not_restored", failures);
}

std::string describe(const BackUpSettings& step) {
    std::string text = "back up settings of the services and nodes:";
    for (const std::string& key : step.keys)
        text += " " + key;
    return text;
}

std::string describe_undo(const BackUpSettings&) {
    return "make them exactly as they were";
}

} // namespace autodeploy
