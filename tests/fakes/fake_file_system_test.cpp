#include "tests/fakes/fake_file_system.h"

#include "platform/error.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

template<class F> std::string cause_of(F&& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.cause();
    }
    return "none";
}

} // namespace

TEST_CASE("the fake file system follows links in the middle and not at the end") {
    FakeFileSystem files;
    files.put("/real/file", "x");
    files.put_link("/way", "real");
    files.put_link("/way/link", "file");
    CHECK(files.status("/way/file")->type == FileType::regular);
    CHECK(files.status("/way")->type == FileType::link);
    CHECK(files.read("/way/link", 1) == "x");
    CHECK(files.list("/way") == std::vector<std::string>{"file", "link"});
    files.write_durably("/way/link", "y");
    CHECK(files.content("/real/file") == "x");
    CHECK(files.content("/real/link") == "y");
}

TEST_CASE("the fake file system fails as the contract says") {
    FakeFileSystem files;
    files.put("/d/file", "12345");
    CHECK(cause_of([&] { files.read("/d/none", 9); }) == "file_not_found");
    CHECK(cause_of([&] { files.read("/d/file", 4); }) == "file_too_large");
    CHECK(cause_of([&] { files.write_durably("/none/file", ""); }) == "file_not_found");
    CHECK(cause_of([&] { files.make_private_directory("/d"); }) == "access_denied");
    files.set_free_bytes(3);
    CHECK(cause_of([&] { files.write_durably("/d/file", "1234"); }) == "disk_full");
    CHECK(files.content("/d/file") == "12345");
    files.remove_durably("/d/none");
    files.remove_tree("/none");
}

TEST_CASE("the fake file system stops at the call that it was told, and starts again without locks") {
    FakeFileSystem files;
    files.put_directory("/d");
    const auto lock = files.try_lock("/d/lock");
    CHECK(lock);
    CHECK(!files.try_lock("/d/lock"));
    files.append_durably("/d/log", "one\n");
    files.crash_at(2, CrashMoment::torn);
    files.write_durably("/d/file", "whole");
    CHECK_THROWS_AS(files.append_durably("/d/log", "two\n"), Crash);
    CHECK_THROWS_AS(files.read("/d/log", 9), Crash);
    files.restart();
    CHECK(files.content("/d/log") == "one\ntw");
    CHECK(files.try_lock("/d/lock"));
    files.fail_at(1, "disk_full");
    CHECK(cause_of([&] { files.write_durably("/d/file", "x"); }) == "disk_full");
    CHECK(files.content("/d/file") == "whole");
}

TEST_CASE("the fake file system moves trees") {
    FakeFileSystem files;
    files.put("/a/b/file", "x");
    files.put("/c/file", "y");
    CHECK(cause_of([&] { files.rename_durably("/a", "/c"); }) == "io_error");
    files.rename_durably("/a", "/c/a");
    CHECK(files.content("/c/a/b/file") == "x");
    CHECK(!files.status("/a"));
    files.remove_tree("/c");
    CHECK(files.everything().size() == 1);
}

TEST_CASE("the fake file system's readers keep their file, and unsynced pieces are lost in a crash") {
    FakeFileSystem files;
    files.put("/d/file", "old");
    const auto reader = files.reader("/d/file");
    files.write_durably("/d/file", "new");
    std::string buffer(8, ' ');
    CHECK(reader->read(buffer.data(), buffer.size()) == 3);
    CHECK(buffer.starts_with("old"));
    const auto writer = files.writer("/d/file", WriteMode::append);
    writer->write("er");
    writer->sync();
    writer->write("1234");
    CHECK(files.content("/d/file") == "newer1234");
    files.restart();
    CHECK(files.content("/d/file") == "newer12");
    files.put_link("/d/link", "file");
    CHECK(cause_of([&] { files.reader("/d/link"); }) == "access_denied");
    CHECK(cause_of([&] { files.writer("/d/link", WriteMode::append); }) == "access_denied");
    CHECK(cause_of([&] { files.reader_below("/d", "../d/file"); }) == "access_denied");
    CHECK(cause_of([&] { files.reader_below("/d", "link"); }) == "access_denied");
    CHECK(cause_of([&] { files.reader_below("/d", "none"); }) == "file_not_found");
    CHECK(files.reader_below("/", "d/file"));
}

TEST_CASE("the fake file system takes paths of Windows, whatever their letter case, and each drive is a device") {
    FakeFileSystem files;
    files.put("C:\\Program Files\\client\\dsm.opt", "x");
    files.put("D:\\state\\a", "y");
    CHECK(files.read("c:\\program files\\CLIENT\\DSM.OPT", 10) == "x");
    CHECK(files.list("C:\\Program Files\\client\\") == std::vector<std::string>{"dsm.opt"});
    CHECK(files.list("C:\\") == std::vector<std::string>{"Program Files"});
    CHECK(!files.status("D:\\client\\dsm.opt"));
    CHECK(files.status("C:\\")->device != files.status("D:\\state\\a")->device);
    files.write_durably("C:\\program files\\client\\DSM.OPT", "z");
    CHECK(files.list("C:\\Program Files\\client") == std::vector<std::string>{"dsm.opt"});
}
