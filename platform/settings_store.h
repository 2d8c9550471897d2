#pragma once

#include <map>
#include <string>

namespace autodeploy {

/// Settings of the system that are not files: Windows' registry, in both views. Unix has none: everything is empty
/// there. A key is "HKLM64\SOFTWARE\…" or "HKLM32\SOFTWARE\…"; a value is its type, a colon, and its bytes in hex, so
/// that any comes back as it was. Throws Error access_denied, io_error.
class SettingsStore {
  public:
    SettingsStore() = default;
    SettingsStore(const SettingsStore&) = delete;
    SettingsStore& operator=(const SettingsStore&) = delete;
    virtual ~SettingsStore() = default;

    /// Key → value name → value, for the key and all below it; empty if there is no such key.
    using Tree = std::map<std::string, std::map<std::string, std::string>>;
    virtual Tree read(const std::string& key) = 0;
    /// Makes the tree below key exactly so.
    virtual void write(const std::string& key, const Tree& tree) = 0;
};

} // namespace autodeploy
