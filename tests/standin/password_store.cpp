#include "password_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cctype>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>

namespace standin {

namespace {

constexpr std::size_t record_size = 645;
constexpr std::size_t server_size = 256;
constexpr std::size_t node_size = 130;

std::string contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void replace_file(const std::string& path, const std::string& bytes) {
    const std::string fresh = path + ".tmp";
    const mode_t before = ::umask(0077);
    std::ofstream(fresh, std::ios::binary) << bytes;
    ::umask(before);
    ::rename(fresh.c_str(), path.c_str());
}

std::string ascii_capitals(std::string text) {
    for (char& c : text)
        if (c >= 'a' && c <= 'z') c = char(c - 'a' + 'A');
    return text;
}

void make_directories(const std::string& path) {
    for (std::size_t at = 1; at != std::string::npos;) {
        at = path.find('/', at + 1);
        ::mkdir(path.substr(0, at).c_str(), 0755);
    }
}

/// "EF 05", type of key, server, node, label.
std::string index_record(const std::string& server, const std::string& node) {
    std::string record(record_size, '\0');
    const std::string label = "standin key of " + node;
    record.replace(0, 3, "\xEF\x05\x01");
    record.replace(3, server.size(), server);
    record.replace(3 + server_size, node.size(), node);
    record.replace(3 + server_size + node_size, label.size(), label);
    return record;
}

} // namespace

std::string stored_password(const Options& options) {
    std::ifstream file(options.password_directory + "/TSM.KDB");
    const std::string wanted = ascii_capitals(options.server_name) + "\t" + options.node + "\t";
    for (std::string line; std::getline(file, line);)
        if (line.starts_with(wanted)) return line.substr(wanted.size());
    return {};
}

void store_password(const Options& options, const std::string& password) {
    const std::string server = ascii_capitals(options.server_name).substr(0, server_size - 1);
    const std::string node = options.node.substr(0, node_size - 1);
    const std::string& directory = options.password_directory;
    make_directories(directory);
    std::istringstream old(contents(directory + "/TSM.KDB"));
    std::string keys;
    for (std::string line; std::getline(old, line);)
        if (!line.starts_with(server + "\t" + node + "\t")) keys += line + "\n";
    replace_file(directory + "/TSM.KDB", keys + server + "\t" + node + "\t" + password + "\n");
    if (::access((directory + "/TSM.sth").c_str(), F_OK) != 0)
        replace_file(directory + "/TSM.sth", "stand-in stash " + generated_password() + "\n");
    std::string index = contents(directory + "/TSM.IDX");
    const std::string record = index_record(server, node);
    for (std::size_t at = 0; at + record_size <= index.size(); at += record_size)
        if (index.compare(at, record_size, record) == 0) return;
    replace_file(directory + "/TSM.IDX", index + record);
}

std::string generated_password() {
    unsigned char bytes[8] = {};
    if (std::FILE* file = std::fopen("/dev/urandom", "rb")) {
        if (std::fread(bytes, 1, sizeof bytes, file) != sizeof bytes) bytes[0] = 1;
        std::fclose(file);
    }
    std::string text;
    for (const unsigned char byte : bytes) {
        constexpr const char* digits = "0123456789abcdef";
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

} // namespace standin
