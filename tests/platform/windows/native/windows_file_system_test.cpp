#include "platform/error.h"
#include "tests/platform/windows/native/own_directory.h"

#include <doctest/doctest.h>

#include <functional>
#include <thread>

#include <windows.h>

using namespace autodeploy;

namespace {

std::string cause_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        CHECK(std::string(error.what()).starts_with("cannot "));
        return error.cause();
    }
    return "nothing was thrown";
}

constexpr std::uint64_t enough = 1 << 20;

} // namespace

TEST_CASE("on Windows a file is written, replaced, appended to, renamed and removed") {
    OwnDirectory own;
    WindowsFileSystem& files = own.files;
    files.write_durably(own / "file", "first", 0600);
    const auto first = files.status(own / "file");
    REQUIRE(first.has_value());
    CHECK(first->type == FileType::regular);
    CHECK(first->size == 5);
    files.write_durably(own / "file", "second", 0644);
    CHECK(files.status(own / "file")->identity != first->identity);
    files.append_durably(own / "file", "!");
    CHECK(files.read(own / "file", enough) == "second!");
    CHECK(files.list(own.path()) == std::vector<std::string>{"file"});
    files.rename_durably(own / "file", own / "other");
    CHECK_FALSE(files.status(own / "file").has_value());
    files.remove_durably(own / "other");
    files.remove_durably(own / "other");
    files.remove_durably(own / "no/such");
    CHECK(files.list(own.path()).empty());
}

TEST_CASE("on Windows each failure has the cause that the contract names") {
    OwnDirectory own;
    WindowsFileSystem& files = own.files;
    files.write_durably(own / "file", "12345", 0600);
    CHECK(cause_of([&] { files.read(own / "none", 10); }) == "file_not_found");
    CHECK(cause_of([&] { files.list(own / "file"); }) == "file_not_found");
    CHECK(cause_of([&] { files.write_durably(own / "no/such", "x", 0600); }) == "file_not_found");
    CHECK(cause_of([&] { files.read("/proc/modules", 10); }) == "file_not_found");
    CHECK(cause_of([&] { files.read(own / "file", 4); }) == "file_too_large");
    CHECK(cause_of([&] { files.make_directory(own / "file"); }) == "access_denied");
    CHECK(cause_of([&] { files.reader(own.path()); }) == "access_denied");
    CHECK(cause_of([&] { files.remove_tree("C:/"); }) == "access_denied");
    CHECK_FALSE(files.status("/proc/modules").has_value());
    CHECK_FALSE(files.status(own / "no/such").has_value());
}

TEST_CASE("on Windows names of any length and letter are used, and names of devices are names") {
    OwnDirectory own;
    WindowsFileSystem& files = own.files;
    std::string path = own.path();
    for (int depth = 0; depth < 6; ++depth) {
        path += "/" + std::string(60, 'x') + " \xC3\xA4\xE4\xBD\xA0";
        files.make_directory(path);
    }
    files.write_durably(path + "/\xC3\x9Cr nul.txt", "deep", 0600);
    CHECK(path.size() > 360);
    CHECK(files.read(path + "/\xC3\x9Cr nul.txt", enough) == "deep");
    CHECK(files.list(path) == std::vector<std::string>{"\xC3\x9Cr nul.txt"});
    files.write_durably(path + "/nul", "a file", 0600);
    CHECK(files.read(path + "/nul", enough) == "a file");
}

TEST_CASE("on Windows a copy has content, attributes and time of the original, and replaces what was there") {
    OwnDirectory own;
    WindowsFileSystem& files = own.files;
    files.write_durably(own / "file", "content", 0600);
    FileStatus changed = *files.status(own / "file");
    constexpr std::uint32_t told = FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN; // Wine adds "archive" to each
    changed.mode = told;
    changed.modified = 1'500'000'000'123'456'700;
    files.set_status(own / "file", changed);
    CHECK((files.status(own / "file")->mode & told) == told);
    files.write_durably(own / "copy", "older", 0600);
    files.copy_durably(own / "file", own / "copy");
    const FileStatus copy = *files.status(own / "copy");
    CHECK(copy.modified == changed.modified);
    CHECK((copy.mode & told) == told);
    CHECK(files.read(own / "copy", enough) == "content");
    files.write_durably(own / "copy", "over one that is read-only", 0600);
    CHECK(files.list(own.path()) == std::vector<std::string>{"copy", "file"});
    files.remove_durably(own / "file");
    CHECK_FALSE(files.status(own / "file").has_value());
}

TEST_CASE("on Windows a large file is written in pieces, cut, gone on with and read from any place") {
    OwnDirectory own;
    WindowsFileSystem& files = own.files;
    {
        const auto writer = files.writer(own / "file", WriteMode::truncate);
        writer->write("0123456789");
        writer->cut(20);
        writer->cut(4);
        writer->write("x");
        writer->sync();
    }
    files.writer(own / "file", WriteMode::append)->write("yz");
    const auto reader = files.reader(own / "file");
    std::string buffer(4, ' ');
    reader->seek(3);
    CHECK(reader->read(buffer.data(), 4) == 4);
    CHECK(buffer == "3xyz");
    CHECK(reader->read(buffer.data(), 4) == 0);
    CHECK(files.sha256(own / "file") == "5456b0e500ada2aa24a3c902ee33652aa9faef47e8e14db892439eae17ad994b");
}

TEST_CASE("on Windows a reader stays with its file when that is renamed and the name is given to another") {
    OwnDirectory own;
    own.files.write_durably(own / "file", "verified", 0600);
    const auto reader = own.files.reader(own / "file");
    own.files.rename_durably(own / "file", own / "old");
    own.files.write_durably(own / "file", "swapped!", 0600);
    std::string buffer(8, ' ');
    CHECK(reader->read(buffer.data(), 8) == 8);
    CHECK(buffer == "verified");
}

TEST_CASE("on Windows a file below a directory is reached by names only") {
    OwnDirectory own;
    own.files.make_directory(own / "sub");
    own.files.write_durably(own / "sub/file", "inner", 0600);
    std::string buffer(5, ' ');
    CHECK(own.files.reader_below(own.path(), "sub/file")->read(buffer.data(), 5) == 5);
    for (const char* name : {"", ".", "..", "sub/../sub/file", "/sub/file", "sub//file", "sub/", "sub\\file", "sub",
                             "sub/file:stream", "C:/x"})
        CHECK_MESSAGE(cause_of([&] { own.files.reader_below(own.path(), name); }) == "access_denied", name);
    CHECK(cause_of([&] { own.files.reader_below(own.path(), "sub/none"); }) == "file_not_found");
}

TEST_CASE("on Windows a lock has one holder and is free again when that lets go") {
    OwnDirectory own;
    auto held = own.files.try_lock(own / "lock");
    REQUIRE(held != nullptr);
    CHECK(own.files.try_lock(own / "lock") == nullptr);
    held.reset();
    CHECK(own.files.try_lock(own / "lock") != nullptr);
}

TEST_CASE("on Windows a file that a scanner holds for a moment is waited for, one held for long is in use") {
    OwnDirectory own;
    own.files.write_durably(own / "file", "x", 0600);
    const std::string path = own / "file";
    const std::wstring name(path.begin(), path.end());
    const auto hold = [&] {
        return ::CreateFileW(name.c_str(), GENERIC_READ, 0, nullptr, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
    };
    HANDLE held = hold();
    REQUIRE(held != INVALID_HANDLE_VALUE);
    std::thread scanner([held] {
        ::Sleep(300);
        ::CloseHandle(held);
    });
    CHECK(own.files.read(path, enough) == "x");
    scanner.join();
    held = hold();
    CHECK(cause_of([&] { own.files.read(path, enough); }) == "file_in_use");
    ::CloseHandle(held);
}

TEST_CASE("on Windows room that is reserved is taken, and a file that has more keeps it") {
    OwnDirectory own;
    own.files.reserve(own / "file", 100'000);
    CHECK(own.files.status(own / "file")->size == 100'000);
    own.files.write_durably(own / "file", std::string(2000, 'x'), 0600);
    own.files.reserve(own / "file", 1000);
    CHECK(own.files.read(own / "file", enough) == std::string(2000, 'x'));
    CHECK(own.files.free_bytes(own / "no/such/place") > 0);
}

TEST_CASE("on Windows a private directory is made with its parents") {
    OwnDirectory own;
    own.files.make_private_directory(own / "a/b/c");
    own.files.make_private_directory(own / "a/b/c");
    CHECK(own.files.status(own / "a/b/c")->type == FileType::directory);
    own.files.write_durably(own / "file", "x", 0600);
    CHECK(cause_of([&] { own.files.make_private_directory(own / "file"); }) == "access_denied");
    CHECK(cause_of([&] { own.files.make_private_directory(own / "file/below"); }) == "file_not_found");
}
