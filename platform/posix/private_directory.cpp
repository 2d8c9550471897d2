#include "platform/posix/private_directory.h"

#include "platform/posix/file_error.h"
#include "platform/posix/open_file.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace autodeploy {
namespace {

const char* const verb = "use as a private directory";

std::string octal(unsigned mode) {
    std::string text;
    for (int shift = 9; shift >= 0; shift -= 3)
        text += char('0' + ((mode >> shift) & 7U));
    return text;
}

/// A directory above: others may not rename what is in it.
void require_safe_parent(int descriptor, const std::string& path, const std::set<std::uint32_t>& trusted_owners) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) throw file_error(verb, path, errno);
    if (status.st_uid != ::geteuid() && !trusted_owners.contains(std::uint32_t(status.st_uid)))
        throw file_refused(verb, path, "it belongs to user " + std::to_string(status.st_uid) + "; chown it to root");
    const bool others_write = (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    if (others_write && (status.st_mode & S_ISVTX) == 0)
        throw file_refused(verb, path,
                           "others may write to it (mode " + octal(status.st_mode & 07777U) + "); chmod go-w it");
}

void require_private(int descriptor, const std::string& path) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) throw file_error(verb, path, errno);
    if (status.st_uid != ::geteuid())
        throw file_refused(verb, path,
                           "it belongs to user " + std::to_string(status.st_uid) + "; find out why and remove it");
    if ((status.st_mode & 077U) != 0)
        throw file_refused(verb, path,
                           "others have rights to it (mode " + octal(status.st_mode & 07777U) + "); chmod 0700 it");
}

/// Opens the directory, made if it is missing.
Descriptor enter(const Place& place, const std::string& path) {
    for (int attempt = 0; attempt < 2; ++attempt) {
        Descriptor next = open_at(place, O_RDONLY | O_DIRECTORY);
        if (next) return next;
        if (errno == ENOTDIR || errno == ELOOP)
            throw file_refused(verb, path, "it is a link or not a directory; remove it or name the real place");
        if (errno != ENOENT) throw file_error(verb, path, errno);
        if (::mkdirat(place.directory.get(), place.name.c_str(), 0700) != 0 && errno != EEXIST)
            throw file_error("make the directory", path, errno);
        sync_directory(place, path);
    }
    throw file_error("make the directory", path, ENOENT);
}

/// Why what is open here is not the administrator's alone.
std::optional<std::string> foreign_hand(int descriptor, const std::string& path,
                                        const std::set<std::uint32_t>& trusted_owners) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) throw file_error("look at", path, errno);
    if (status.st_uid != ::geteuid() && !trusted_owners.contains(std::uint32_t(status.st_uid)))
        return path + " belongs to user " + std::to_string(status.st_uid);
    // In a directory like /tmp others can add files, but not replace ours.
    const bool sticky = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !sticky)
        return "others may write to " + path + " (mode " + octal(status.st_mode & 07777U) + ")";
    return std::nullopt;
}

} // namespace

void make_private_path(const std::string& path, const std::set<std::uint32_t>& trusted_owners) {
    if (path.empty() || path.front() != '/') throw file_refused(verb, "\"" + path + "\"", "the path is not absolute");
    Place place{Descriptor(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)), ""};
    std::string so_far;
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t slash = std::min(path.find('/', at), path.size());
        place.name = path.substr(at, slash - at);
        at = slash + 1;
        if (place.name.empty()) continue;
        if (place.name == "." || place.name == "..") throw file_refused(verb, path, "the path has a \"..\" in it");
        require_safe_parent(place.directory.get(), so_far.empty() ? "/" : so_far, trusted_owners);
        so_far += "/" + place.name;
        place.directory = enter(place, so_far);
    }
    if (so_far.empty()) throw file_refused(verb, "/", "the root directory is everybody's");
    require_private(place.directory.get(), so_far);
}

std::optional<std::string> changed_by(const std::string& path, const std::set<std::uint32_t>& trusted_owners) {
    if (path.empty() || path.front() != '/')
        throw file_refused("look at", "\"" + path + "\"", "the path is not absolute");
    Place place{Descriptor(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)), ""};
    std::string so_far;
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t slash = std::min(path.find('/', at), path.size());
        place.name = path.substr(at, slash - at);
        at = slash + 1;
        if (place.name.empty()) continue;
        so_far += "/" + place.name;
        Descriptor next = open_at(place, O_RDONLY);
        if (!next && errno == ELOOP) return so_far + " is a link";
        if (!next) throw file_error("look at", so_far, errno);
        if (auto hand = foreign_hand(next.get(), so_far, trusted_owners)) return hand;
        place.directory = std::move(next);
    }
    return std::nullopt;
}

} // namespace autodeploy
