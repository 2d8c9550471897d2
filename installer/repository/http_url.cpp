#include "installer/repository/http_url.h"

#include "installer/repository/http_head.h"
#include "platform/error.h"

#include <algorithm>

namespace autodeploy {
namespace {

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_address_character(char c) {
    return (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == ':' || c == '.';
}

/// A path as a request line may hold it; a query only where a redirect adds one.
bool is_path(std::string_view path, bool query) {
    return std::all_of(path.begin(), path.end(), [&](char c) {
        return c > 0x20 && c < 0x7f && c != '#' && c != '\\' && c != '"' && c != '<' && c != '>' && (query || c != '?');
    });
}

HttpUrl parse(std::string_view text, bool query, const std::string& shown) {
    const auto refuse = [&](const std::string& reason) {
        throw Error("settings_invalid", "cannot use the address \"" + shown + "\": " + reason);
    };
    HttpUrl url;
    if (text.starts_with("http://")) {
        url.tls = false;
        url.port = 80;
    } else if (!text.starts_with("https://")) {
        refuse("it begins with neither https:// nor http://");
    }
    text.remove_prefix(url.tls ? 8 : 7);
    const std::size_t slash = std::min(text.find('/'), text.size());
    std::string_view server = text.substr(0, slash);
    url.path = text.substr(slash);
    while (url.path.ends_with('/') && !query)
        url.path.pop_back();
    if (!is_path(url.path, query)) refuse("its path holds a character that has to be escaped, a query or a fragment");

    if (const std::size_t at = server.rfind('@'); at != std::string_view::npos) {
        url.user = server.substr(0, at);
        server.remove_prefix(at + 1);
    }
    std::string_view port;
    const bool bracketed = server.starts_with('[');
    const std::size_t host_end = bracketed ? server.find(']') : std::min(server.find(':'), server.size());
    if (host_end == std::string_view::npos) refuse("a bracket is not closed");
    url.host = server.substr(bracketed ? 1 : 0, host_end - (bracketed ? 1 : 0));
    std::transform(url.host.begin(), url.host.end(), url.host.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    port = server.substr(host_end + (bracketed ? 1 : 0));
    if (url.host.empty() || url.host.size() > 253 ||
        !std::all_of(url.host.begin(), url.host.end(), bracketed ? is_address_character : is_host_character))
        refuse("its host is not a name or an address");
    if (!port.empty()) {
        const auto number = port.starts_with(':') ? http_number(port.substr(1)) : std::nullopt;
        if (!number || *number == 0 || *number > 65535) refuse("its port is not a number from 1 to 65535");
        url.port = std::uint16_t(*number);
    }
    return url;
}

} // namespace

std::string HttpUrl::authority() const {
    const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return port == (tls ? 443 : 80) ? name : name + ":" + std::to_string(port);
}

std::string HttpUrl::text() const {
    return (tls ? "https://" : "http://") + authority() + path;
}

HttpUrl parse_http_url(std::string_view text) {
    const std::size_t at = text.rfind('@');
    const std::size_t scheme = text.find("://");
    // A password is never shown, whatever is wrong with the rest.
    const bool secret = at != std::string_view::npos && scheme != std::string_view::npos && at > scheme;
    return parse(text, false,
                 secret ? std::string(text.substr(0, scheme + 3)) + "…" + std::string(text.substr(at))
                        : std::string(text));
}

HttpUrl redirected(const HttpUrl& from, std::string_view location) {
    const auto refuse = [&](const std::string& reason) {
        throw Error("transport_refused", "cannot follow the redirect of " + from.text() + ": " + reason);
    };
    HttpUrl to = from;
    if (location.starts_with('/') && !location.starts_with("//")) {
        if (!is_path(location, true)) refuse("its address is malformed");
        to.path = location;
        return to;
    }
    try {
        to = parse(location, true, "");
    } catch (const Error&) {
        refuse("its address is not a full one, or not of a kind that is followed");
    }
    if (to.tls != from.tls || to.host != from.host || to.port != from.port || !to.user.empty())
        refuse("it leads to another server, " + to.authority() + "; name that as a mirror if it is one");
    return to;
}

} // namespace autodeploy
