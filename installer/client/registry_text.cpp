#include "installer/client/registry_text.h"

#include "installer/client/text_encoding.h"
#include "installer/utf8.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>

namespace autodeploy {

std::string registry_text(std::string_view value) {
    const std::size_t colon = value.find(':');
    if (colon == std::string_view::npos) return {};
    const std::string_view type = value.substr(0, colon);
    if (type != "1" && type != "2" && type != "REG_SZ" && type != "REG_EXPAND_SZ") return {};
    const std::string_view hex = value.substr(colon + 1);
    std::string bytes = "\xFF\xFE"; // the registry has no byte order mark, and it always is this order
    for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
        unsigned byte = 0;
        if (std::from_chars(hex.data() + at, hex.data() + at + 2, byte, 16).ec != std::errc{}) return {};
        bytes.push_back(static_cast<char>(static_cast<unsigned char>(byte)));
    }
    std::string text = decode_text(bytes).text;
    while (!text.empty() && text.back() == '\0')
        text.pop_back();
    return text;
}

std::string with_registry_text(std::string_view value, std::string_view text) {
    std::string result(value.substr(0, value.find(':') + 1));
    const auto put = [&result](std::uint32_t unit) {
        constexpr const char* digits = "0123456789abcdef";
        for (const unsigned shift : {4U, 0U, 12U, 8U})
            result += digits[unit >> shift & 0xF];
    };
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const std::uint32_t code = length == 0 ? 0xFFFD : utf8_code(text.substr(0, length));
        if (code < 0x10000) {
            put(code);
        } else {
            put(0xD800 + ((code - 0x10000) >> 10));
            put(0xDC00 + ((code - 0x10000) & 0x3FF));
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    put(0);
    return result;
}

} // namespace autodeploy
