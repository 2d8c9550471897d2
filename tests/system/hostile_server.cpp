#include "tests/installer/repository/loopback_server.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>

using namespace autodeploy;

namespace {

std::string content_of(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// One line of DIR/attack: what is done, to which paths (those that hold the text), and how.
struct Attack {
    std::string kind;
    std::string where;
    std::string argument;
    int count = 0;
};

Attack attack_in(const std::string& directory) {
    Attack attack;
    std::istringstream line(content_of(directory + "/attack"));
    line >> attack.kind >> attack.where >> attack.argument >> attack.count;
    return attack;
}

using Then = LoopbackServer::Then;

void drip(ServerConnection& connection, const std::string& content, std::size_t bytes, int milliseconds) {
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(content.size()) + "\r\n\r\n");
    for (std::size_t at = 0; at < content.size(); at += bytes)
        if (!connection.send(content.substr(at, bytes)) || connection.ended_within(milliseconds)) return;
}

void without_end(ServerConnection& connection) {
    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "1000\r\n" + std::string(4096, ' ') + "\r\n";
    while (connection.send(chunk)) {
    }
}

class Server {
  public:
    explicit Server(std::string directory) : directory_(std::move(directory)) {}

    Then answer(const ServerRequest& request, ServerConnection& connection) {
        const Attack attack = attack_in(directory_);
        std::string path = request.path;
        // What a redirect of ours leads to.
        if (path.starts_with("/again/")) path.erase(0, 6);
        const std::string file = directory_ + "/www" + path;
        if (path.find("..") != std::string::npos || !std::filesystem::is_regular_file(file)) {
            connection.answer("404 Not Found", "");
            return Then::keep;
        }
        std::string content = content_of(file);
        const bool chosen = !attack.kind.empty() && path.find(attack.where) != std::string::npos;
        if (chosen && attack.kind == "endless") {
            without_end(connection);
            return Then::close;
        }
        if (chosen && attack.kind == "drip") {
            drip(connection, content, std::stoul(attack.argument), attack.count);
            return Then::close;
        }
        if (chosen && attack.kind == "redirect" && request.path == path) {
            connection.answer("302 Found", "", "Location: " + attack.argument + path + "\r\n");
            return Then::keep;
        }
        if (chosen && attack.kind == "cut" && times_[path]++ < attack.count) {
            connection.send("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: " + std::to_string(content.size()) +
                            "\r\n\r\n" + content.substr(0, std::stoul(attack.argument)));
            return Then::close;
        }
        if (chosen && attack.kind == "swap") {
            // Another file takes the first one's place when half of it is out.
            const std::size_t half = content.size() / 2;
            content = content.substr(0, half) + content_of(attack.argument).substr(half);
        }
        return serve_file(request, connection, content, "\"1\"");
    }

  private:
    std::string directory_;
    std::map<std::string, int> times_;
};

} // namespace

/// hostile_server DIR: serves DIR/www on loopback and does to it what DIR/attack says. Prints its address; ends with
/// its standard input.
int main(int count, char** values) {
    if (count != 2) return 2;
    Server server(values[1]);
    const LoopbackServer running(
        [&](const ServerRequest& request, ServerConnection& connection) { return server.answer(request, connection); });
    std::cout << running.url() << std::endl;
    std::string line;
    while (std::getline(std::cin, line)) {
    }
    return 0;
}
