#pragma once

#include "platform/settings_store.h"

namespace autodeploy {

/// The registry of this machine in both views: "HKLM64\…" and "HKLM32\…". Names compare as Windows compares them; a
/// name is stored as it is given. What another process changes meanwhile may or may not be seen.
class RegistryStore final : public SettingsStore {
  public:
    Tree read(const std::string& key) override;
    /// Removes first what is not wanted, then sets what differs; an empty tree removes the key. May be called again
    /// after a crash in its middle.
    void write(const std::string& key, const Tree& tree) override;
};

} // namespace autodeploy
