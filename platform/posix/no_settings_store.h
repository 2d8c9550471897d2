#pragma once

#include "platform/settings_store.h"

namespace autodeploy {

/// Unix keeps its settings in files.
class NoSettingsStore final : public SettingsStore {
  public:
    Tree read(const std::string&) override { return {}; }
    void write(const std::string&, const Tree&) override {}
};

} // namespace autodeploy
