#include "platform/windows/native/replace_file.h"

#include "platform/windows/full_path.h"
#include "platform/windows/native/file_failure.h"
#include "platform/windows/native/open_file.h"
#include "platform/windows/native/wide.h"

#include <windows.h>

#include <cstring>
#include <vector>

namespace autodeploy {

namespace {

std::string temporary_beside(const std::string& path) {
    const PathParts parts = parts_of_path(path);
    if (parts.names.empty()) throw file_refusal("write", path, "it is no absolute path of a file");
    return parent_path(path) + "\\." + parts.names.back() + ".autodeploy-new";
}

/// Windows' newer way, over a file that somebody has open: he keeps the old one, as on Unix.
DWORD rename_as_on_unix(const std::wstring& from, const std::wstring& to) {
    const Handle file(::CreateFileW(from.c_str(), DELETE | SYNCHRONIZE,
                                    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING,
                                    FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
    if (!file) return ::GetLastError();
    // FILE_RENAME_INFORMATION with FileRenameInfoEx: flags (replace, as POSIX has it), directory, length, name.
    constexpr int file_rename_info_ex = 22;
    struct Head {
        DWORD flags;
        HANDLE directory;
        DWORD length;
    };
    const std::size_t bytes = to.size() * sizeof(wchar_t);
    std::vector<char> request(offsetof(Head, length) + sizeof(DWORD) + bytes + sizeof(wchar_t));
    const Head head{0x1 | 0x2, nullptr, DWORD(bytes)};
    std::memcpy(request.data(), &head, offsetof(Head, length) + sizeof(DWORD));
    std::memcpy(request.data() + offsetof(Head, length) + sizeof(DWORD), to.data(), bytes);
    const auto kind = static_cast<FILE_INFO_BY_HANDLE_CLASS>(file_rename_info_ex);
    return ::SetFileInformationByHandle(file.get(), kind, request.data(), DWORD(request.size())) ? DWORD(0)
                                                                                                 : ::GetLastError();
}

} // namespace

NewFile::NewFile(const std::string& path, const char* rights) : path_(path), temporary_(temporary_beside(path)) {
    // One that is left over has rights of its own: it is not written to, but made anew.
    ::DeleteFileW(long_path(temporary_).c_str());
    file_ = open_file(temporary_,
                      {.access = GENERIC_READ | GENERIC_WRITE | WRITE_DAC | WRITE_OWNER,
                       .disposition = CREATE_ALWAYS,
                       .rights = rights,
                       .shared = false},
                      "write");
}

NewFile::~NewFile() {
    if (committed_) return;
    file_.close();
    ::DeleteFileW(long_path(temporary_).c_str());
}

void NewFile::commit() {
    flush_file(file_.get(), path_);
    file_.close();
    move_over(temporary_, path_);
    committed_ = true;
}

void move_over(const std::string& from, const std::string& to) {
    const std::wstring source = long_path(from), target = long_path(to);
    const DWORD attributes = ::GetFileAttributesW(target.c_str());
    if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_READONLY) != 0)
        ::SetFileAttributesW(target.c_str(), attributes & ~DWORD(FILE_ATTRIBUTE_READONLY));
    const DWORD code = patiently([&]() -> unsigned long {
        if (::MoveFileExW(source.c_str(), target.c_str(), MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH)) return 0;
        const DWORD refused = ::GetLastError();
        if (refused != ERROR_ACCESS_DENIED && refused != ERROR_SHARING_VIOLATION) return refused;
        return rename_as_on_unix(source, target) == 0 ? DWORD(0) : refused;
    });
    if (code != 0) throw file_failure("rename", from, code);
    flush_directory_of(to);
}

} // namespace autodeploy
