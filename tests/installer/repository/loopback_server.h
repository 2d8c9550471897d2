#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// What a test's server was asked.
struct ServerRequest {
    std::string text;   ///< the whole head as it came
    std::string path;   ///< between the method and HTTP/1.1, as it came
    int number = 0;     ///< 1 for the first request that the server got
    int connection = 0; ///< 1 for the first connection
    /// The field's value; "" if it was not sent.
    std::string field(const std::string& name) const;
};

/// The server's side of one connection.
class ServerConnection {
  public:
    ServerConnection() = default;
    ServerConnection(const ServerConnection&) = delete;
    ServerConnection& operator=(const ServerConnection&) = delete;
    virtual ~ServerConnection() = default;

    /// False when the client is gone.
    virtual bool send(std::string_view bytes) = 0;
    /// Status line, Content-Length, fields (each with its line's end), body.
    void answer(const std::string& status, std::string_view body, const std::string& fields = "");
    /// Waits until the client is gone or the server is stopped.
    virtual void wait_for_end() = 0;
    /// The same, but at most that long; true if it ended.
    virtual bool ended_within(int milliseconds) = 0;
    /// Passes bytes both ways, as a proxy does, until either end is gone.
    virtual void forward_to(std::uint16_t port) = 0;
};

struct ServerTls {
    std::string certificate; ///< a name in Certificates
    bool demands_client = false;
    bool only_tls_1_1 = false;
};

/// An HTTP server on 127.0.0.1 that does what a test tells it, lies included. After each call of the handler the
/// connection waits for the next request, unless close is returned, or drop: then it ends without a word of TLS.
class LoopbackServer {
  public:
    enum class Then { keep, close, drop };
    using Handler = std::function<Then(const ServerRequest&, ServerConnection&)>;

    explicit LoopbackServer(Handler handler);
    LoopbackServer(const ServerTls& tls, Handler handler);
    LoopbackServer(const LoopbackServer&) = delete;
    LoopbackServer& operator=(const LoopbackServer&) = delete;
    ~LoopbackServer();

    /// "https://localhost:PORT" or "http://127.0.0.1:PORT"
    std::string url() const;
    std::uint16_t port() const;
    std::vector<ServerRequest> requests() const;
    int connections() const;

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

/// What an honest server does with a file: whole or the range that is asked for, with If-Range.
LoopbackServer::Then serve_file(const ServerRequest& request, ServerConnection& connection, std::string_view content,
                                const std::string& etag);

} // namespace autodeploy
