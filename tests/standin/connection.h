#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace standin {

/// Lines of text, fields apart by tabs, over TCP between the stand-in client and the stand-in server.
class Connection {
  public:
    /// Owns the socket. patience: seconds to wait for the other side; 0: for ever.
    explicit Connection(int socket, long patience = 0);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    bool send(const std::string& line);
    bool send_bytes(const char* bytes, std::size_t count);
    /// Nothing when the other side has gone or takes too long.
    std::optional<std::string> receive();
    /// At most size bytes; 0 when there are no more.
    std::size_t receive_bytes(char* into, std::size_t size);
    int socket() const { return socket_; }

  private:
    int socket_;
    std::string rest_;
};

/// -1 if nobody answers within five seconds.
int connect_to(const std::string& address, int port);

/// -1 with errno if it cannot. port 0 takes any and says which.
int listen_at(const std::string& address, int& port);

/// "127.0.0.1"
std::string peer_address(int socket);

std::vector<std::string> fields(const std::string& line);

/// Blanks instead of what would end a field or a line.
std::string field(std::string text);

} // namespace standin
