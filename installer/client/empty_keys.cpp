#include "installer/client/empty_keys.h"

#include "installer/client/layout.h"

#include <algorithm>

namespace autodeploy {

namespace {

bool has_values(const SettingsStore::Tree& tree) {
    return std::any_of(tree.begin(), tree.end(), [](const auto& key) { return !key.second.empty(); });
}

} // namespace

void clear_empty_keys_above(std::string key, SettingsStore& settings) {
    while (key.rfind('\\') != std::string::npos) {
        key.erase(key.rfind('\\'));
        if (!is_of_family(key)) return;
        const SettingsStore::Tree tree = settings.read(key);
        if (has_values(tree)) return;
        if (!tree.empty()) settings.write(key, {});
    }
}

} // namespace autodeploy
