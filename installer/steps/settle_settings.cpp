#include "installer/step.h"

#include "installer/client/ascii.h"
#include "installer/client/registry_text.h"
#include "installer/client/relocation.h"
#include "installer/json_fields.h"
#include "platform/error.h"
#include "platform/platform.h"

#include <algorithm>

namespace autodeploy {

namespace {

using Tree = SettingsStore::Tree;

/// Names of keys and values are the same whatever their letters' case.
template<class Map> auto& entry(Map& map, const std::string& name) {
    const auto found =
        std::find_if(map.begin(), map.end(), [&](const auto& one) { return same_ignoring_case(one.first, name); });
    return found == map.end() ? map[name] : found->second;
}

std::string in_new_place(const SettleSettings& step, const std::string& value) {
    const std::string text = registry_text(value);
    std::vector<Relocation> relocations;
    for (const FileMove& directory : step.directories)
        relocations.push_back({directory.from, directory.to});
    const std::string moved = relocated_text(relocations, text);
    return moved == text ? value : with_registry_text(value, moved);
}

/// What is to be below the new key: what lay below the old one, and what the packages brought beside it.
Tree settled(const SettleSettings& step, const FileMove& key, const Tree& captured, Tree now) {
    for (const auto& [name, values] : captured) {
        auto& there = entry(now, key.to + name.substr(key.from.size()));
        for (const auto& [value_name, value] : values)
            entry(there, value_name) = in_new_place(step, value);
    }
    return now;
}

} // namespace

void prepare(const SettleSettings&, Captures&, StepContext&) {}

Performed perform(const SettleSettings& step, Captures& captures, StepContext& context) {
    const std::optional<Captures> backup = captures_of_kind(context, "back-up-settings");
    const std::optional<Json> trees = backup ? backup->load("stopped") : std::nullopt;
    if (!trees) throw Error("capture_damaged", "cannot settle the client's settings: their backup is not to be found");
    SettingsStore& settings = context.platform.settings;
    Json::Array notes;
    for (const FileMove& key : step.keys) {
        const Tree now = settings.read(key.to);
        const Tree wanted = settled(step, key, from_json<Tree>(trees->at(key.from)), now);
        if (wanted == now) continue;
        settings.write(key.to, wanted);
        if (key.from == key.to)
            notes.emplace_back(key.to + " was changed by the packages' own scripts and was put back as it was");
    }
    captures.save("notes", notes);
    return {};
}

void undo(const SettleSettings&, Captures&, StepContext&) {}

std::string describe(const SettleSettings& step) {
    std::string text = "settings of the services and nodes to where the new client looks for them:";
    for (const FileMove& key : step.keys)
        text += " " + (key.from == key.to ? key.to : key.from + " -> " + key.to);
    return text;
}

std::string describe_undo(const SettleSettings&) {
    return "with the backup of the settings";
}

} // namespace autodeploy
