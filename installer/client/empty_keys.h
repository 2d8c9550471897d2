#pragma once

#include "platform/settings_store.h"

#include <string>

namespace autodeploy {

/// Takes away the keys above this one that hold no value, not even below, as far as they are those of the client's
/// product family: its installer, or whoever writes a key, makes them and may leave them. Errors of the store.
void clear_empty_keys_above(std::string key, SettingsStore& settings);

} // namespace autodeploy
