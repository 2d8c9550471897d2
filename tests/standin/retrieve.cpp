#include "retrieve.h"

#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fnmatch.h>

namespace standin {

namespace {

struct Request {
    std::string from;
    std::string to;
    bool subdirectories = false;
    bool replace = false;
    std::string preserve = "subtree";
};

Request understood(const std::vector<std::string>& arguments) {
    Request request;
    for (const std::string& argument : arguments) {
        const std::string value = argument.substr(argument.find('=') + 1);
        if (argument.empty()) continue;
        if (argument[0] != '-') {
            (request.from.empty() ? request.from : request.to) = argument;
        } else if (strncasecmp(argument.c_str(), "-su", 3) == 0) {
            request.subdirectories = strcasecmp(value.c_str(), "yes") == 0 || strcasecmp(value.c_str(), "y") == 0;
        } else if (strncasecmp(argument.c_str(), "-rep", 4) == 0) {
            request.replace = strncasecmp(value.c_str(), "a", 1) == 0 || strncasecmp(value.c_str(), "y", 1) == 0;
        } else if (strncasecmp(argument.c_str(), "-preser", 7) == 0) {
            request.preserve = value;
        }
    }
    return request;
}

std::string directory_of(const std::string& path) {
    return path.substr(0, path.rfind('/') + 1);
}

/// Where a file of the archive goes, by the rules of PRESERVEPATH. base: the folder of the specification, with "/".
std::string destination(const Request& request, const std::string& base, const std::string& path) {
    if (request.to.empty()) return path;
    if (request.to.back() != '/') return request.to;
    const std::string below = path.substr(base.size());
    const std::string parent = base.substr(0, base.size() - 1);
    if (request.preserve == "complete") return request.to + path.substr(1);
    if (request.preserve == "nobase") return request.to + below;
    if (request.preserve == "none") return request.to + path.substr(path.rfind('/') + 1);
    return request.to + parent.substr(parent.rfind('/') + 1) + "/" + below;
}

void make_directories_for(const std::string& path) {
    for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1))
        ::mkdir(path.substr(0, at).c_str(), 0755);
}

bool receive_file(Connection& server, const std::string& path, const std::string& to) {
    server.send("GET\t" + path);
    const std::vector<std::string> answer = fields(server.receive().value_or(""));
    if (answer[0] != "SIZE" || answer.size() < 2) return false;
    make_directories_for(to);
    std::FILE* file = std::fopen(to.c_str(), "wb");
    if (file == nullptr) return false;
    static char buffer[1 << 16];
    auto rest = static_cast<std::size_t>(std::atoll(answer[1].c_str()));
    while (rest > 0) {
        const std::size_t count = server.receive_bytes(buffer, rest < sizeof buffer ? rest : sizeof buffer);
        if (count == 0 || std::fwrite(buffer, 1, count, file) != count) break;
        rest -= count;
    }
    return std::fclose(file) == 0 && rest == 0;
}

} // namespace

Retrieved retrieve(Connection& server, const std::vector<std::string>& arguments) {
    const Request request = understood(arguments);
    Retrieved done;
    if (request.from.empty() || request.from[0] != '/') {
        done.code = 12;
        done.message = "ANS1076E The specified directory path '" + request.from + "' could not be found.";
        return done;
    }
    const std::string base = directory_of(request.from);
    std::string pattern = request.from.substr(base.size());
    if (pattern.empty()) pattern = "*";
    std::vector<std::string> found;
    server.send("LIST\t" + base);
    while (true) {
        const std::optional<std::string> line = server.receive();
        if (!line) {
            done.code = 12;
            done.message = "ANS1017E Session rejected: TCP/IP connection failure.";
            return done;
        }
        if (*line == "END") break;
        const std::string below = line->substr(base.size());
        const std::string name = below.substr(below.rfind('/') + 1);
        if (below != name && !request.subdirectories) continue;
        if (::fnmatch(pattern.c_str(), name.c_str(), 0) == 0) found.push_back(*line);
    }
    if (found.empty()) {
        done.code = 12;
        done.message = "ANS1302E No objects on server match query";
    }
    for (const std::string& path : found) {
        const std::string to = destination(request, base, path);
        if (!request.replace && ::access(to.c_str(), F_OK) == 0) {
            done.code = done.code == 0 ? 4 : done.code;
            continue;
        }
        if (receive_file(server, path, to)) {
            ++done.files;
        } else {
            done.code = 12;
            done.message = "ANS1028S Cannot retrieve '" + path + "' to '" + to + "'.";
            return done;
        }
    }
    return done;
}

std::vector<std::string> split_words(const std::string& text) {
    std::vector<std::string> words;
    char quote = 0;
    bool open = false;
    for (const char c : text) {
        if (quote != 0 ? c == quote : (c == '"' || c == '\'')) {
            quote = quote != 0 ? '\0' : c;
            if (!open) words.emplace_back();
            open = true;
        } else if (quote == 0 && (c == ' ' || c == '\t')) {
            open = false;
        } else {
            if (!open) words.emplace_back();
            open = true;
            words.back() += c;
        }
    }
    return words;
}

} // namespace standin
