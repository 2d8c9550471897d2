#pragma once

#include "installer/utf8.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace autodeploy {

/// Text of others, for a terminal: what is no printable character (escape sequences, other encodings) becomes "?", and
/// of more than `most` bytes the beginning is shown.
inline std::string printable(std::string_view text, std::size_t most) {
    constexpr std::uint32_t first_printable = 0x20;
    constexpr std::uint32_t first_control = 0x7f; // and those of Latin-1 behind it
    constexpr std::uint32_t last_control = 0x9f;
    std::string shown;
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (shown.size() + std::max<std::size_t>(1, length) > most) return shown + "…";
        const std::uint32_t code = length == 0 ? first_control : utf8_code(text.substr(0, length));
        const bool control = code < first_printable || (code >= first_control && code <= last_control);
        if (control)
            shown += '?';
        else
            shown += text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(1, length));
    }
    return shown;
}

} // namespace autodeploy
