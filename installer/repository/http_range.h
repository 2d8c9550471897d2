#pragma once

#include "installer/repository/http_head.h"
#include "platform/time_units.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace autodeploy {

/// What was asked of a file: its bytes from offset to the end. With a validator, only if it is still that version.
struct HttpRange {
    std::uint64_t offset = 0;
    std::string validator; ///< as http_validator gave it; empty: whatever version there is
};

/// What an answer's status comes to, for a reader of files.
enum class HttpMeaning {
    body,       ///< 200, 206
    missing,    ///< 403, 404, 410
    redirect,   ///< 301, 302, 303, 307, 308
    busy,       ///< 408, 425, 429, 5xx: the same may work later
    stale_part, ///< 412, 416: there is nothing at that offset in this version
    refused,    ///< anything else
};
HttpMeaning http_meaning(int status);

/// How the body of an answer has to be read.
struct HttpBody {
    std::uint64_t offset = 0;            ///< of its first byte in the file
    std::optional<std::uint64_t> length; ///< bytes that follow; nothing: until the body's own end
    std::optional<std::uint64_t> total;  ///< bytes of the whole file, if told
    bool chunked = false;
    std::string validator;      ///< tells this version of the file from others; empty if the server cannot
    bool other_version = false; ///< a part, but of another version than was asked for: not to be used
};

/// For an answer with HttpMeaning::body. Throws Error transport_failed where it contradicts itself or the request: a
/// part that was not asked for or begins elsewhere, a range outside of the file, lengths that disagree, a body that is
/// compressed.
HttpBody http_body(const HttpHead& head, const HttpRange& asked);

/// A strong ETag, else Last-Modified, else empty. Fit to be stored and sent back in If-Range: at most 256 printable
/// characters.
std::string http_validator(const HttpHead& head);
/// Whether a stored text is such a validator.
bool is_http_validator(std::string_view text);

/// How long the server asks to be left alone, by Retry-After in either form; nothing if it does not say.
std::optional<Seconds> http_retry_after(const HttpHead& head, UnixTime now);

} // namespace autodeploy
