#include "platform/windows/registry_value.h"

#include "platform/windows/utf16.h"

#include <algorithm>

namespace autodeploy {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

/// Empty if it is no hex.
std::string bytes_of(std::string_view hex) {
    std::string bytes;
    for (; hex.size() >= 2; hex.remove_prefix(2)) {
        const std::size_t high = digits.find(hex[0]);
        const std::size_t low = digits.find(hex[1]);
        if (high == std::string_view::npos || low == std::string_view::npos) return {};
        bytes += char(high * digits.size() + low);
    }
    return bytes;
}

/// The UTF-8 of what stands behind the type.
std::string content_of(std::string_view hex) {
    return utf8_of_utf16(bytes_of(hex));
}

} // namespace

std::string registry_value_of(std::string_view text) {
    std::string value = "1:";
    for (const char c : utf16_of_utf8(text) + std::string(2, '\0')) {
        const auto byte = static_cast<unsigned char>(c);
        value += digits[byte >> 4];
        value += digits[byte & 0xF];
    }
    return value;
}

std::string text_of_registry_value(std::string_view value) {
    if (!value.starts_with("1:") && !value.starts_with("2:")) return {};
    const std::string content = content_of(value.substr(2));
    return content.substr(0, content.find('\0'));
}

std::vector<std::string> texts_of_registry_value(std::string_view value) {
    std::vector<std::string> texts;
    if (!value.starts_with("7:")) return texts;
    const std::string content = content_of(value.substr(2));
    for (std::size_t at = 0; at < content.size();) {
        const std::size_t end = std::min(content.find('\0', at), content.size());
        if (end > at) texts.push_back(content.substr(at, end - at));
        at = end + 1;
    }
    return texts;
}

std::optional<std::uint32_t> number_of_registry_value(std::string_view value) {
    if (!value.starts_with("4:")) return std::nullopt;
    const std::string bytes = bytes_of(value.substr(2));
    if (bytes.size() != 4) return std::nullopt;
    std::uint32_t number = 0;
    for (std::size_t i = bytes.size(); i-- > 0;)
        number = number << 8 | static_cast<unsigned char>(bytes[i]);
    return number;
}

} // namespace autodeploy
