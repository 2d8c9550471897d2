#include "platform/linux/extended_attributes.h"

#include "platform/posix/file_error.h"

#include <cerrno>
#include <functional>
#include <sys/xattr.h>

namespace autodeploy {
namespace {

bool unsupported(int code) {
    return code == ENOTSUP || code == ENOSYS;
}

/// Calls until the buffer is large enough: the first call asks for the size, and it may grow meanwhile.
std::string whole(const std::string& path, const std::function<ssize_t(char*, std::size_t)>& call) {
    for (int attempt = 0; attempt < 16; ++attempt) {
        const ssize_t size = call(nullptr, 0);
        if (size < 0) throw file_error("read the extended attributes of", path, errno);
        std::string text(std::size_t(size) + 64, '\0');
        const ssize_t got = call(text.data(), text.size());
        if (got >= 0) {
            text.resize(std::size_t(got));
            return text;
        }
        if (errno != ERANGE) throw file_error("read the extended attributes of", path, errno);
    }
    throw file_error("read the extended attributes of", path, ERANGE);
}

FileAttributes::Map read_all(const std::string& path, const std::function<ssize_t(char*, std::size_t)>& list,
                             const std::function<ssize_t(const char*, char*, std::size_t)>& get) {
    FileAttributes::Map attributes;
    if (list(nullptr, 0) < 0 && unsupported(errno)) return attributes;
    const std::string names = whole(path, list);
    for (std::size_t at = 0; at < names.size(); at = names.find('\0', at) + 1) {
        const std::string name = names.c_str() + at;
        const ssize_t size = get(name.c_str(), nullptr, 0);
        // Some file systems list names that only they themselves may read.
        if (size < 0 && (errno == ENODATA || unsupported(errno))) continue;
        attributes[name] = whole(path, [&](char* buffer, std::size_t room) { return get(name.c_str(), buffer, room); });
    }
    return attributes;
}

void make_equal(const FileAttributes::Map& present, const FileAttributes::Map& wanted, const std::string& path,
                const std::function<int(const char*, const std::string&)>& set,
                const std::function<int(const char*)>& remove) {
    for (const auto& [name, value] : present)
        if (!wanted.contains(name) && remove(name.c_str()) != 0 && errno != ENODATA)
            throw file_error("remove the attribute " + name + " of", path, errno);
    for (const auto& [name, value] : wanted) {
        const auto old = present.find(name);
        if (old != present.end() && old->second == value) continue;
        if (set(name.c_str(), value) != 0) throw file_error("set the attribute " + name + " of", path, errno);
    }
}

} // namespace

FileAttributes::Map ExtendedAttributes::read(const std::string& path) {
    return read_all(
        path, [&](char* buffer, std::size_t room) { return ::llistxattr(path.c_str(), buffer, room); },
        [&](const char* name, char* buffer, std::size_t room) {
            return ::lgetxattr(path.c_str(), name, buffer, room);
        });
}

FileAttributes::Map ExtendedAttributes::read(int descriptor, const std::string& path) {
    return read_all(
        path, [&](char* buffer, std::size_t room) { return ::flistxattr(descriptor, buffer, room); },
        [&](const char* name, char* buffer, std::size_t room) { return ::fgetxattr(descriptor, name, buffer, room); });
}

void ExtendedAttributes::write(int descriptor, const std::string& path, const Map& attributes) {
    make_equal(
        read(descriptor, path), attributes, path,
        [&](const char* name, const std::string& value) {
            return ::fsetxattr(descriptor, name, value.data(), value.size(), 0);
        },
        [&](const char* name) { return ::fremovexattr(descriptor, name); });
}

void ExtendedAttributes::write_link(const std::string& path, const Map& attributes) {
    make_equal(
        read(path), attributes, path,
        [&](const char* name, const std::string& value) {
            return ::lsetxattr(path.c_str(), name, value.data(), value.size(), 0);
        },
        [&](const char* name) { return ::lremovexattr(path.c_str(), name); });
}

} // namespace autodeploy
