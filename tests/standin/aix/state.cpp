#include "state.h"

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

namespace standin::aix {

namespace fs = std::filesystem;

std::string at(const std::string& path) {
    return root() + path;
}

std::string asked(const std::string& name) {
    for (const std::string& line : lines_of(read_file("/etc/standin/aix")))
        if (line.rfind(name + "=", 0) == 0) return line.substr(name.size() + 1);
    return {};
}

bool translated() {
    const char* all = std::getenv("LC_ALL");
    return (all == nullptr || std::string(all) != "C") && !asked("language").empty();
}

std::string said(const std::string& english, const std::string& other) {
    return translated() ? other : english;
}

std::string read_file(const std::string& path) {
    std::ifstream file(at(path), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, const std::string& text) {
    const std::string place = at(path);
    fs::create_directories(fs::path(place).parent_path());
    // Renamed into place: a kill leaves the old or the new one.
    {
        std::ofstream file(place + ".new", std::ios::binary | std::ios::trunc);
        file << text;
    }
    fs::rename(place + ".new", place);
}

void append_line(const std::string& path, const std::string& line) {
    fs::create_directories(fs::path(at(path)).parent_path());
    std::ofstream(at(path), std::ios::app) << line << "\n";
}

bool exists(const std::string& path) {
    std::error_code ignored;
    return fs::exists(fs::symlink_status(at(path), ignored));
}

std::vector<std::string> files_in(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(at(folder), none))
        names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    return lines;
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts{""};
    for (const char letter : text)
        if (letter == separator)
            parts.emplace_back();
        else
            parts.back() += letter;
    return parts;
}

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream stream(text);
    return {std::istream_iterator<std::string>(stream), {}};
}

void lock_machine() {
    fs::create_directories(at("/var/run"));
    const int file = ::open(at("/var/run/standin.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ::flock(file, LOCK_EX);
}

void note(const std::string& line) {
    append_line("/var/adm/standin.log", line);
}

int shell(const std::string& text) {
    const int status = std::system(text.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Options options(const Arguments& arguments, const std::string& letters) {
    Options found;
    std::size_t index = 0;
    for (; index < arguments.size(); ++index) {
        const std::string& word = arguments[index];
        if (word.size() < 2 || word[0] != '-') {
            found.operands.push_back(word);
            continue;
        }
        for (std::size_t letter = 1; letter < word.size(); ++letter) {
            const std::size_t known = letters.find(word[letter]);
            if (known == std::string::npos || word[letter] == ':') {
                found.good = false;
                return found;
            }
            if (letters.substr(known + 1, 1) != ":") {
                found.values[word[letter]] = "";
                continue;
            }
            if (letter + 1 < word.size())
                found.values[word[letter]] = word.substr(letter + 1);
            else if (++index < arguments.size())
                found.values[word[letter]] = arguments[index];
            else
                found.good = false;
            break;
        }
    }
    return found;
}

} // namespace standin::aix
