#pragma once

#include <string>
#include <string_view>

namespace autodeploy {

struct DecodedText {
    std::string text; ///< UTF-8, without a byte order mark
    std::string encoding;
};

/// Texts of administrators: UTF-8, UTF-16 with or without a byte order mark, else single bytes, taken as
/// Windows-1252, which holds all of Latin-1.
/// Never fails: what is broken becomes U+FFFD.
DecodedText decode_text(std::string_view bytes);
/// The bytes that a part of a "single-byte" text was decoded from.
std::string encode_single_bytes(std::string_view text);

} // namespace autodeploy
