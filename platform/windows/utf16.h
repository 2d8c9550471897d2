#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace autodeploy {

/// The UTF-8 of UTF-16 in the order of bytes that Windows stores; a lone surrogate becomes U+FFFD, an odd last byte is
/// left out.
std::string utf8_of_utf16(std::string_view bytes);
/// The other way round; whatever is no UTF-8 becomes U+FFFD.
std::string utf16_of_utf8(std::string_view text);

/// The text of a file that a tool wrote: UTF-16 or UTF-8 by its byte order mark; without one UTF-8, or else each byte
/// that is not ASCII one character of Latin-1, as the code page is not known.
std::string text_of_tool_file(std::string_view bytes);

/// How many bytes of UTF-8 to take so that no letter is cut; the rest is the beginning of one more. Bytes that begin no
/// letter are taken.
std::size_t whole_letters(std::string_view text);

} // namespace autodeploy
