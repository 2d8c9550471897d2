// Stands in for the backup server. It gives out schedules, keeps an archive, and writes down whatever it hears.
//   standin_server --directory DIRECTORY [--port PORT] [--address 127.0.0.1] [--name STANDIN] [--level 8.1.27.0]
// PORT 0 takes any; DIRECTORY/port says which. What DIRECTORY holds: README.md.
#include "connection.h"
#include "event_book.h"
#include "switches.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

using namespace standin;

namespace {

struct Server {
    std::string directory;
    std::string address = "127.0.0.1";
    std::string name = "STANDIN";
    std::string level = "8.1.27.0";
    int port = 1500;
};

/// What it is told to do wrong just now: DIRECTORY/behaviour, read again each time.
Switches behaviour(const Server& server) {
    Switches switches;
    switches.values = key_values(server.directory + "/behaviour");
    return switches;
}

/// "yes", "*", or a list "NODE1,NODE2".
bool concerns(const Switches& switches, const std::string& name, const std::string& node) {
    const std::string value = switches.text(name, "");
    return value == "yes" || value == "*" || ("," + value + ",").find("," + node + ",") != std::string::npos;
}

void append(const Server& server, const std::string& file, const std::string& line) {
    std::ofstream(server.directory + "/" + file, std::ios::app) << std::time(nullptr) << " " << line << "\n"
                                                                << std::flush;
}

std::string read_line(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

/// One word of a file's name: a client names nothing outside of the folder.
std::string file_word(const std::string& text) {
    std::string word;
    for (const char c : text)
        word += c == '/' || c == ' ' || static_cast<unsigned char>(c) < 32 ? '_' : c;
    return word.empty() || word[0] == '.' ? "_" + word : word;
}

class Talk {
  public:
    Talk(const Server& server, int socket)
        : server_(server), client_(socket), book_(server.directory), peer_(peer_address(socket)) {}

    void go_on() {
        while (const std::optional<std::string> line = client_.receive()) {
            const Switches now = behaviour(server_);
            const std::vector<std::string> words = fields(*line);
            if (now.on("silent"))
                while (true)
                    ::pause();
            ::usleep(unsigned(now.number("slow_milliseconds", 0)) * 1000);
            ::sleep(unsigned(now.number("slow", 0)));
            if (lower(words[0]) == now.text("cut", "")) break;
            if (!answer(words, now)) break;
        }
        if (!running_.empty()) book_.sever(running_, running_start_, node_);
        if (!node_.empty())
            append(server_, "sessions.log", node_ + " " + purpose_ + " ended " + std::to_string(::getpid()));
    }

  private:
    static std::string lower(std::string text) {
        for (char& c : text)
            if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
        return text;
    }

    bool answer(const std::vector<std::string>& words, const Switches& now) {
        const std::string& verb = words[0];
        if (verb == "HELLO" && words.size() >= 6) return greet(words, now);
        if (node_.empty()) return false;
        if (verb == "QUERY") return give_out(now);
        if (verb == "BEGIN" && words.size() >= 3) {
            if (!book_.begin(words[1], words[2], node_)) return client_.send("NO");
            running_ = words[1];
            running_start_ = words[2];
            return client_.send("OK");
        }
        if (verb == "RESULT" && words.size() >= 4) {
            book_.finish(words[1], words[2], node_, std::atoi(words[3].c_str()));
            running_.clear();
            return client_.send("OK");
        }
        if (verb == "PASSWORD" && words.size() >= 2) {
            std::ofstream(password_file()) << words[1] << "\n";
            append(server_, "passwords.log", node_ + " changed");
            return client_.send("OK");
        }
        if (verb == "LIST" && words.size() >= 2) return list(words[1]);
        if (verb == "GET" && words.size() >= 2) return give(words[1]);
        return false;
    }

    bool reject(const std::string& node, const std::string& why) {
        append(server_, "rejected.log", node + " " + why);
        client_.send("REJECT\t" + why);
        return false;
    }

    std::string password_file() const { return server_.directory + "/passwords/" + node_; }

    bool greet(const std::vector<std::string>& words, const Switches& now) {
        const std::string node = file_word(words[1]);
        if (concerns(now, "busy", node)) return reject(node, "ANS1301E Server detected system error: no more sessions");
        if (concerns(now, "refuse", node))
            return reject(node, "ANS1353E Session rejected: Unknown or incorrect ID entered");
        if (concerns(now, "locked", node)) return reject(node, "ANS1357E Session rejected: Node is locked");
        node_ = node;
        purpose_ = file_word(words[3]);
        const std::string known = read_line(password_file());
        if (known.empty()) std::ofstream(password_file()) << words[4] << "\n";
        if (!known.empty() && known != words[4] && concerns(now, "check_passwords", node)) {
            node_.clear();
            return reject(node, "ANS1025E Session rejected: Authentication failure");
        }
        append(server_, "contacts.log", node_ + " " + words[2]);
        append(server_, "sessions.log", node_ + " " + purpose_ + " began " + std::to_string(::getpid()));
        note_node(words[2], words[5]);
        return client_.send("OK\t" + server_.name + "\t" + server_.level + "\t" + (expired(now) ? "expired" : "-"));
    }

    /// nodes/NODE: level, time of the last contact, address, and the port at which it waits (of other sessions than the
    /// scheduler's: as it was).
    void note_node(const std::string& level, const std::string& port) {
        const std::string path = server_.directory + "/nodes/" + node_;
        std::string prompt = port;
        if (purpose_ != "query") {
            std::istringstream old(read_line(path));
            std::string a, b, c, kept;
            prompt = old >> a >> b >> c >> kept ? kept : "0";
        }
        const std::string fresh = server_.directory + "/." + node_ + "." + std::to_string(::getpid());
        std::ofstream(fresh) << level << " " << std::time(nullptr) << " " << peer_ << " " << prompt << "\n";
        ::rename(fresh.c_str(), path.c_str());
    }

    /// Once for each time that the file of behaviour is written.
    bool expired(const Switches& now) {
        if (!concerns(now, "expire_password", node_)) return false;
        struct stat asked {
        }, changed{};
        if (::stat((server_.directory + "/behaviour").c_str(), &asked) != 0) return false;
        const std::string mark = server_.directory + "/passwords/." + node_;
        const bool done =
            ::stat(mark.c_str(), &changed) == 0 && std::pair(changed.st_mtim.tv_sec, changed.st_mtim.tv_nsec) >=
                                                       std::pair(asked.st_mtim.tv_sec, asked.st_mtim.tv_nsec);
        if (!done) std::ofstream(mark) << "asked\n";
        return !done;
    }

    bool give_out(const Switches& now) {
        const std::optional<Schedule> next = now.on("no_schedules") ? std::nullopt : book_.next(node_);
        if (!next) return client_.send("NONE");
        return client_.send("SCHEDULE\t" + next->name + "\t" + std::to_string(next->start) + "\t" + next->action +
                            "\t" + field(next->objects));
    }

    /// The archive's names are paths: DIRECTORY/archive/fixes/8.1.27.0.tar is "/fixes/8.1.27.0.tar".
    bool list(const std::string& base) {
        const std::string archive = server_.directory + "/archive";
        std::vector<std::string> names;
        std::error_code ignored;
        if (base.find("..") == std::string::npos)
            for (const auto& entry : std::filesystem::recursive_directory_iterator(archive + base, ignored))
                if (entry.is_regular_file(ignored)) names.push_back(entry.path().string().substr(archive.size()));
        std::sort(names.begin(), names.end());
        for (const std::string& name : names)
            client_.send(name);
        return client_.send("END");
    }

    bool give(const std::string& name) {
        const std::string path = server_.directory + "/archive" + name;
        std::ifstream file(path, std::ios::binary);
        if (name.find("..") != std::string::npos || !file) return client_.send("NO");
        std::error_code ignored;
        client_.send("SIZE\t" + std::to_string(std::filesystem::file_size(path, ignored)));
        append(server_, "retrieved.log", node_ + " " + name);
        static char buffer[1 << 16];
        while (file.read(buffer, sizeof buffer), file.gcount() > 0)
            if (!client_.send_bytes(buffer, static_cast<std::size_t>(file.gcount()))) return false;
        return true;
    }

    const Server& server_;
    Connection client_;
    EventBook book_;
    std::string peer_;
    std::string node_;
    std::string purpose_;
    std::string running_;
    std::string running_start_;
};

/// Tells the nodes that wait to be contacted.
void prompt(const Server& server, const std::vector<std::string>& busy) {
    for (const std::string& node : busy) {
        std::istringstream words(read_line(server.directory + "/nodes/" + file_word(node)));
        std::string level, time, address, port;
        if (!(words >> level >> time >> address >> port) || port == "0") continue;
        const int socket = connect_to(address, std::atoi(port.c_str()));
        if (socket >= 0) ::close(socket);
    }
}

[[noreturn]] void serve(const Server& server, int port) {
    int listener = -1;
    EventBook book(server.directory);
    std::time_t looked = 0;
    while (true) {
        const Switches now = behaviour(server);
        if (now.on("down") && listener >= 0) {
            ::close(listener);
            listener = -1;
        }
        if (!now.on("down") && listener < 0) {
            listener = listen_at(server.address, port);
            if (listener < 0) std::perror("standin_server: cannot listen");
            std::ofstream(server.directory + "/.port") << port << "\n";
            ::rename((server.directory + "/.port").c_str(), (server.directory + "/port").c_str());
        }
        if (looked != std::time(nullptr)) {
            looked = std::time(nullptr);
            prompt(server, book.look());
        }
        pollfd client{listener, POLLIN, 0};
        if (::poll(&client, listener < 0 ? 0 : 1, 200) <= 0) continue;
        const int socket = ::accept(listener, nullptr, nullptr);
        if (socket < 0) continue;
        if (::fork() == 0) {
            ::close(listener);
            Talk(server, socket).go_on();
            _exit(0);
        }
        ::close(socket);
    }
}

} // namespace

int main(int count, char** arguments) {
    Server server;
    for (int i = 1; i + 1 < count; i += 2) {
        const std::string name = arguments[i];
        const std::string value = arguments[i + 1];
        if (name == "--port") server.port = std::atoi(value.c_str());
        if (name == "--directory") server.directory = value;
        if (name == "--address") server.address = value;
        if (name == "--name") server.name = value;
        if (name == "--level") server.level = value;
    }
    if (server.directory.empty()) {
        std::cerr << "usage: standin_server --directory DIRECTORY [--port PORT] [--address 127.0.0.1] [--name NAME] "
                     "[--level V.R.M.F]\n";
        return 2;
    }
    for (const char* part : {"/schedules", "/nodes", "/passwords", "/archive"})
        std::filesystem::create_directories(server.directory + part);
    std::signal(SIGCHLD, SIG_IGN);
    std::signal(SIGPIPE, SIG_IGN);
    // Once here, so that a port that is taken is told at once.
    int port = server.port;
    const int tried = listen_at(server.address, port);
    if (tried < 0) {
        std::perror("standin_server: cannot listen");
        return 1;
    }
    ::close(tried);
    serve(server, port);
}
