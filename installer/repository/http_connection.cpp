#include "installer/repository/http_connection.h"

#include "installer/repository/http_head.h"
#include "platform/error.h"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/Net.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <future>
#include <mutex>
#include <optional>
#include <thread>

namespace autodeploy {
namespace {

using Poco::Net::Context;
using Poco::Net::IPAddress;
using Poco::Net::SecureStreamSocket;
using Poco::Net::Socket;
using Poco::Net::SocketAddress;
using Poco::Net::StreamSocket;

Poco::Timespan timespan(Milliseconds time) {
    return Poco::Timespan(std::chrono::microseconds(time).count());
}

/// Where Poco says why, in words; else what kind of failure it is.
std::string reason_of(const Poco::Exception& failure) {
    return failure.message().empty() ? failure.name() : failure.displayText();
}

/// What OpenSSL has to say, last error first; forgets it.
std::string openssl_reason() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
    return text == nullptr ? "OpenSSL gives no reason" : text;
}

std::string base64(std::string_view text) {
    std::string encoded(4 * ((text.size() + 2) / 3) + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()), int(text.size()));
    encoded.resize(std::size_t(size));
    return encoded;
}

/// Runs what uses the socket and turns its failures into ours.
template<class Call> auto guarded(const std::string& refusal, Call&& call) {
    try {
        return call();
    } catch (const Poco::Net::SSLException& failure) {
        ERR_clear_error();
        if (!refusal.empty())
            throw Error("transport_refused", "cannot trust the server: its certificate is refused: " + refusal);
        const std::string reason = reason_of(failure);
        const bool about_certificate =
            reason.find("alert") != std::string::npos && reason.find("certificate") != std::string::npos;
        if (about_certificate)
            throw Error("transport_refused",
                        "cannot connect: the server refuses our client certificate, or wants one (" + reason + ")");
        throw Error("transport_failed", "cannot keep up the TLS connection: " + reason, Retry::later);
    } catch (const Poco::TimeoutException&) {
        throw Error("transport_timed_out", "cannot wait any longer: the network did not answer", Retry::later);
    } catch (const Poco::Exception& failure) {
        throw Error("transport_failed", "cannot keep up the connection: " + reason_of(failure), Retry::later);
    }
}

/// Both kinds of connection: never blocks but in patience, so that no server can hold us by a byte now and then.
class SocketConnection final : public HttpConnection {
  public:
    /// refusal: what OpenSSL found wrong with the peer's certificate, as it comes to be known.
    SocketConnection(StreamSocket plain, const std::string& refusal)
        : plain_(plain), stream_(std::move(plain)), refusal_(refusal) {}

    void begin_tls(const std::string& server_name, const Context::Ptr& context, HttpPatience& patience) {
        auto secure = guarded(refusal_, [&] { return SecureStreamSocket::attach(plain_, server_name, context); });
        stream_ = secure;
        for (;;) {
            const int result = guarded(refusal_, [&] { return secure.completeHandshake(); });
            if (result == 1) break;
            if (result == 0)
                throw Error("transport_failed", "cannot connect: the server closed in the middle of the TLS handshake",
                            Retry::later);
            await(result, Socket::SELECT_READ, patience);
        }
    }

    void send(std::string_view bytes, HttpPatience& patience) override {
        while (!bytes.empty()) {
            const int sent = guarded(refusal_, [&] { return stream_.sendBytes(bytes.data(), int(bytes.size())); });
            if (sent > 0) {
                bytes.remove_prefix(std::size_t(sent));
                continue;
            }
            await(sent, Socket::SELECT_WRITE, patience);
        }
    }

    std::size_t receive(char* buffer, std::size_t size, HttpPatience& patience) override {
        for (;;) {
            const int got = guarded(refusal_, [&] { return stream_.receiveBytes(buffer, int(size)); });
            if (got > 0) {
                patience.received(std::size_t(got));
                return std::size_t(got);
            }
            if (got == 0) return 0;
            await(got, Socket::SELECT_READ, patience);
        }
    }

  private:
    /// result: what a call gave that could not go on; TLS may have to write in order to read, and the other way round.
    void await(int result, Socket::SelectMode usual, HttpPatience& patience) {
        Socket::SelectMode mode = usual;
        if (stream_.secure() && result == SecureStreamSocket::ERR_SSL_WANT_READ) mode = Socket::SELECT_READ;
        if (stream_.secure() && result == SecureStreamSocket::ERR_SSL_WANT_WRITE) mode = Socket::SELECT_WRITE;
        patience.wait(
            [&](Milliseconds time) { return guarded(refusal_, [&] { return plain_.poll(timespan(time), mode); }); });
    }

    StreamSocket plain_;
    StreamSocket stream_; ///< plain_, or TLS over it
    const std::string& refusal_;
};

std::vector<IPAddress> addresses_of(const std::string& host, HttpPatience& patience) {
    IPAddress address;
    if (IPAddress::tryParse(host, address)) return {address};
    // The system's look-up knows no limit of ours. A thread that is still at it when we give up ends by itself, and
    // what it finds goes nowhere.
    std::packaged_task<std::vector<IPAddress>()> look_up(
        [host] { return Poco::Net::DNS::hostByName(host).addresses(); });
    std::future<std::vector<IPAddress>> result = look_up.get_future();
    std::thread(std::move(look_up)).detach();
    bool there = false;
    while (!there)
        patience.wait([&](Milliseconds time) {
            there = result.wait_for(time) == std::future_status::ready;
            return there;
        });
    std::vector<IPAddress> found;
    try {
        found = result.get();
    } catch (const Poco::Exception& failure) {
        throw Error("transport_failed", "cannot find the address of \"" + host + "\": " + reason_of(failure),
                    Retry::later);
    }
    if (found.empty()) throw Error("transport_failed", "cannot find the address of \"" + host + "\"", Retry::later);
    return found;
}

/// The first address that answers. Afterwards the socket never blocks.
StreamSocket connected(const std::string& host, std::uint16_t port, bool only_this_machine, HttpPatience& patience) {
    std::optional<Error> last;
    const std::vector<IPAddress> addresses = addresses_of(host, patience);
    // A dead address must not use up the time of those after it.
    const Milliseconds share = std::max(Milliseconds(1), patience.left() / std::int64_t(addresses.size()));
    for (const IPAddress& address : addresses) {
        if (only_this_machine && !address.isLoopback()) {
            last = Error("transport_refused", "cannot use plain http to " + address.toString() +
                                                  ": it is for this machine's own addresses only; use https");
            continue;
        }
        StreamSocket socket;
        try {
            socket.connect(SocketAddress(address, port), timespan(share));
            socket.setBlocking(false);
            socket.setNoDelay(true);
            return socket;
        } catch (const Poco::TimeoutException&) {
            last = Error("transport_timed_out", "cannot connect to " + address.toString() + ": it does not answer",
                         Retry::later);
        } catch (const Poco::Exception& failure) {
            last = Error("transport_failed", "cannot connect to " + address.toString() + ": " + reason_of(failure),
                         Retry::later);
        }
    }
    throw *last;
}

/// Asks a proxy for a way through to the server.
void open_tunnel(HttpConnection& connection, const HttpUrl& proxy, const HttpUrl& server, HttpPatience& patience) {
    const std::string target = (server.host.find(':') == std::string::npos ? server.host : "[" + server.host + "]") +
                               ":" + std::to_string(server.port);
    std::string request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
    if (!proxy.user.empty()) request += "Proxy-Authorization: Basic " + base64(proxy.user) + "\r\n";
    connection.send(request + "\r\n", patience);

    std::string answer;
    std::array<char, 2048> buffer{};
    while (http_head_size(answer) == 0) {
        const std::size_t got = connection.receive(buffer.data(), buffer.size(), patience);
        if (got == 0) throw Error("transport_failed", "cannot go through the proxy: it closed", Retry::later);
        answer.append(buffer.data(), got);
    }
    const std::size_t size = http_head_size(answer);
    const HttpHead head = parse_http_head(std::string_view(answer).substr(0, size));
    if (head.status == 401 || head.status == 403 || head.status == 407)
        throw Error("transport_refused", "cannot go through the proxy: it answers with status " +
                                             std::to_string(head.status) + "; may this machine use it?");
    if (head.status != 200 || size != answer.size())
        throw Error("transport_failed",
                    "cannot go through the proxy: it answers with status " + std::to_string(head.status), Retry::later);
}

} // namespace

struct HttpConnector::Tls {
    Context::Ptr context;
    std::string server_name; ///< for SNI; empty for an address
    std::string refusal;     ///< what was wrong with the peer's certificate the last time

    explicit Tls(const HttpPeer& peer) {
        Context::Params parameters;
        parameters.verificationMode = Context::VERIFY_STRICT;
        parameters.loadDefaultCAs = false;
        context = guarded("", [&] { return Context::Ptr(new Context(Context::TLS_CLIENT_USE, parameters)); });
        // OpenSSL itself holds the name against the certificate, in the handshake; Poco would do so later and not for
        // every host.
        context->enableExtendedCertificateVerification(false);
        SSL_CTX* ssl = context->sslContext();
        SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
        SSL_CTX_set_ex_data(ssl, refusal_index(), &refusal);
        SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, remember_refusal);
        SSL_CTX_set_default_passwd_cb(ssl, [](char*, int, int, void*) { return 0; });
        demand_host(ssl, peer.server.host);
        load_files(ssl, peer);
    }

    static int refusal_index() {
        static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
        return index;
    }

    static int remember_refusal(int accepted, X509_STORE_CTX* store) {
        if (accepted == 1) return 1;
        const auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
        auto* text = static_cast<std::string*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), refusal_index()));
        try {
            *text = X509_verify_cert_error_string(X509_STORE_CTX_get_error(store));
        } catch (...) {
            return 0;
        }
        return 0;
    }

    void demand_host(SSL_CTX* ssl, const std::string& host) {
        X509_VERIFY_PARAM* parameters = SSL_CTX_get0_param(ssl);
        X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        IPAddress address;
        const bool is_address = IPAddress::tryParse(host, address);
        const int done = is_address ? X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str())
                                    : X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), host.size());
        if (done != 1) throw Error("settings_invalid", "cannot demand the host \"" + host + "\" of a certificate");
        if (!is_address) server_name = host;
    }

    static void load_files(SSL_CTX* ssl, const HttpPeer& peer) {
        const auto require = [](int done, const std::string& what, const std::string& file) {
            if (done == 1) return;
            throw Error("settings_invalid", "cannot use the " + what + " \"" + file + "\": " + openssl_reason() +
                                                "; it has to be a readable PEM file, a key not encrypted");
        };
        ERR_clear_error();
        if (peer.ca_file.empty())
            require(SSL_CTX_set_default_verify_paths(ssl), "certificates", "of the system");
        else
            require(SSL_CTX_load_verify_locations(ssl, peer.ca_file.c_str(), nullptr), "CA file", peer.ca_file);
        if (peer.client_certificate.empty()) return;
        const std::string& key = peer.client_key.empty() ? peer.client_certificate : peer.client_key;
        require(SSL_CTX_use_certificate_chain_file(ssl, peer.client_certificate.c_str()), "client certificate",
                peer.client_certificate);
        // Another certificate's key is refused here.
        require(SSL_CTX_use_PrivateKey_file(ssl, key.c_str(), SSL_FILETYPE_PEM), "client key", key);
    }
};

HttpConnector::HttpConnector(HttpPeer peer) : peer_(std::move(peer)) {
    // On Windows there are no sockets before this was called, and only a library of its own does so by itself.
    static std::once_flag called;
    std::call_once(called, Poco::Net::initializeNetwork);
}
HttpConnector::~HttpConnector() = default;

bool HttpConnector::uses_proxy() const {
    if (peer_.proxy.empty() || !peer_.server.tls) return false;
    const std::string& host = peer_.server.host;
    IPAddress address;
    if (host == "localhost" || (IPAddress::tryParse(host, address) && address.isLoopback())) return false;
    for (const std::string& direct : peer_.no_proxy)
        if (host == direct || (direct.starts_with('.') && host.ends_with(direct))) return false;
    return true;
}

std::unique_ptr<HttpConnection> HttpConnector::connect(HttpPatience& patience) {
    const HttpUrl& server = peer_.server;
    const std::string none;
    if (!server.tls)
        return std::make_unique<SocketConnection>(connected(server.host, server.port, true, patience), none);

    if (!tls_) tls_ = std::make_unique<Tls>(peer_);
    tls_->refusal.clear();
    std::unique_ptr<SocketConnection> connection;
    if (uses_proxy()) {
        const HttpUrl proxy = parse_http_url(peer_.proxy);
        connection =
            std::make_unique<SocketConnection>(connected(proxy.host, proxy.port, false, patience), tls_->refusal);
        open_tunnel(*connection, proxy, server, patience);
    } else {
        connection =
            std::make_unique<SocketConnection>(connected(server.host, server.port, false, patience), tls_->refusal);
    }
    connection->begin_tls(tls_->server_name, tls_->context, patience);
    return connection;
}

} // namespace autodeploy
