#include "platform/windows/utf16.h"

#include <cstdint>

namespace autodeploy {

namespace {

constexpr std::uint32_t replacement = 0xFFFD;

void add_utf8(std::string& text, std::uint32_t c) {
    if (c < 0x80) {
        text += char(c);
        return;
    }
    const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    constexpr std::uint32_t first[] = {0, 0xC0, 0xE0, 0xF0};
    text += char(first[more] | (c >> (6 * more)));
    for (int left = more - 1; left >= 0; --left)
        text += char(0x80 | ((c >> (6 * left)) & 0x3F));
}

struct Decoded {
    std::uint32_t character = replacement;
    std::size_t size = 1;
    bool valid = false;
};

Decoded decode_utf8(std::string_view text) {
    const auto at = [&](std::size_t i) { return std::uint32_t(static_cast<unsigned char>(text[i])); };
    if (at(0) < 0x80) return {at(0), 1, true};
    const std::size_t size = at(0) >= 0xF0 ? 4 : at(0) >= 0xE0 ? 3 : 2;
    if (at(0) < 0xC2 || at(0) > 0xF4 || text.size() < size) return {};
    std::uint32_t c = at(0) & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        if ((at(i) & 0xC0) != 0x80) return {};
        c = c << 6 | (at(i) & 0x3F);
    }
    constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (c < smallest[size] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return {};
    return {c, size, true};
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const Decoded next = decode_utf8(text);
        if (!next.valid) return false;
        text.remove_prefix(next.size);
    }
    return true;
}

} // namespace

std::string utf8_of_utf16(std::string_view bytes) {
    std::string text;
    const auto unit = [&](std::size_t i) {
        return std::uint32_t(static_cast<unsigned char>(bytes[i])) |
               std::uint32_t(static_cast<unsigned char>(bytes[i + 1])) << 8;
    };
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        std::uint32_t c = unit(i);
        if (c >= 0xD800 && c < 0xE000) {
            const std::uint32_t low = i + 3 < bytes.size() ? unit(i + 2) : 0;
            if (c < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
                c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
                i += 2;
            } else {
                c = replacement;
            }
        }
        add_utf8(text, c);
    }
    return text;
}

std::string utf16_of_utf8(std::string_view text) {
    std::string bytes;
    const auto add = [&](std::uint32_t unit) {
        bytes += char(unit & 0xFF);
        bytes += char(unit >> 8);
    };
    while (!text.empty()) {
        const Decoded next = decode_utf8(text);
        if (next.character >= 0x10000) {
            add(0xD800 + ((next.character - 0x10000) >> 10));
            add(0xDC00 + ((next.character - 0x10000) & 0x3FF));
        } else {
            add(next.character);
        }
        text.remove_prefix(next.size);
    }
    return bytes;
}

std::string text_of_tool_file(std::string_view bytes) {
    if (bytes.starts_with("\xFF\xFE")) return utf8_of_utf16(bytes.substr(2));
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    if (is_utf8(bytes)) return std::string(bytes);
    std::string text;
    for (const char c : bytes)
        add_utf8(text, static_cast<unsigned char>(c));
    return text;
}

std::size_t whole_letters(std::string_view text) {
    for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if (byte >= 0x80 && byte < 0xC0) continue;
        const std::size_t size = byte < 0xC0 || byte >= 0xF8 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
        return size > back ? text.size() - back : text.size();
    }
    return text.size();
}

} // namespace autodeploy
