#include "installer/client/registered_client.h"

#include "installer/client/ascii.h"
#include "installer/client/layout.h"
#include "installer/client/registry_text.h"
#include "platform/settings_store.h"

#include <algorithm>
#include <array>

namespace autodeploy {

namespace {

/// The 64-bit one first.
constexpr std::array<const char*, 2> views{"HKLM64\\SOFTWARE\\", "HKLM32\\SOFTWARE\\"};
const std::string client_key = "IBM\\ADSM\\CurrentVersion\\BackupClient";

/// Texts of that name in the key of both views; of the keys below it none.
std::vector<std::string> texts_of(SettingsStore& settings, const std::string& below, std::string_view wanted) {
    std::vector<std::string> texts;
    for (const char* view : views) {
        const std::string key = view + below;
        const SettingsStore::Tree tree = settings.read(key);
        const auto values = std::find_if(tree.begin(), tree.end(),
                                         [&key](const auto& entry) { return same_ignoring_case(entry.first, key); });
        if (values == tree.end()) continue;
        for (const auto& [name, value] : values->second)
            if (same_ignoring_case(name, wanted)) texts.push_back(registry_text(value));
    }
    std::erase(texts, "");
    return texts;
}

} // namespace

std::vector<std::string> registered_paths(SettingsStore& settings, const std::string& key) {
    std::vector<std::string> paths;
    for (std::string path : texts_of(settings, key, "Path")) {
        while (path.size() > 1 && path.back() == '\\')
            path.pop_back();
        const bool known = std::any_of(paths.begin(), paths.end(),
                                       [&path](const std::string& other) { return same_ignoring_case(path, other); });
        if (!known) paths.push_back(path);
    }
    return paths;
}

std::vector<std::string> registered_client_directories(SettingsStore& settings) {
    return registered_paths(settings, client_key);
}

std::vector<std::string> possible_client_directories(SettingsStore& settings, std::string_view system,
                                                     const std::vector<std::string>& of_administrator) {
    std::vector<std::string> directories = of_administrator;
    for (const auto& more : {registered_client_directories(settings), client_directories(system, ClientPlace::program)})
        directories.insert(directories.end(), more.begin(), more.end());
    return directories;
}

std::string key_of_old_passwords(SettingsStore& settings, const std::string& node) {
    for (const char* view : views) {
        std::string key = view + std::string("IBM\\ADSM\\CurrentVersion\\Nodes\\") + node;
        const SettingsStore::Tree servers = settings.read(key);
        if (std::any_of(servers.begin(), servers.end(), [&](const auto& one) { return one.first.size() > key.size(); }))
            return key;
    }
    return {};
}

std::string registered_options_file(SettingsStore& settings, const std::string& service) {
    const std::vector<std::string> files =
        texts_of(settings, client_key + "\\Scheduler Service\\" + service, "clientoptfile");
    return files.empty() ? std::string() : files.front();
}

} // namespace autodeploy
