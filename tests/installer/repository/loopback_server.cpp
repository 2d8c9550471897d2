#include "tests/installer/repository/loopback_server.h"

#include "tests/installer/repository/certificates.h"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/Net.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

namespace autodeploy {

using Poco::Net::Context;
using Poco::Net::SocketAddress;
using Poco::Net::StreamSocket;

namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    return text;
}

/// Windows has no sockets before; and either side may write to a connection that the other has just closed.
void prepare_sockets() {
    Poco::Net::initializeNetwork();
#ifdef SIGPIPE
    std::signal(SIGPIPE, SIG_IGN);
#endif
}

class Connection final : public ServerConnection {
  public:
    Connection(StreamSocket socket, const std::atomic<bool>& stopping)
        : socket_(std::move(socket)), stopping_(stopping) {}

    bool send(std::string_view bytes) override {
        try {
            while (!bytes.empty()) {
                const int sent = socket_.sendBytes(bytes.data(), int(bytes.size()));
                if (sent <= 0) return false;
                bytes.remove_prefix(std::size_t(sent));
            }
            return true;
        } catch (const Poco::Exception&) {
            return false;
        }
    }
    void wait_for_end() override {
        while (!ended_within(5000)) {
        }
    }
    bool ended_within(int milliseconds) override {
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
        try {
            do {
                if (stopping_) return true;
                const auto left =
                    std::chrono::duration_cast<std::chrono::microseconds>(until - std::chrono::steady_clock::now());
                char byte = 0;
                const Poco::Timespan::TimeDiff slice = std::clamp<long long>(left.count(), 0, 20000);
                if (socket_.poll(Poco::Timespan(slice), Poco::Net::Socket::SELECT_READ) &&
                    socket_.receiveBytes(&byte, 1) <= 0)
                    return true;
            } while (std::chrono::steady_clock::now() < until);
            return false;
        } catch (const Poco::Exception&) {
            return true;
        }
    }
    void forward_to(std::uint16_t port) override {
        StreamSocket server(SocketAddress("127.0.0.1", port));
        while (!stopping_ && pass(socket_, server) && pass(server, socket_)) {
        }
    }
    /// Nothing when the client is gone.
    std::optional<std::string> receive_head() {
        try {
            std::string text;
            while (!text.ends_with("\r\n\r\n")) {
                char byte = 0;
                if (socket_.receiveBytes(&byte, 1) <= 0) return std::nullopt;
                text += byte;
            }
            return text;
        } catch (const Poco::Exception&) {
            return std::nullopt;
        }
    }

  private:
    /// False at the end of the connection.
    static bool pass(StreamSocket& from, StreamSocket& to) {
        if (!from.poll(Poco::Timespan(2000), Poco::Net::Socket::SELECT_READ)) return true;
        char buffer[4096];
        const int got = from.receiveBytes(buffer, sizeof buffer);
        return got > 0 && to.sendBytes(buffer, got) == got;
    }

    StreamSocket socket_;
    const std::atomic<bool>& stopping_;
};

Context::Ptr server_context(const ServerTls& tls) {
    const Certificates& certificates = Certificates::shared();
    Context::Params parameters;
    parameters.certificateFile = certificates.certificate(tls.certificate);
    parameters.privateKeyFile = certificates.key(tls.certificate);
    parameters.caLocation = certificates.authority();
    parameters.verificationMode = tls.demands_client ? Context::VERIFY_STRICT : Context::VERIFY_NONE;
    if (tls.only_tls_1_1) parameters.cipherList = "ALL:@SECLEVEL=0";
    Context::Ptr context = new Context(Context::TLS_SERVER_USE, parameters);
    context->enableExtendedCertificateVerification(false);
    if (tls.demands_client)
        SSL_CTX_set_verify(context->sslContext(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    if (tls.only_tls_1_1) {
        SSL_CTX_set_min_proto_version(context->sslContext(), TLS1_1_VERSION);
        SSL_CTX_set_max_proto_version(context->sslContext(), TLS1_1_VERSION);
    }
    return context;
}

} // namespace

std::string ServerRequest::field(const std::string& name) const {
    const std::string wanted = "\r\n" + lower(name) + ": ";
    const std::size_t at = lower(text).find(wanted);
    if (at == std::string::npos) return "";
    const std::size_t begin = at + wanted.size();
    return text.substr(begin, text.find("\r\n", begin) - begin);
}

void ServerConnection::answer(const std::string& status, std::string_view body, const std::string& fields) {
    send("HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + fields + "\r\n" +
         std::string(body));
}

struct LoopbackServer::Inside {
    Handler handler;
    Poco::Net::ServerSocket listening;
    std::uint16_t port = 0;
    Context::Ptr context; ///< null without TLS
    std::atomic<bool> stopping{false};
    std::atomic<int> connections{0};
    mutable std::mutex mutex;
    std::vector<ServerRequest> requests;
    std::list<StreamSocket> open;
    std::list<std::thread> threads;
    std::thread accepting;

    explicit Inside(Handler handles, Context::Ptr tls = nullptr) : handler(std::move(handles)), context(tls) {
        prepare_sockets();
        listening.bind(SocketAddress("127.0.0.1", 0));
        listening.listen();
        port = listening.address().port();
        accepting = std::thread([this] { accept_all(); });
    }

    void accept_all() {
        for (;;) {
            StreamSocket plain = listening.acceptConnection();
            if (stopping) return;
            const int number = ++connections;
            const std::lock_guard lock(mutex);
            open.push_back(plain);
            threads.emplace_back([this, plain, number] { serve(plain, number); });
        }
    }

    /// Some tests want a handshake that fails. A reset, which bytes that nobody read would cause, could overtake our
    /// alert.
    static void linger(StreamSocket plain) {
        try {
            plain.shutdownSend();
            char buffer[1024];
            while (plain.receiveBytes(buffer, sizeof buffer) > 0) {
            }
        } catch (const Poco::Exception&) {
        }
    }

    void serve(const StreamSocket& plain, int number) {
        try {
            StreamSocket stream = plain;
            if (context) stream = Poco::Net::SecureStreamSocket::attach(plain, context);
            Connection connection(stream, stopping);
            while (!stopping) {
                const auto text = connection.receive_head();
                if (!text) {
                    linger(plain);
                    break;
                }
                ServerRequest request;
                request.text = *text;
                const std::size_t path = text->find(' ') + 1;
                request.path = text->substr(path, text->find(' ', path) - path);
                request.connection = number;
                {
                    const std::lock_guard lock(mutex);
                    request.number = int(requests.size()) + 1;
                    requests.push_back(request);
                }
                const Then then = handler(request, connection);
                if (then == Then::drop) StreamSocket(plain).shutdown();
                if (then != Then::keep) break;
            }
        } catch (const Poco::Exception&) {
            linger(plain);
        }
        try {
            StreamSocket(plain).shutdown();
        } catch (const Poco::Exception&) {
        }
    }
};

LoopbackServer::LoopbackServer(Handler handler) : inside_(std::make_unique<Inside>(std::move(handler))) {}

LoopbackServer::LoopbackServer(const ServerTls& tls, Handler handler)
    : inside_(std::make_unique<Inside>(std::move(handler), server_context(tls))) {}

LoopbackServer::~LoopbackServer() {
    inside_->stopping = true;
    try {
        StreamSocket wake(SocketAddress("127.0.0.1", inside_->port));
    } catch (const Poco::Exception&) {
        std::abort();
    }
    inside_->accepting.join();
    for (StreamSocket& socket : inside_->open) {
        try {
            socket.shutdown();
        } catch (const Poco::Exception&) {
        }
    }
    for (std::thread& thread : inside_->threads)
        thread.join();
}

std::string LoopbackServer::url() const {
    return (inside_->context ? "https://localhost:" : "http://127.0.0.1:") + std::to_string(inside_->port);
}

std::uint16_t LoopbackServer::port() const {
    return inside_->port;
}

std::vector<ServerRequest> LoopbackServer::requests() const {
    const std::lock_guard lock(inside_->mutex);
    return inside_->requests;
}

int LoopbackServer::connections() const {
    return inside_->connections;
}

LoopbackServer::Then serve_file(const ServerRequest& request, ServerConnection& connection, std::string_view content,
                                const std::string& etag) {
    const std::string range = request.field("Range");
    const std::string condition = request.field("If-Range");
    const std::string fields = "ETag: " + etag + "\r\n";
    if (range.empty() || (!condition.empty() && condition != etag)) {
        connection.answer("200 OK", content, fields);
        return LoopbackServer::Then::keep;
    }
    const std::size_t first = std::stoul(range.substr(6));
    if (first >= content.size()) {
        connection.answer("416 Range Not Satisfiable", "");
        return LoopbackServer::Then::keep;
    }
    connection.answer("206 Partial Content", content.substr(first),
                      fields + "Content-Range: bytes " + std::to_string(first) + "-" +
                          std::to_string(content.size() - 1) + "/" + std::to_string(content.size()) + "\r\n");
    return LoopbackServer::Then::keep;
}

} // namespace autodeploy
