#pragma once

#include <string>
#include <string_view>

namespace autodeploy {

/// The text of a value of SettingsStore ("1:54004500…": REG_SZ or REG_EXPAND_SZ, UTF-16LE in hex); empty for other
/// types.
std::string registry_text(std::string_view value);
/// A value of the same type with this text (UTF-8) in it.
std::string with_registry_text(std::string_view value, std::string_view text);

} // namespace autodeploy
