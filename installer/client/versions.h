#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace autodeploy {

/// A level of the client, as the vendor counts: version, release, modification, fix. "8.1.27.0"
struct ClientVersion {
    int version = 0;
    int release = 0;
    int modification = 0;
    int fix = 0;

    auto operator<=>(const ClientVersion&) const = default;
};

/// "8.1.27.0"
std::string text(const ClientVersion& version);

/// Exactly V.R.M.F, each part at most 9999. Nothing for anything else.
std::optional<ClientVersion> parse_client_version(std::string_view text);

/// As native tools write it: rpm and deb "8.1.27-0", AIX and MSI "8.1.27.0", an epoch in front ignored.
std::optional<ClientVersion> parse_package_version(std::string_view text);

/// From what the client says of itself: "Client Version 8, Release 1, Level 27.0". Translated words do not matter, the
/// four numbers do. The client's line is taken, never the server's.
std::optional<ClientVersion> parse_client_banner(std::string_view output);
/// The server's line behind "Session established", if there was a session.
std::optional<ClientVersion> parse_server_banner(std::string_view output);

/// From the vendor's file name: "8.1.27.0-TIV-TSMBAC-LinuxX86_DEB.tar".
std::optional<ClientVersion> parse_file_name_version(std::string_view name);

} // namespace autodeploy
