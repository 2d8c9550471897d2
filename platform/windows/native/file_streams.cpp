#include "platform/windows/native/file_streams.h"

#include "platform/windows/full_path.h"
#include "platform/windows/native/file_failure.h"
#include "platform/windows/native/open_file.h"
#include "platform/windows/native/wide.h"
#include "platform/windows/rights.h"

#include <windows.h>

#include <vector>

namespace autodeploy {

namespace {

void move_to(HANDLE file, std::uint64_t position, const std::string& path) {
    LARGE_INTEGER place{};
    place.QuadPart = LONGLONG(position);
    if (!::SetFilePointerEx(file, place, nullptr, FILE_BEGIN)) throw file_failure("read", path, ::GetLastError());
}

class Reader final : public FileReader {
  public:
    Reader(Handle file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

    std::size_t read(char* buffer, std::size_t size) override {
        std::size_t all = 0;
        while (all < size) {
            const std::size_t got = read_some(file_.get(), buffer + all, size - all, path_);
            if (got == 0) break;
            all += got;
        }
        return all;
    }
    void seek(std::uint64_t position) override { move_to(file_.get(), position, path_); }
    FileStatus status() override { return status_of(file_.get(), path_); }

  private:
    Handle file_;
    std::string path_;
};

class Writer final : public FileWriter {
  public:
    Writer(Handle file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

    void write(std::string_view bytes) override { write_all(file_.get(), bytes, path_); }
    void cut(std::uint64_t size) override {
        LARGE_INTEGER now{};
        if (!::GetFileSizeEx(file_.get(), &now)) throw file_failure("write", path_, ::GetLastError());
        if (std::uint64_t(now.QuadPart) <= size) return;
        move_to(file_.get(), size, path_);
        if (!::SetEndOfFile(file_.get())) throw file_failure("write", path_, ::GetLastError());
    }
    void sync() override {
        flush_file(file_.get(), path_);
        flush_directory_of(path_);
    }

  private:
    Handle file_;
    std::string path_;
};

/// Names joined by '/': no other separator, no stream of a file, nothing that leads elsewhere.
std::vector<std::string> names_of(const std::string& directory, const std::string& relative) {
    std::vector<std::string> names(1);
    for (const char c : relative) {
        if (c == '\\' || c == ':')
            throw file_refusal("read", directory + "/" + relative, "a name in it has '" + std::string(1, c) + "'");
        if (c == '/')
            names.emplace_back();
        else
            names.back() += c;
    }
    for (const std::string& name : names)
        if (name.empty() || name == "." || name == "..")
            throw file_refusal("read", directory + "/" + relative, "\"" + name + "\" is no name of a file in it");
    return names;
}

} // namespace

std::unique_ptr<FileReader> open_reader(const std::string& path) {
    return std::make_unique<Reader>(open_regular(path, GENERIC_READ, false, "read"), path);
}

std::unique_ptr<FileReader> open_reader_below(const std::string& directory, const std::string& relative) {
    // A directory that is open and not shared for deletion can be neither renamed nor replaced: what is looked at is
    // what is gone through.
    std::vector<Handle> held;
    std::string path = directory;
    const std::vector<std::string> names = names_of(directory, relative);
    for (std::size_t i = 0; i + 1 < names.size(); ++i) {
        path += "\\" + names[i];
        held.emplace_back(::CreateFileW(long_path(path).c_str(), FILE_READ_ATTRIBUTES | READ_CONTROL,
                                        FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr, OPEN_EXISTING,
                                        FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
        if (!held.back()) throw file_failure("read", path, ::GetLastError());
        if (status_of(held.back().get(), path).type != FileType::directory)
            throw file_refusal("read", path, "it is not a directory");
    }
    return open_reader(path + "\\" + names.back());
}

std::unique_ptr<FileWriter> open_writer(const std::string& path, WriteMode mode) {
    Handle file = open_file(
        path, {.access = GENERIC_READ | GENERIC_WRITE, .disposition = OPEN_ALWAYS, .rights = private_file_rights},
        "write");
    if (status_of(file.get(), path).type != FileType::regular)
        throw file_refusal("write", path, "it is not a regular file");
    LARGE_INTEGER none{};
    if (mode == WriteMode::append) {
        if (!::SetFilePointerEx(file.get(), none, nullptr, FILE_END))
            throw file_failure("write", path, ::GetLastError());
    } else if (!::SetEndOfFile(file.get())) {
        throw file_failure("write", path, ::GetLastError());
    }
    return std::make_unique<Writer>(std::move(file), path);
}

} // namespace autodeploy
