#include "platform/posix/file_status.h"

#include "platform/posix/file_error.h"

#include <array>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace autodeploy {
namespace {

constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

FileType type_of(mode_t mode) {
    if (S_ISREG(mode)) return FileType::regular;
    if (S_ISDIR(mode)) return FileType::directory;
    if (S_ISLNK(mode)) return FileType::link;
    return FileType::other;
}

FileStatus converted(const struct stat& raw) {
    FileStatus status;
    status.type = type_of(raw.st_mode);
    status.size = status.type == FileType::regular ? std::uint64_t(raw.st_size) : 0;
    status.mode = std::uint32_t(raw.st_mode) & 07777U;
    status.user = std::uint32_t(raw.st_uid);
    status.group = std::uint32_t(raw.st_gid);
    status.modified = std::int64_t(raw.st_mtim.tv_sec) * nanoseconds_per_second + raw.st_mtim.tv_nsec;
    status.identity = std::uint64_t(raw.st_ino);
    status.device = std::uint64_t(raw.st_dev);
    return status;
}

std::string read_link(const std::string& path) {
    std::array<char, PATH_MAX> target{};
    const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
    if (size < 0) throw file_error("read the link", path, errno);
    return std::string(target.data(), std::size_t(size));
}

std::array<timespec, 2> times_of(const FileStatus& status) {
    timespec access{};
    access.tv_nsec = UTIME_OMIT;
    timespec modification{};
    std::int64_t rest = status.modified % nanoseconds_per_second;
    if (rest < 0) rest += nanoseconds_per_second;
    modification.tv_sec = time_t((status.modified - rest) / nanoseconds_per_second);
    modification.tv_nsec = long(rest);
    return {access, modification};
}

} // namespace

FileStatus status_of(int descriptor, const std::string& path, FileAttributes& attributes) {
    struct stat raw {};
    if (::fstat(descriptor, &raw) != 0) throw file_error("read the status of", path, errno);
    FileStatus status = converted(raw);
    status.attributes = attributes.read(descriptor, path);
    return status;
}

std::optional<FileStatus> status_of(const std::string& path, FileAttributes& attributes) {
    struct stat raw {};
    if (::lstat(path.c_str(), &raw) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
        throw file_error("read the status of", path, errno);
    }
    try {
        FileStatus status = converted(raw);
        if (status.type == FileType::link) status.link_target = read_link(path);
        status.attributes = attributes.read(path);
        return status;
    } catch (const Error& error) {
        if (error.cause() == "file_not_found") return std::nullopt; // removed meanwhile
        throw;
    }
}

void apply_status(int descriptor, const std::string& path, const FileStatus& status, FileAttributes& attributes) {
    // The owner first: a change of owner clears set-user-id bits and capabilities. The attributes after the mode: an
    // access control list has the last word on the group's bits.
    if (::fchown(descriptor, uid_t(status.user), gid_t(status.group)) != 0)
        throw file_error("set the owner of", path, errno);
    if (::fchmod(descriptor, mode_t(status.mode)) != 0) throw file_error("set the rights of", path, errno);
    attributes.write(descriptor, path, status.attributes);
    if (::futimens(descriptor, times_of(status).data()) != 0) throw file_error("set the time of", path, errno);
}

void apply_link_status(const std::string& path, const FileStatus& status, FileAttributes& attributes) {
    if (::lchown(path.c_str(), uid_t(status.user), gid_t(status.group)) != 0)
        throw file_error("set the owner of", path, errno);
    attributes.write_link(path, status.attributes);
    if (::utimensat(AT_FDCWD, path.c_str(), times_of(status).data(), AT_SYMLINK_NOFOLLOW) != 0)
        throw file_error("set the time of", path, errno);
}

} // namespace autodeploy
