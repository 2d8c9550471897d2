#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace autodeploy {

/// An address of a server. The path is what stood there: nothing is ever decoded, so an escaped slash stays one.
struct HttpUrl {
    bool tls = true;
    std::string host; ///< lower case; an IPv6 address without brackets
    std::uint16_t port = 443;
    std::string path; ///< "" or begins with '/'; without a slash at its end
    std::string user; ///< "name:password" before an '@'; only a proxy may have one

    bool operator==(const HttpUrl&) const = default;
    /// "host:port" as requests and certificates' readers write it; the port is left out where it is the scheme's.
    std::string authority() const;
    /// "https://host:port/path", without user.
    std::string text() const;
};

/// Throws Error settings_invalid: another scheme than https and http, no host, query, fragment, a character that does
/// not belong there.
HttpUrl parse_http_url(std::string_view text);

/// Where a redirect leads, seen from the address that was asked: an absolute or a rooted address on the same server
/// with the same scheme. Throws Error transport_refused for any other.
HttpUrl redirected(const HttpUrl& from, std::string_view location);

} // namespace autodeploy
