#include "installer/client/registry_text.h"

#include "installer/client/text_encoding.h"

#include <charconv>
#include <cstddef>

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

} // namespace autodeploy
