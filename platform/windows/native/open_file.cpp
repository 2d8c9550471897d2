#include "platform/windows/native/open_file.h"

#include "platform/windows/full_path.h"
#include "platform/windows/native/file_failure.h"
#include "platform/windows/native/rights_of.h"
#include "platform/windows/native/wide.h"

#include <windows.h>

#include <winioctl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace autodeploy {

namespace {

constexpr DWORD most_at_once = 1 << 20;
/// What a tool sets and what is restored; the others say how the file is stored.
constexpr DWORD kept_attributes = FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM |
                                  FILE_ATTRIBUTE_ARCHIVE | FILE_ATTRIBUTE_NOT_CONTENT_INDEXED;

std::uint64_t joined(DWORD high, DWORD low) {
    return std::uint64_t(high) << 32 | low;
}

/// Windows counts from 1601 in steps of 100 ns.
std::int64_t unix_nanoseconds(const FILETIME& time) {
    return (std::int64_t(joined(time.dwHighDateTime, time.dwLowDateTime)) - 116444736000000000) * 100;
}

struct LinkPoint {
    bool is_link = false;
    std::string target;
};

/// Of reparse points only symbolic links and junctions are links; a file that is deduplicated, say, is none.
LinkPoint link_point(HANDLE handle) {
    std::array<char, MAXIMUM_REPARSE_DATA_BUFFER_SIZE> data{};
    DWORD size = 0;
    if (!::DeviceIoControl(handle, FSCTL_GET_REPARSE_POINT, nullptr, 0, data.data(), DWORD(data.size()), &size,
                           nullptr))
        return {true, {}}; // what cannot be told is not gone through
    DWORD tag = 0;
    std::memcpy(&tag, data.data(), sizeof tag);
    if (tag != IO_REPARSE_TAG_SYMLINK && tag != IO_REPARSE_TAG_MOUNT_POINT) return {};
    // tag, two sizes; offset and length of both names; for a symbolic link, flags; then the names.
    std::array<USHORT, 4> places{};
    std::memcpy(places.data(), data.data() + 8, sizeof places);
    const std::size_t names = tag == IO_REPARSE_TAG_SYMLINK ? 20 : 16;
    const std::size_t begin = names + places[0];
    if (begin + places[1] > size) return {true, {}};
    std::wstring target(places[1] / 2, L'\0');
    std::memcpy(target.data(), data.data() + begin, target.size() * 2);
    return {true, narrow(target)};
}

DWORD try_open(const std::string& path, const Opening& opening, Handle& opened) {
    std::optional<NewRights> rights;
    SECURITY_ATTRIBUTES attributes{sizeof attributes, nullptr, FALSE};
    if (opening.rights) attributes.lpSecurityDescriptor = rights.emplace(opening.rights).get();
    const DWORD sharing = opening.shared ? FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE : 0;
    const DWORD flags = FILE_FLAG_BACKUP_SEMANTICS | (opening.follow ? 0 : FILE_FLAG_OPEN_REPARSE_POINT);
    const std::wstring name = long_path(path);
    return patiently([&]() -> unsigned long {
        opened = Handle(::CreateFileW(name.c_str(), opening.access, sharing, opening.rights ? &attributes : nullptr,
                                      opening.disposition, FILE_ATTRIBUTE_NORMAL | flags | opening.flags, nullptr));
        return opened ? DWORD(0) : ::GetLastError();
    });
}

} // namespace

Handle open_if_there(const std::string& path, const Opening& opening, const std::string& verb) {
    if (parts_of_path(path).root.empty()) return Handle();
    Handle opened;
    const DWORD code = try_open(path, opening, opened);
    if (code != 0 && !is_missing(code) && code != ERROR_INVALID_NAME) throw file_failure(verb, path, code);
    return opened;
}

Handle open_file(const std::string& path, const Opening& opening, const std::string& verb) {
    if (parts_of_path(path).root.empty()) throw file_failure(verb, path, ERROR_PATH_NOT_FOUND);
    Handle opened;
    if (const DWORD code = try_open(path, opening, opened)) throw file_failure(verb, path, code);
    return opened;
}

Handle open_regular(const std::string& path, unsigned long access, bool follow, const std::string& verb) {
    Handle file = open_file(
        path, {.access = access | FILE_READ_ATTRIBUTES, .disposition = OPEN_EXISTING, .follow = follow}, verb);
    BY_HANDLE_FILE_INFORMATION found{};
    if (!::GetFileInformationByHandle(file.get(), &found)) throw file_failure(verb, path, ::GetLastError());
    if ((found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0 || ::GetFileType(file.get()) != FILE_TYPE_DISK)
        throw file_refusal(verb, path, "it is not a regular file");
    if (!follow && (found.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0 && link_point(file.get()).is_link)
        throw file_refusal(verb, path, "it is a link");
    return file;
}

FileStatus status_of(void* handle, const std::string& path) {
    BY_HANDLE_FILE_INFORMATION found{};
    if (!::GetFileInformationByHandle(handle, &found)) throw file_failure("look at", path, ::GetLastError());
    FileStatus status;
    const bool directory = (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
    status.type = directory ? FileType::directory : FileType::regular;
    if ((found.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0) {
        LinkPoint link = link_point(handle);
        if (link.is_link) status.type = FileType::link;
        status.link_target = std::move(link.target);
    }
    if (status.type == FileType::regular) status.size = joined(found.nFileSizeHigh, found.nFileSizeLow);
    status.mode = found.dwFileAttributes & kept_attributes;
    status.modified = unix_nanoseconds(found.ftLastWriteTime);
    status.identity = joined(found.nFileIndexHigh, found.nFileIndexLow);
    status.device = found.dwVolumeSerialNumber;
    status.attributes["sddl"] = rights_text(handle, path);
    return status;
}

void write_all(void* handle, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        DWORD written = 0;
        if (!::WriteFile(handle, bytes.data(), DWORD(std::min<std::size_t>(bytes.size(), most_at_once)), &written,
                         nullptr))
            throw file_failure("write", path, ::GetLastError());
        bytes.remove_prefix(written);
    }
}

std::size_t read_some(void* handle, char* buffer, std::size_t size, const std::string& path) {
    DWORD got = 0;
    const bool done = ::ReadFile(handle, buffer, DWORD(std::min<std::size_t>(size, most_at_once)), &got, nullptr);
    if (!done && ::GetLastError() != ERROR_HANDLE_EOF) throw file_failure("read", path, ::GetLastError());
    return got;
}

void flush_file(void* handle, const std::string& path) {
    if (!::FlushFileBuffers(handle)) throw file_failure("flush", path, ::GetLastError());
}

void flush_directory_of(const std::string& path) {
    const Handle directory(::CreateFileW(long_path(parent_path(path)).c_str(), FILE_WRITE_DATA,
                                         FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING,
                                         FILE_FLAG_BACKUP_SEMANTICS, nullptr));
    if (directory) ::FlushFileBuffers(directory.get());
}

} // namespace autodeploy
