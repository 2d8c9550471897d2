#include "installer/client/text_encoding.h"

#include "installer/utf8.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace autodeploy {

namespace {

constexpr std::uint32_t replacement = 0xFFFD;

/// What Windows-1252 has at 80 to 9F, where Latin-1 has nothing that a text would hold. What stands nowhere in it
/// stays.
constexpr std::array<std::uint16_t, 32> windows_letters = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}

std::string from_utf16(std::string_view bytes, bool big_endian) {
    const auto unit_at = [&](std::size_t at) {
        const std::uint32_t first = byte_at(bytes, at);
        const std::uint32_t second = byte_at(bytes, at + 1);
        return big_endian ? first << 8 | second : second << 8 | first;
    };
    std::string text;
    for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
        const std::uint32_t unit = unit_at(at);
        const bool high = unit >= 0xD800 && unit < 0xDC00;
        const std::uint32_t next = high && at + 3 < bytes.size() ? unit_at(at + 2) : 0;
        if (next >= 0xDC00 && next < 0xE000) {
            append_utf8(text, 0x10000 + ((unit - 0xD800) << 10) + (next - 0xDC00));
            at += 2;
        } else {
            append_utf8(text, unit >= 0xD800 && unit < 0xE000 ? replacement : unit);
        }
    }
    if (bytes.size() % 2 != 0) append_utf8(text, replacement);
    return text;
}

/// Without a byte order mark: Latin letters in UTF-16 have a zero in every second byte.
bool zeros_at(std::string_view bytes, std::size_t offset) {
    if (bytes.size() < 4) return false;
    std::size_t zeros = 0;
    for (std::size_t at = offset; at < bytes.size(); at += 2)
        if (bytes[at] == '\0') ++zeros;
    return zeros * 4 > bytes.size(); // more than half of them
}

} // namespace

DecodedText decode_text(std::string_view bytes) {
    const bool marked = bytes.starts_with("\xEF\xBB\xBF");
    if (marked) bytes.remove_prefix(3);
    if (!marked && bytes.starts_with("\xFF\xFE")) return {from_utf16(bytes.substr(2), false), "UTF-16LE"};
    if (!marked && bytes.starts_with("\xFE\xFF")) return {from_utf16(bytes.substr(2), true), "UTF-16BE"};
    if (!marked && zeros_at(bytes, 1)) return {from_utf16(bytes, false), "UTF-16LE"};
    if (!marked && zeros_at(bytes, 0)) return {from_utf16(bytes, true), "UTF-16BE"};
    if (utf8_prefix(bytes) == bytes.size()) return {std::string(bytes), "UTF-8"};
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        const std::uint32_t byte = byte_at(bytes, at);
        append_utf8(text, byte >= 0x80 && byte < 0xA0 ? windows_letters[byte - 0x80] : byte);
    }
    return {std::move(text), "single-byte"};
}

std::string encode_single_bytes(std::string_view text) {
    std::string bytes;
    while (!text.empty()) {
        const bool two = utf8_length(text) == 2;
        bytes.push_back(static_cast<char>(two ? byte_at(text, 0) << 6 | (byte_at(text, 1) & 0x3F) : byte_at(text, 0)));
        text.remove_prefix(two ? 2 : 1);
    }
    return bytes;
}

} // namespace autodeploy
