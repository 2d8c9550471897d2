#pragma once

#include "installer/repository/http_chunks.h"
#include "installer/repository/http_connection.h"
#include "installer/repository/http_range.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace autodeploy {

struct HttpRequest {
    std::string path; ///< as it goes over the wire: begins with '/', escaped
    HttpRange range;
    bool fresh = false;    ///< no cache on the way may answer
    Milliseconds total{0}; ///< of waiting
};

/// Asks one server for files, one after the other, over a connection that is kept where the server keeps it. Follows at
/// most three redirects on the same server. Every Error names the address; for one thread.
class HttpClient {
  public:
    HttpClient(Clock& clock, HttpPeer peer, const HttpTimeouts& timeouts);
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// Sends the request and reads the answer's head. Gives what it means but for busy and refused, which throw:
    /// ServerBusy; transport_refused. An answer that is not read to its end costs the connection, nothing else.
    HttpMeaning get(const HttpRequest& request);
    /// Of the last answer, if it was HttpMeaning::body.
    const HttpBody& body() const { return body_; }
    /// The next bytes of the body, good until the next call; empty at its end, which has been seen to be whole.
    std::string_view next();

  private:
    HttpMeaning ask(const HttpRequest& request, const HttpUrl& url);
    HttpHead exchange(const std::string& request);
    HttpHead receive_head();
    bool fill();
    std::string_view next_piece();
    void finish();
    template<class Call> auto naming(Call&& call);

    Clock& clock_;
    HttpUrl server_;
    HttpTimeouts timeouts_;
    HttpConnector connector_;
    std::unique_ptr<HttpConnection> connection_;
    bool reusable_ = false; ///< the last answer was read to its end and the server keeps the connection
    std::optional<HttpPatience> patience_;
    std::string asked_; ///< the address, for messages

    std::array<char, 65536> buffer_{};
    std::string_view received_; ///< of buffer_, not used yet
    HttpBody body_;
    std::uint64_t left_ = 0; ///< of a body whose length is known
    HttpChunks chunks_;
    bool ended_ = true;
    bool persistent_ = false;
};

} // namespace autodeploy
