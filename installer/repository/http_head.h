#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace autodeploy {

/// No answer's head may be longer; what comes from a server is cut off there.
inline constexpr std::size_t http_head_limit = 32768;

/// Status line and fields of an HTTP/1.x answer.
struct HttpHead {
    int status = 0;                            ///< 100 to 599
    bool persistent = false;                   ///< HTTP/1.1 without "Connection: close"
    std::map<std::string, std::string> fields; ///< names in lower case; values without white space around them

    /// The field's value; nothing where it was not sent.
    std::optional<std::string> field(const std::string& name) const;
};

/// Size of the head that text begins with, its empty line included; 0 while that has not arrived. Throws Error
/// transport_failed if there is none within http_head_limit.
std::size_t http_head_size(std::string_view text);

/// Reads what http_head_size measured. Strict: folded lines, control characters, and fields that say twice, in two
/// ways, how long the body is or what it holds throw Error transport_failed.
HttpHead parse_http_head(std::string_view head);

/// One to eighteen digits and nothing else; otherwise nothing.
std::optional<std::uint64_t> http_number(std::string_view digits);

} // namespace autodeploy
