#include "platform/posix/posix_file_system.h"

#include "platform/digest.h"
#include "platform/posix/file_error.h"
#include "platform/posix/file_status.h"
#include "platform/posix/file_streams.h"
#include "platform/posix/lock_file.h"
#include "platform/posix/open_file.h"
#include "platform/posix/private_directory.h"
#include "platform/posix/replacement_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace autodeploy {
namespace {

constexpr std::size_t piece = 128 * 1024;
constexpr int deepest = 256;

class Lock final : public FileLock {
  public:
    explicit Lock(Descriptor file) : file_(std::move(file)) {}
    ~Lock() override { unlock_whole_file(file_.get()); }

  private:
    Descriptor file_;
};

std::vector<std::string> names_in(int descriptor, const std::string& path) {
    // The stream takes the descriptor over, and moves its position: it gets one of its own.
    const int own = ::openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR* const stream = own < 0 ? nullptr : ::fdopendir(own);
    if (stream == nullptr) {
        const int code = errno;
        if (own >= 0) ::close(own);
        throw file_error("list", path, code);
    }
    std::vector<std::string> names;
    for (;;) {
        errno = 0;
        const dirent* const entry = ::readdir(stream);
        if (entry == nullptr) break;
        if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0)
            names.emplace_back(entry->d_name);
    }
    const int code = errno;
    ::closedir(stream);
    if (code != 0) throw file_error("list", path, code);
    std::sort(names.begin(), names.end());
    return names;
}

void remove_at(const Place& place, const std::string& path, int depth) {
    if (depth > deepest)
        throw Error("io_error", "cannot remove " + path + ": directories are nested deeper than " +
                                    std::to_string(deepest) + "; remove it by hand");
    if (unlink_file(place) || errno == ENOENT) return;
    if (errno != EISDIR) throw file_error("remove", path, errno);
    Place inner{open_at(place, O_RDONLY | O_DIRECTORY), ""};
    if (!inner.directory && errno == ENOENT) return;
    if (!inner.directory) throw file_error("remove", path, errno);
    for (std::string& name : names_in(inner.directory.get(), path)) {
        inner.name = std::move(name);
        remove_at(inner, path + "/" + inner.name, depth + 1);
    }
    if (::unlinkat(place.directory.get(), place.name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT)
        throw file_error("remove", path, errno);
}

/// The place, or nothing where even its directory is missing.
std::optional<Place> existing_place(const std::string& path, const std::string& verb) {
    try {
        return place_of(path, verb);
    } catch (const Error& error) {
        if (error.cause() == "file_not_found") return std::nullopt;
        throw;
    }
}

void copy_content(int from, int to, const std::string& from_path, const std::string& to_path) {
    std::vector<char> buffer(piece);
    while (const std::size_t size = read_some(from, buffer.data(), buffer.size(), from_path))
        write_all(to, {buffer.data(), size}, to_path);
}

void fill_with_zeros(int descriptor, std::uint64_t from, std::uint64_t to, const std::string& path) {
    const std::vector<char> zeros(piece);
    if (::lseek(descriptor, off_t(from), SEEK_SET) < 0) throw file_error("write", path, errno);
    for (std::uint64_t left = to - from; left > 0;) {
        const std::size_t size = std::size_t(std::min<std::uint64_t>(left, zeros.size()));
        write_all(descriptor, {zeros.data(), size}, path);
        left -= size;
    }
}

} // namespace

PosixFileSystem::PosixFileSystem(FileAttributes& attributes, std::set<std::uint32_t> trusted_owners)
    : attributes_(attributes), trusted_owners_(std::move(trusted_owners)) {}

std::optional<FileStatus> PosixFileSystem::status(const std::string& path) {
    return status_of(path, attributes_);
}

std::vector<std::string> PosixFileSystem::list(const std::string& directory) {
    const Place place = place_of(directory, "list");
    const Descriptor opened(::openat(place.directory.get(), place.name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened) throw file_error("list", directory, errno);
    return names_in(opened.get(), directory);
}

std::string PosixFileSystem::read(const std::string& path, std::uint64_t limit) {
    const Descriptor file = open_regular(path, "read", true);
    std::string content;
    for (;;) {
        const std::size_t before = content.size();
        content.resize(before + piece);
        const std::size_t got = read_some(file.get(), content.data() + before, piece, path);
        content.resize(before + got);
        if (content.size() > limit)
            throw Error("file_too_large",
                        "cannot read " + path + ": it is larger than " + std::to_string(limit) + " bytes");
        if (got == 0) return content;
    }
}

std::string PosixFileSystem::sha256(const std::string& path) {
    const Descriptor file = open_regular(path, "read", false);
    Sha256 digest;
    std::vector<char> buffer(piece);
    while (const std::size_t size = read_some(file.get(), buffer.data(), buffer.size(), path))
        digest.update(buffer.data(), size);
    return digest.hex();
}

std::unique_ptr<FileReader> PosixFileSystem::reader(const std::string& path) {
    return open_reader(path, attributes_);
}

std::unique_ptr<FileReader> PosixFileSystem::reader_below(const std::string& directory, const std::string& relative) {
    return open_reader_below(directory, relative, attributes_);
}

void PosixFileSystem::write_durably(const std::string& path, std::string_view content, std::uint32_t mode) {
    ReplacementFile file(path, "write");
    write_all(file.descriptor(), content, path);
    if (::fchmod(file.descriptor(), mode_t(mode)) != 0) throw file_error("set the rights of", path, errno);
    file.commit();
}

std::unique_ptr<FileWriter> PosixFileSystem::writer(const std::string& path, WriteMode mode) {
    return open_writer(path, mode);
}

void PosixFileSystem::append_durably(const std::string& path, std::string_view content) {
    const Place place = place_of(path, "append to");
    const Descriptor file = open_at(place, O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (!file) throw file_error("append to", path, errno);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) throw file_error("append to", path, errno);
    if (!S_ISREG(status.st_mode)) throw file_refused("append to", path, "it is not a regular file");
    // The name first: a file that has content then has a name on the disk, whoever made it.
    if (status.st_size == 0) sync_directory(place, path);
    write_all(file.get(), content, path);
    sync_file(file.get(), path);
}

void PosixFileSystem::rename_durably(const std::string& from, const std::string& to) {
    const Place source = place_of(from, "rename");
    const Place target = place_of(to, "make");
    if (const Descriptor file = open_at(source, O_RDONLY)) ::fsync(file.get());
    if (::renameat(source.directory.get(), source.name.c_str(), target.directory.get(), target.name.c_str()) != 0)
        throw file_error("rename", from, errno, " to " + to);
    sync_directory(target, to);
    sync_directory(source, from);
}

void PosixFileSystem::remove_durably(const std::string& path) {
    const std::optional<Place> place = existing_place(path, "remove");
    if (!place) return;
    if (!unlink_file(*place) && errno != ENOENT) throw file_error("remove", path, errno);
    // Also where it was gone already: a call that was killed may not have come this far.
    sync_directory(*place, path);
}

void PosixFileSystem::remove_tree(const std::string& path) {
    const std::optional<Place> place = existing_place(path, "remove");
    if (!place) return;
    if (place->name == ".") throw file_refused("remove", path, "it is the root directory");
    remove_at(*place, path, 0);
    sync_directory(*place, path);
}

std::optional<std::string> PosixFileSystem::changeable_by_others(const std::string& path) {
    return changed_by(path, trusted_owners_);
}

void PosixFileSystem::make_private_directory(const std::string& path) {
    make_private_path(path, trusted_owners_);
}

void PosixFileSystem::copy_durably(const std::string& from, const std::string& to) {
    const std::optional<FileStatus> found = status(from);
    if (found && found->type == FileType::link) {
        replace_with_link(to, found->link_target,
                          [&](const std::string& link) { apply_link_status(link, *found, attributes_); });
        return;
    }
    const Descriptor source = open_regular(from, "copy", false);
    ReplacementFile copy(to, "write");
    copy_content(source.get(), copy.descriptor(), from, to);
    apply_status(copy.descriptor(), to, status_of(source.get(), from, attributes_), attributes_);
    copy.commit();
}

void PosixFileSystem::set_status(const std::string& path, const FileStatus& status) {
    if (status.type == FileType::link) return apply_link_status(path, status, attributes_);
    const Descriptor file = open_at(place_of(path, "set the rights of"), O_RDONLY);
    if (!file) throw file_error("set the rights of", path, errno);
    apply_status(file.get(), path, status, attributes_);
    sync_file(file.get(), path);
}

void PosixFileSystem::make_directory(const std::string& path) {
    const Place place = place_of(path, "make the directory");
    if (::mkdirat(place.directory.get(), place.name.c_str(), 0755) != 0) {
        if (errno != EEXIST) throw file_error("make the directory", path, errno);
        if (!open_at(place, O_RDONLY | O_DIRECTORY))
            throw file_refused("make the directory", path, "something else stands there");
    }
    sync_directory(place, path);
}

std::uint64_t PosixFileSystem::free_bytes(const std::string& path) {
    std::string nearest = path;
    for (;;) {
        struct statvfs space {};
        if (::statvfs(nearest.c_str(), &space) == 0) return std::uint64_t(space.f_bavail) * space.f_frsize;
        const std::size_t slash = nearest.rfind('/');
        if ((errno != ENOENT && errno != ENOTDIR) || nearest == "/" || slash == std::string::npos)
            throw file_error("ask for the free space at", path, errno);
        nearest = slash == 0 ? "/" : nearest.substr(0, slash);
    }
}

void PosixFileSystem::reserve(const std::string& path, std::uint64_t size) {
    const Place place = place_of(path, "reserve room in");
    const Descriptor file = open_at(place, O_RDWR | O_CREAT, 0600);
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0) throw file_error("reserve room in", path, errno);
    if (!S_ISREG(status.st_mode)) throw file_refused("reserve room in", path, "it is not a regular file");
    if (size > 0) {
        const int code = ::posix_fallocate(file.get(), 0, off_t(size));
        if (code == EINVAL || code == EOPNOTSUPP) {
            if (size > std::uint64_t(status.st_size))
                fill_with_zeros(file.get(), std::uint64_t(status.st_size), size, path);
        } else if (code != 0) {
            throw file_error("reserve " + std::to_string(size) + " bytes in", path, code);
        }
    }
    sync_file(file.get(), path);
    sync_directory(place, path);
}

std::unique_ptr<FileLock> PosixFileSystem::try_lock(const std::string& path) {
    Descriptor file = open_at(place_of(path, "lock"), O_RDWR | O_CREAT, 0600);
    if (!file) throw file_error("lock", path, errno);
    switch (lock_whole_file(file.get())) {
    case LockAttempt::held_by_another:
        return nullptr;
    case LockAttempt::impossible:
        throw file_error("lock", path, errno);
    case LockAttempt::held:
        break;
    }
    return std::make_unique<Lock>(std::move(file));
}

} // namespace autodeploy
