#pragma once

#include <optional>
#include <string>

namespace standin {

/// Lines of text over TCP, between the stand-in client and the stand-in server.
class Connection {
  public:
    explicit Connection(int socket) : socket_(socket) {}
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    bool send(const std::string& line);
    /// Nothing when the other side has gone.
    std::optional<std::string> receive();

  private:
    int socket_;
    std::string rest_;
};

/// -1 if nobody answers within five seconds.
int connect_to(const std::string& address, int port);

} // namespace standin
