#include "platform/windows/native/windows_file_system.h"

#include "platform/digest.h"
#include "platform/windows/full_path.h"
#include "platform/windows/native/file_failure.h"
#include "platform/windows/native/file_streams.h"
#include "platform/windows/native/open_file.h"
#include "platform/windows/native/replace_file.h"
#include "platform/windows/native/rights_of.h"
#include "platform/windows/native/wide.h"

#include <windows.h>

#include <algorithm>

namespace autodeploy {

namespace {

constexpr std::size_t piece = 128 * 1024;
constexpr int deepest = 256;
constexpr std::uint32_t readable_by_others = 0044;

/// Far behind whatever a file holds: a lock keeps nobody from reading the file.
constexpr DWORD lock_place_high = 0x7FFFFFFF;

class Lock final : public FileLock {
  public:
    explicit Lock(Handle file) : file_(std::move(file)) {}

  private:
    Handle file_; // closing it lets go
};

bool is_dots(const wchar_t* name) {
    return std::wstring_view(name) == L"." || std::wstring_view(name) == L"..";
}

std::vector<std::string> names_in(const std::string& directory) {
    WIN32_FIND_DATAW entry{};
    const HANDLE search = ::FindFirstFileExW((long_path(directory) + L"\\*").c_str(), FindExInfoBasic, &entry,
                                             FindExSearchNameMatch, nullptr, FIND_FIRST_EX_LARGE_FETCH);
    if (search == INVALID_HANDLE_VALUE) {
        const DWORD code = ::GetLastError();
        // The root of an empty drive has not even dots.
        if (code == ERROR_FILE_NOT_FOUND && parts_of_path(directory).names.empty()) return {};
        throw file_failure("list", directory, code);
    }
    std::vector<std::string> names;
    do {
        if (!is_dots(entry.cFileName)) names.push_back(narrow(entry.cFileName));
    } while (::FindNextFileW(search, &entry));
    const DWORD code = ::GetLastError();
    ::FindClose(search);
    if (code != ERROR_NO_MORE_FILES) throw file_failure("list", directory, code);
    std::sort(names.begin(), names.end());
    return names;
}

DWORD attributes_of(const std::string& path) {
    return ::GetFileAttributesW(long_path(path).c_str());
}

/// A file, a link of either kind, or an empty directory; 0 or the code.
unsigned long remove_one(const std::string& path) {
    const std::wstring name = long_path(path);
    const DWORD attributes = attributes_of(path);
    if (attributes == INVALID_FILE_ATTRIBUTES) return ::GetLastError();
    if ((attributes & FILE_ATTRIBUTE_READONLY) != 0)
        ::SetFileAttributesW(name.c_str(), attributes & ~DWORD(FILE_ATTRIBUTE_READONLY));
    const bool done =
        (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0 ? ::RemoveDirectoryW(name.c_str()) : ::DeleteFileW(name.c_str());
    return done ? DWORD(0) : ::GetLastError();
}

void remove_or_throw(const std::string& path) {
    const DWORD code = patiently([&] { return remove_one(path); });
    if (code != 0 && !is_missing(code)) throw file_failure("remove", path, code);
}

void remove_below(const std::string& path, int depth) {
    if (depth > deepest)
        throw Error("io_error", "cannot remove " + path + ": directories are nested deeper than " +
                                    std::to_string(deepest) + "; remove it by hand");
    const DWORD attributes = attributes_of(path);
    if (attributes == INVALID_FILE_ATTRIBUTES && is_missing(::GetLastError())) return;
    constexpr DWORD kind = FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT;
    if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & kind) == FILE_ATTRIBUTE_DIRECTORY)
        for (const std::string& name : names_in(path))
            remove_below(path + "\\" + name, depth + 1);
    remove_or_throw(path);
}

Handle open_to_judge(const std::string& path) {
    return open_file(path, {.access = READ_CONTROL | FILE_READ_ATTRIBUTES, .disposition = OPEN_EXISTING},
                     "read the rights of");
}

/// From the root to the path itself.
std::vector<std::string> components_of(const std::string& path) {
    const PathParts parts = parts_of_path(path);
    std::vector<std::string> found;
    PathParts so_far{parts.root, {}};
    found.push_back(plain_path(so_far));
    for (const std::string& name : parts.names) {
        so_far.names.push_back(name);
        found.push_back(plain_path(so_far));
    }
    return found;
}

std::optional<std::string> judged(const std::string& path, Guarded guarded, const std::string& own) {
    const Handle opened = open_to_judge(path);
    if (status_of(opened.get(), path).type == FileType::link) return path + " is a link";
    return others_may(path, rights_of(opened.get(), path), guarded, own);
}

/// The rights first: the attribute read-only may forbid to set them.
void apply_status(HANDLE file, const std::string& path, const FileStatus& status) {
    const auto rights = status.attributes.find("sddl");
    if (rights != status.attributes.end()) set_rights(file, path, rights->second);
    FILE_BASIC_INFO basic{};
    basic.LastWriteTime.QuadPart = status.modified / 100 + 116444736000000000;
    basic.FileAttributes = status.mode == 0 ? DWORD(FILE_ATTRIBUTE_NORMAL) : status.mode;
    if (status.type == FileType::directory) basic.FileAttributes |= FILE_ATTRIBUTE_DIRECTORY;
    if (!::SetFileInformationByHandle(file, FileBasicInfo, &basic, sizeof basic))
        throw file_failure("set the attributes of", path, ::GetLastError());
}

} // namespace

WindowsFileSystem::WindowsFileSystem() : own_user_(own_user()) {}

std::optional<FileStatus> WindowsFileSystem::status(const std::string& path) {
    const Handle file =
        open_if_there(path, {.access = FILE_READ_ATTRIBUTES | READ_CONTROL, .disposition = OPEN_EXISTING}, "look at");
    if (!file) return std::nullopt;
    return status_of(file.get(), path);
}

std::vector<std::string> WindowsFileSystem::list(const std::string& directory) {
    const DWORD attributes = attributes_of(directory);
    if (attributes == INVALID_FILE_ATTRIBUTES) throw file_failure("list", directory, ::GetLastError());
    if ((attributes & FILE_ATTRIBUTE_DIRECTORY) == 0) throw file_failure("list", directory, ERROR_DIRECTORY);
    return names_in(directory);
}

std::string WindowsFileSystem::read(const std::string& path, std::uint64_t limit) {
    const Handle file = open_regular(path, GENERIC_READ, true, "read");
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

std::string WindowsFileSystem::sha256(const std::string& path) {
    const Handle file = open_regular(path, GENERIC_READ, false, "read");
    Sha256 digest;
    std::vector<char> buffer(piece);
    while (const std::size_t size = read_some(file.get(), buffer.data(), buffer.size(), path))
        digest.update(buffer.data(), size);
    return digest.hex();
}

std::optional<std::string> WindowsFileSystem::changeable_by_others(const std::string& path) {
    const std::vector<std::string> all = components_of(path);
    for (const std::string& component : all)
        if (auto who = judged(component, component == all.back() ? Guarded::content : Guarded::place, own_user_))
            return who;
    return std::nullopt;
}

std::unique_ptr<FileReader> WindowsFileSystem::reader(const std::string& path) {
    return open_reader(path);
}

std::unique_ptr<FileReader> WindowsFileSystem::reader_below(const std::string& directory, const std::string& relative) {
    return open_reader_below(directory, relative);
}

void WindowsFileSystem::write_durably(const std::string& path, std::string_view content, std::uint32_t mode) {
    NewFile file(path, (mode & readable_by_others) == 0 ? private_file_rights : nullptr);
    write_all(file.handle(), content, path);
    file.commit();
}

std::unique_ptr<FileWriter> WindowsFileSystem::writer(const std::string& path, WriteMode mode) {
    return open_writer(path, mode);
}

void WindowsFileSystem::append_durably(const std::string& path, std::string_view content) {
    const auto file = open_writer(path, WriteMode::append);
    file->write(content);
    file->sync();
}

void WindowsFileSystem::rename_durably(const std::string& from, const std::string& to) {
    if (const Handle file = open_if_there(from, {.access = GENERIC_WRITE, .disposition = OPEN_EXISTING}, "rename"))
        ::FlushFileBuffers(file.get());
    move_over(from, to);
}

void WindowsFileSystem::remove_durably(const std::string& path) {
    const DWORD attributes = attributes_of(path);
    constexpr DWORD kind = FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT;
    if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & kind) == FILE_ATTRIBUTE_DIRECTORY)
        throw file_refusal("remove", path, "it is a directory");
    remove_or_throw(path);
    flush_directory_of(path);
}

void WindowsFileSystem::remove_tree(const std::string& path) {
    if (parts_of_path(path).names.empty()) throw file_refusal("remove", path, "it is the root of a drive");
    remove_below(path, 0);
    flush_directory_of(path);
}

void WindowsFileSystem::make_private_directory(const std::string& path) {
    const NewRights rights(private_directory_rights);
    SECURITY_ATTRIBUTES attributes{sizeof attributes, rights.get(), FALSE};
    for (const std::string& component : components_of(path)) {
        const std::wstring name = long_path(component);
        const bool made = ::CreateDirectoryW(name.c_str(), &attributes);
        const DWORD code = made ? 0 : ::GetLastError();
        if (attributes_of(component) == INVALID_FILE_ATTRIBUTES)
            throw file_failure("make the directory", component, code);
        if (made) flush_directory_of(component);
    }
    const std::vector<std::string> all = components_of(path);
    for (const std::string& component : all) {
        const Handle opened = open_to_judge(component);
        const FileStatus status = status_of(opened.get(), component);
        if (status.type != FileType::directory)
            throw file_refusal("use", component, "it is no directory of its own, but a file or a link");
        const Guarded guarded = component == all.back() ? Guarded::secret : Guarded::place;
        if (const auto who = others_may(component, rights_of(opened.get(), component), guarded, own_user_))
            throw file_refusal("keep private things in", path,
                               *who + "; take those rights away, or remove the directory");
    }
}

void WindowsFileSystem::copy_durably(const std::string& from, const std::string& to) {
    const Handle source = open_regular(from, GENERIC_READ | READ_CONTROL, false, "copy");
    NewFile copy(to, private_file_rights);
    std::vector<char> buffer(piece);
    while (const std::size_t size = read_some(source.get(), buffer.data(), buffer.size(), from))
        write_all(copy.handle(), {buffer.data(), size}, to);
    apply_status(copy.handle(), to, status_of(source.get(), from));
    copy.commit();
}

void WindowsFileSystem::set_status(const std::string& path, const FileStatus& status) {
    const Handle file =
        open_file(path,
                  {.access = FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES | READ_CONTROL | WRITE_DAC | WRITE_OWNER,
                   .disposition = OPEN_EXISTING},
                  "set the rights of");
    apply_status(file.get(), path, status);
}

void WindowsFileSystem::make_directory(const std::string& path) {
    if (!::CreateDirectoryW(long_path(path).c_str(), nullptr)) {
        const DWORD code = ::GetLastError();
        const DWORD attributes = attributes_of(path);
        if (attributes == INVALID_FILE_ATTRIBUTES || (attributes & FILE_ATTRIBUTE_DIRECTORY) == 0)
            throw file_failure("make the directory", path, code);
    }
    flush_directory_of(path);
}

std::uint64_t WindowsFileSystem::free_bytes(const std::string& path) {
    std::vector<std::string> places = components_of(path);
    for (DWORD code = ERROR_PATH_NOT_FOUND;;) {
        ULARGE_INTEGER ours{};
        if (!places.empty() &&
            ::GetDiskFreeSpaceExW((long_path(places.back()) + L"\\").c_str(), &ours, nullptr, nullptr))
            return ours.QuadPart;
        if (!places.empty()) code = ::GetLastError();
        if (places.size() < 2 || (!is_missing(code) && code != ERROR_INVALID_NAME))
            throw file_failure("ask for the free space at", path, code);
        places.pop_back();
    }
}

void WindowsFileSystem::reserve(const std::string& path, std::uint64_t size) {
    const Handle file = open_file(
        path, {.access = GENERIC_READ | GENERIC_WRITE, .disposition = OPEN_ALWAYS, .rights = private_file_rights},
        "reserve room in");
    const FileStatus now = status_of(file.get(), path);
    if (now.type != FileType::regular) throw file_refusal("reserve room in", path, "it is not a regular file");
    if (now.size < size) {
        FILE_END_OF_FILE_INFO end{};
        end.EndOfFile.QuadPart = LONGLONG(size);
        if (!::SetFileInformationByHandle(file.get(), FileEndOfFileInfo, &end, sizeof end))
            throw file_failure("reserve " + std::to_string(size) + " bytes in", path, ::GetLastError());
    }
    flush_file(file.get(), path);
    flush_directory_of(path);
}

std::unique_ptr<FileLock> WindowsFileSystem::try_lock(const std::string& path) {
    Handle file = open_file(
        path, {.access = GENERIC_READ | GENERIC_WRITE, .disposition = OPEN_ALWAYS, .rights = private_file_rights},
        "lock");
    OVERLAPPED place{};
    place.OffsetHigh = lock_place_high;
    if (::LockFileEx(file.get(), LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &place))
        return std::make_unique<Lock>(std::move(file));
    const DWORD code = ::GetLastError();
    if (code == ERROR_LOCK_VIOLATION || code == ERROR_IO_PENDING) return nullptr;
    throw file_failure("lock", path, code);
}

} // namespace autodeploy
