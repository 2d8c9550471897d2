// Stands in for the backup server: gives out schedules, and writes down whatever it hears.
//   standin-server --port PORT --directory DIRECTORY
// DIRECTORY/schedules/NAME holds node=, action=, objects=, start= (seconds since 1970; 0: now). It writes contacts.log
// (time, node, level), events.log (time, schedule, node, state, result) and nodes/NODE (level and time of the last
// contact).
#include "connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <string>

namespace {

std::string directory;

void append(const std::string& file, const std::string& line) {
    std::ofstream(directory + "/" + file, std::ios::app) << std::time(nullptr) << " " << line << "\n" << std::flush;
}

std::map<std::string, std::string> key_values(const std::filesystem::path& path) {
    std::map<std::string, std::string> values;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);)
        if (const std::size_t equals = line.find('='); equals != std::string::npos)
            values[line.substr(0, equals)] = line.substr(equals + 1);
    return values;
}

/// Schedules that were given out to the node, whatever came of them.
std::set<std::string> given_out(const std::string& node) {
    std::set<std::string> names;
    std::ifstream file(directory + "/events.log");
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string time, name, whose;
        if (words >> time >> name >> whose && whose == node) names.insert(name);
    }
    return names;
}

std::string next_schedule(const std::string& node) {
    const std::set<std::string> old = given_out(node);
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(directory + "/schedules", ignored)) {
        const std::string name = entry.path().filename();
        if (old.contains(name) || name.starts_with(".")) continue;
        auto values = key_values(entry.path());
        if (values["node"] != node || std::atoll(values["start"].c_str()) > std::time(nullptr)) continue;
        return name + " " + values["action"] + " " + values["objects"];
    }
    return "";
}

void serve(int socket) {
    standin::Connection client(socket);
    std::string node;
    std::string running;
    while (const std::optional<std::string> line = client.receive()) {
        std::istringstream words(*line);
        std::string verb, first, second;
        words >> verb >> first >> second;
        if (verb == "HELLO") {
            node = first;
            append("contacts.log", node + " " + second);
            std::ofstream(directory + "/nodes/" + node) << second << " " << std::time(nullptr) << "\n";
            client.send("OK");
        } else if (verb == "QUERY") {
            const std::string schedule = next_schedule(node);
            client.send(schedule.empty() ? "NONE" : "SCHEDULE " + schedule);
        } else if (verb == "BEGIN") {
            running = first;
            append("events.log", first + " " + node + " Started -");
            client.send("OK");
        } else if (verb == "RESULT") {
            append("events.log", first + " " + node + (second == "0" ? " Completed " : " Failed ") + second);
            running.clear();
            client.send("OK");
        }
    }
    if (!running.empty()) append("events.log", running + " " + node + " Severed -");
}

} // namespace

int main(int count, char** arguments) {
    int port = 1500;
    for (int i = 1; i + 1 < count; i += 2) {
        if (std::string(arguments[i]) == "--port") port = std::atoi(arguments[i + 1]);
        if (std::string(arguments[i]) == "--directory") directory = arguments[i + 1];
    }
    if (directory.empty()) {
        std::cerr << "usage: standin-server --port PORT --directory DIRECTORY\n";
        return 2;
    }
    std::filesystem::create_directories(directory + "/schedules");
    std::filesystem::create_directories(directory + "/nodes");
    std::signal(SIGCHLD, SIG_IGN);
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener, 16) != 0) {
        std::perror("standin-server");
        return 1;
    }
    while (true) {
        const int socket = ::accept(listener, nullptr, nullptr);
        if (socket < 0) continue;
        if (::fork() == 0) {
            ::close(listener);
            serve(socket);
            _exit(0);
        }
        ::close(socket);
    }
}
