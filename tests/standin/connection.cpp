#include "connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace standin {

Connection::~Connection() {
    ::close(socket_);
}

bool Connection::send(const std::string& line) {
    const std::string text = line + "\n";
    return ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) == ssize_t(text.size());
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
        if (count <= 0) return std::nullopt;
        rest_.append(buffer, std::size_t(count));
    }
}

int connect_to(const std::string& address, int port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{5, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_port = htons(static_cast<std::uint16_t>(port));
    if (::inet_pton(AF_INET, address == "localhost" ? "127.0.0.1" : address.c_str(), &peer.sin_addr) != 1 ||
        ::connect(socket, reinterpret_cast<const sockaddr*>(&peer), sizeof peer) != 0) {
        ::close(socket);
        return -1;
    }
    return socket;
}

} // namespace standin
