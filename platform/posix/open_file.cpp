#include "platform/posix/open_file.h"

#include "platform/posix/file_error.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace autodeploy {

Place place_of(const std::string& path, const std::string& verb) {
    if (path.empty() || path.front() != '/') throw file_refused(verb, "\"" + path + "\"", "the path is not absolute");
    if (path.find('\0') != std::string::npos) throw file_refused(verb, path.c_str(), "a zero byte is in the path");
    const std::size_t end = path.find_last_not_of('/');
    if (end == std::string::npos) return {Descriptor(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)), "."};
    const std::size_t slash = path.rfind('/', end);
    Descriptor directory(::open(path.substr(0, slash + 1).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory) throw file_error(verb, path, errno);
    return {std::move(directory), path.substr(slash + 1, end - slash)};
}

Descriptor open_at(const Place& place, int flags, unsigned mode) {
    return Descriptor(
        ::openat(place.directory.get(), place.name.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode_t(mode)));
}

Descriptor open_regular(const std::string& path, const std::string& verb, bool follow_link) {
    const Place place = place_of(path, verb);
    Descriptor file =
        follow_link ? Descriptor(::openat(place.directory.get(), place.name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC))
                    : open_at(place, O_RDONLY);
    if (!file) throw file_error(verb, path, errno);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) throw file_error(verb, path, errno);
    if (!S_ISREG(status.st_mode)) throw file_refused(verb, path, "it is not a regular file");
    return file;
}

bool unlink_file(const Place& place) {
    struct stat status {};
    if (::fstatat(place.directory.get(), place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return false;
    if (S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return false;
    }
    return ::unlinkat(place.directory.get(), place.name.c_str(), 0) == 0;
}

void write_all(int descriptor, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throw file_error("write", path, errno);
        bytes.remove_prefix(std::size_t(written));
    }
}

std::size_t read_some(int descriptor, char* buffer, std::size_t size, const std::string& path) {
    std::size_t total = 0;
    while (total < size) {
        const ssize_t got = ::read(descriptor, buffer + total, size - total);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw file_error("read", path, errno);
        if (got == 0) break;
        total += std::size_t(got);
    }
    return total;
}

void sync_file(int descriptor, const std::string& path) {
    while (::fsync(descriptor) != 0)
        if (errno != EINTR) throw file_error("write", path, errno, " to the disk");
}

void sync_directory(const Place& place, const std::string& path) {
    // Some file systems have no such call for directories; then there is nothing that could be done.
    while (::fsync(place.directory.get()) != 0) {
        if (errno == EINVAL || errno == EROFS) return;
        if (errno != EINTR) throw file_error("write the directory of", path, errno, " to the disk");
    }
}

} // namespace autodeploy
