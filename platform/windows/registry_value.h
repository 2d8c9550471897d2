#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// A REG_SZ as SettingsStore keeps values.
std::string registry_value_of(std::string_view text);
/// The text of a REG_SZ or REG_EXPAND_SZ up to its first NUL; empty for any other type and for a damaged value.
std::string text_of_registry_value(std::string_view value);
/// The texts of a REG_MULTI_SZ; none for any other type.
std::vector<std::string> texts_of_registry_value(std::string_view value);
/// A REG_DWORD; nothing for any other type and for a damaged value.
std::optional<std::uint32_t> number_of_registry_value(std::string_view value);

} // namespace autodeploy
