#pragma once

#include "installer/repository/http_patience.h"
#include "installer/repository/http_url.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// Where a connection leads and what it shows and demands there.
struct HttpPeer {
    HttpUrl server;                    ///< its path does not matter here
    std::string ca_file;               ///< PEM, these and no others are trusted; empty: the system's
    std::string client_certificate;    ///< PEM, with what leads to its root; empty: none
    std::string client_key;            ///< PEM, not encrypted; empty: in client_certificate
    std::string proxy;                 ///< "http://[name:password@]host:port"; empty: none
    std::vector<std::string> no_proxy; ///< hosts that are reached directly: "host", ".domain"; loopback always is
};

/// An open connection, plain or TLS. Errors: transport_failed, transport_timed_out, transport_refused (a certificate,
/// ours or theirs). A program that uses one ignores SIGPIPE where there is such a thing.
class HttpConnection {
  public:
    HttpConnection() = default;
    HttpConnection(const HttpConnection&) = delete;
    HttpConnection& operator=(const HttpConnection&) = delete;
    virtual ~HttpConnection() = default;

    virtual void send(std::string_view bytes, HttpPatience& patience) = 0;
    /// At least one byte; 0 where the server has closed.
    virtual std::size_t receive(char* buffer, std::size_t size, HttpPatience& patience) = 0;
};

/// Makes connections to one peer: TLS 1.2 or later, the host's name or address held against its certificate. Without
/// TLS only to an address of this very machine.
class HttpConnector {
  public:
    explicit HttpConnector(HttpPeer peer);
    HttpConnector(const HttpConnector&) = delete;
    HttpConnector& operator=(const HttpConnector&) = delete;
    ~HttpConnector();

    /// Errors as of the connection; settings_invalid where a file of ours cannot be used.
    std::unique_ptr<HttpConnection> connect(HttpPatience& patience);

  private:
    struct Tls;
    bool uses_proxy() const;

    HttpPeer peer_;
    std::unique_ptr<Tls> tls_; ///< made at the first connection
};

} // namespace autodeploy
