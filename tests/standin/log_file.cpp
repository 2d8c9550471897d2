#include "log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

namespace standin {

namespace {

constexpr const char* header = "LOGHEADERREC";
constexpr const char* end_of_data = "END OF DATA\n";

void write_all(int file, const std::string& bytes) {
    std::size_t written = 0;
    while (written < bytes.size()) {
        const ssize_t count = ::write(file, bytes.data() + written, bytes.size() - written);
        if (count <= 0) return;
        written += static_cast<std::size_t>(count);
    }
}

std::string contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

} // namespace

LogFile::LogFile(std::string path, const Speech& speech, std::string retention, long max_bytes)
    : path_(std::move(path)), speech_(speech), retention_(std::move(retention)), max_bytes_(max_bytes) {}

void LogFile::line(const std::string& text) {
    append(speech_.date_and_time(std::time(nullptr)) + " " + text + "\n");
}

void LogFile::torn_line(const std::string& text, unsigned pause_milliseconds) {
    const std::string whole = speech_.date_and_time(std::time(nullptr)) + " " + text + "\n";
    append(whole.substr(0, whole.size() - 4));
    ::usleep(pause_milliseconds * 1000);
    append(whole.substr(whole.size() - 4));
}

void LogFile::append(const std::string& bytes) {
    if (path_.empty()) return;
    if (max_bytes_ > 0) return append_wrapping(bytes);
    // Opened anew for each line: a log that is moved away under its writer goes on in a new file.
    const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0) return;
    write_all(file, bytes);
    ::close(file);
}

void LogFile::append_wrapping(const std::string& bytes) {
    const int file = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) return;
    // The header holds where the newest line ends: "LOGHEADERREC 0000001234\n".
    const std::string text = contents(path_);
    const long first = 24;
    long at = text.starts_with(header) ? std::atol(text.c_str() + 13) : first;
    if (at + long(bytes.size()) > max_bytes_) at = first;
    const std::string marked = bytes + end_of_data;
    char front[32];
    std::snprintf(front, sizeof front, "%s %010ld\n", header, at + long(bytes.size()));
    ::lseek(file, at, SEEK_SET);
    write_all(file, marked);
    ::lseek(file, 0, SEEK_SET);
    write_all(file, front);
    ::close(file);
}

void LogFile::prune() {
    if (retention_.empty() || retention_[0] == 'N' || retention_[0] == 'n' || max_bytes_ > 0) return;
    struct stat status {};
    if (::stat(path_.c_str(), &status) != 0) return;
    const bool kept = retention_.find_first_of("sS") != std::string::npos;
    // Dates are not read back: with 0 days everything goes, else a file that nobody wrote to for so long.
    if (std::time(nullptr) - status.st_mtime < std::atol(retention_.c_str()) * 86400) return;
    if (kept) {
        const std::string pruned = path_.substr(0, path_.rfind('.')) + ".pru";
        std::ofstream(pruned, std::ios::app | std::ios::binary) << contents(path_);
    }
    const std::string fresh = path_ + ".new";
    std::ofstream(fresh, std::ios::binary).flush();
    ::rename(fresh.c_str(), path_.c_str());
}

void LogFile::rotate(bool copied) {
    const std::string old = path_ + ".1";
    if (copied) {
        std::ofstream(old, std::ios::binary) << contents(path_);
        [[maybe_unused]] const int done = ::truncate(path_.c_str(), 0);
    } else {
        ::rename(path_.c_str(), old.c_str());
    }
}

} // namespace standin
