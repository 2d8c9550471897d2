#pragma once

#include "installer/repository/http_client.h"
#include "installer/repository/transport.h"

#include <memory>
#include <string>
#include <vector>

namespace autodeploy {

struct HttpsSource {
    /// "https://host:port/path" without the file's name; "http://" only for addresses of this very machine.
    std::string metadata_url;
    std::string targets_url;
    std::string ca_file; ///< as in HttpPeer, and so are the next four
    std::string client_certificate;
    std::string client_key;
    std::string proxy;
    std::vector<std::string> no_proxy;
    HttpTimeouts timeouts;
};

/// The source at "URL/metadata" and "URL/targets", as autodeploy-repository lays it out.
HttpsSource https_source(const std::string& url);

/// Reads from a web server; any static one will do. Files of ours and the network are not touched before the first
/// request. Throws Error settings_invalid for an address that cannot be used.
std::unique_ptr<Transport> https_transport(Clock& clock, const HttpsSource& source);

} // namespace autodeploy
