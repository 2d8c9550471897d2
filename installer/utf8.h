#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace autodeploy {

/// code: a Unicode scalar value.
inline void append_utf8(std::string& text, std::uint32_t code) {
    const auto put = [&text](std::uint32_t byte) {
        text.push_back(static_cast<char>(static_cast<unsigned char>(byte)));
    };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0 | code >> 6);
        put(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        put(0xE0 | code >> 12);
        put(0x80 | (code >> 6 & 0x3F));
        put(0x80 | (code & 0x3F));
    } else {
        put(0xF0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3F));
        put(0x80 | (code >> 6 & 0x3F));
        put(0x80 | (code & 0x3F));
    }
}

/// How many bytes the first character has: shortest form, no surrogate, not above U+10FFFF; 0 where no whole character
/// of UTF-8 is in front.
inline std::size_t utf8_length(std::string_view bytes) {
    const auto byte_at = [bytes](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
    if (bytes.empty()) return 0;
    const unsigned first = byte_at(0);
    const std::size_t length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (first > 0xF4 || bytes.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte_at(i) & 0xC0) != 0x80) return 0;
    const unsigned second = length > 1 ? byte_at(1) : 0;
    const bool out_of_range = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                              (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
    return out_of_range ? 0 : length;
}

/// Of one whole character, as utf8_length tells it.
inline std::uint32_t utf8_code(std::string_view character) {
    const auto first = static_cast<unsigned char>(character[0]);
    std::uint32_t code = character.size() == 1 ? first : first & (0x7FU >> character.size());
    for (const char c : character.substr(1))
        code = code << 6 | (static_cast<unsigned char>(c) & 0x3FU);
    return code;
}

/// How many bytes from the front are whole characters of UTF-8.
inline std::size_t utf8_prefix(std::string_view bytes) {
    std::size_t at = 0;
    while (const std::size_t length = utf8_length(bytes.substr(at)))
        at += length;
    return at;
}

} // namespace autodeploy
