#include "connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace standin {

namespace {

/// Names are not resolved: a static program cannot everywhere, and tests stay on the loopback.
bool to_address(const std::string& text, int port, sockaddr_in& address) {
    address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const std::string number = text == "localhost" ? "127.0.0.1" : text;
    return ::inet_pton(AF_INET, number.c_str(), &address.sin_addr) == 1;
}

void be_patient(int socket, int option, long seconds) {
    const timeval patience{seconds, 0};
    ::setsockopt(socket, SOL_SOCKET, option, &patience, sizeof patience);
}

} // namespace

Connection::Connection(int socket, long patience) : socket_(socket) {
    if (patience > 0) be_patient(socket_, SO_RCVTIMEO, patience);
}

Connection::~Connection() {
    ::close(socket_);
}

bool Connection::send_bytes(const char* bytes, std::size_t count) {
    while (count > 0) {
        const ssize_t sent = ::send(socket_, bytes, count, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes += sent;
        count -= static_cast<std::size_t>(sent);
    }
    return true;
}

bool Connection::send(const std::string& line) {
    const std::string text = line + "\n";
    return send_bytes(text.data(), text.size());
}

std::optional<std::string> Connection::receive() {
    while (true) {
        if (const std::size_t end = rest_.find('\n'); end != std::string::npos) {
            std::string line = rest_.substr(0, end);
            rest_.erase(0, end + 1);
            return line;
        }
        char buffer[4096];
        const ssize_t count = ::recv(socket_, buffer, sizeof buffer, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return std::nullopt;
        rest_.append(buffer, static_cast<std::size_t>(count));
    }
}

std::size_t Connection::receive_bytes(char* into, std::size_t size) {
    if (!rest_.empty()) {
        const std::size_t count = std::min(size, rest_.size());
        std::memcpy(into, rest_.data(), count);
        rest_.erase(0, count);
        return count;
    }
    const ssize_t count = ::recv(socket_, into, size, 0);
    return count <= 0 ? 0 : static_cast<std::size_t>(count);
}

int connect_to(const std::string& address, int port) {
    sockaddr_in peer;
    if (!to_address(address, port, peer)) return -1;
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    be_patient(socket, SO_SNDTIMEO, 5);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&peer), sizeof peer) != 0) {
        ::close(socket);
        return -1;
    }
    return socket;
}

int listen_at(const std::string& address, int& port) {
    sockaddr_in own;
    if (!to_address(address, port, own)) {
        errno = EINVAL;
        return -1;
    }
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (::bind(socket, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0 || ::listen(socket, 64) != 0) {
        const int why = errno;
        ::close(socket);
        errno = why;
        return -1;
    }
    socklen_t size = sizeof own;
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &size);
    port = ntohs(own.sin_port);
    return socket;
}

std::string peer_address(int socket) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    char text[INET_ADDRSTRLEN] = "?";
    if (::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) == 0)
        ::inet_ntop(AF_INET, &peer.sin_addr, text, sizeof text);
    return text;
}

std::vector<std::string> fields(const std::string& line) {
    std::vector<std::string> parts(1);
    for (const char c : line) {
        if (c == '\t')
            parts.emplace_back();
        else
            parts.back() += c;
    }
    return parts;
}

std::string field(std::string text) {
    for (char& c : text)
        if (c == '\t' || c == '\n' || c == '\r') c = ' ';
    return text;
}

} // namespace standin
