#include "platform/error.h"
#include "platform/linux/extended_attributes.h"
#include "platform/posix/posix_file_system.h"
#include "platform/posix/run_and_collect.h"
#include "tests/platform/file_system_contract.h"
#include "tests/platform/temporary_directory.h"

#include <doctest/doctest.h>

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <thread>
#include <unistd.h>

using namespace autodeploy;

namespace {

struct RealFiles {
    TemporaryDirectory directory;
    ExtendedAttributes attributes;
    PosixFileSystem files{attributes};
};

std::string cause_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.cause();
    }
    return "nothing was thrown";
}

} // namespace

TEST_CASE("the real file system keeps the contract") {
    RealFiles real;
    check_file_system_contract(real.files, real.directory.path());
}

TEST_CASE("a link is never followed where it would lead away") {
    RealFiles real;
    const std::string secret = real.directory / "secret";
    const std::string link = real.directory / "link";
    real.files.write_durably(secret, "secret", 0600);
    std::filesystem::create_symlink(secret, link);

    CHECK(real.files.status(link)->type == FileType::link);
    CHECK(real.files.status(link)->link_target == secret);
    CHECK(cause_of([&] { real.files.sha256(link); }) == "access_denied");
    CHECK(cause_of([&] { real.files.reader(link); }) == "access_denied");
    CHECK(cause_of([&] { real.files.writer(link, WriteMode::truncate); }) == "access_denied");
    CHECK(cause_of([&] { real.files.append_durably(link, "x"); }) == "access_denied");
    CHECK(cause_of([&] { real.files.reserve(link, 10); }) == "access_denied");
    CHECK(cause_of([&] { real.files.try_lock(link); }) == "access_denied");
    CHECK(cause_of([&] { real.files.set_status(link, *real.files.status(secret)); }) == "access_denied");
    CHECK(real.files.read(link, 100) == "secret");

    real.files.write_durably(link, "replaced", 0600);
    CHECK(real.files.status(link)->type == FileType::regular);
    CHECK(real.files.read(secret, 100) == "secret");
}

TEST_CASE("a tree is removed without what its links point to") {
    RealFiles real;
    real.files.make_directory(real.directory / "kept");
    real.files.write_durably(real.directory / "kept/file", "x", 0600);
    real.files.make_directory(real.directory / "tree");
    std::filesystem::create_directory_symlink(real.directory / "kept", real.directory / "tree/link");
    real.files.remove_tree(real.directory / "tree");
    CHECK(real.files.list(real.directory.path()) == std::vector<std::string>{"kept"});
    CHECK(real.files.list(real.directory / "kept") == std::vector<std::string>{"file"});
}

TEST_CASE("a private directory is refused below a link") {
    RealFiles real;
    real.files.make_directory(real.directory / "real");
    std::filesystem::create_directory_symlink(real.directory / "real", real.directory / "link");
    CHECK(cause_of([&] { real.files.make_private_directory(real.directory / "link"); }) == "access_denied");
    CHECK(cause_of([&] { real.files.make_private_directory(real.directory / "link/inner"); }) == "access_denied");
}

TEST_CASE("a private directory of another owner is refused" * doctest::skip(::geteuid() != 0)) {
    RealFiles real;
    real.files.make_private_directory(real.directory / "other");
    REQUIRE(::chown((real.directory / "other").c_str(), 12345, 12345) == 0);
    CHECK(cause_of([&] { real.files.make_private_directory(real.directory / "other"); }) == "access_denied");
    CHECK(cause_of([&] { real.files.make_private_directory(real.directory / "other/inner"); }) == "access_denied");
}

TEST_CASE("a pipe or a directory in the place of a file blocks nobody") {
    RealFiles real;
    REQUIRE(::mkfifo((real.directory / "pipe").c_str(), 0600) == 0);
    CHECK(cause_of([&] { real.files.read(real.directory / "pipe", 10); }) == "access_denied");
    CHECK(cause_of([&] { real.files.reader(real.directory / "pipe"); }) == "access_denied");
    CHECK(cause_of([&] { real.files.sha256(real.directory.path()); }) == "access_denied");
    CHECK(real.files.status(real.directory / "pipe")->type == FileType::other);
}

TEST_CASE("a copy keeps owner, set-user-id bit, access control list and attributes" * doctest::skip(::geteuid() != 0)) {
    RealFiles real;
    const std::string from = real.directory / "from";
    real.files.write_durably(from, "content", 0600);
    FileStatus status = *real.files.status(from);
    status.user = 1234;
    status.group = 4321;
    status.mode = 04750;
    // user::rwx, user:77:r--, group::r-x, mask::r-x, other::---
    const unsigned char list[] = {2,  0, 0, 0,                         //
                                  1,  0, 7, 0, 0xff, 0xff, 0xff, 0xff, //
                                  2,  0, 4, 0, 77,   0,    0,    0,    //
                                  4,  0, 5, 0, 0xff, 0xff, 0xff, 0xff, //
                                  16, 0, 5, 0, 0xff, 0xff, 0xff, 0xff, //
                                  32, 0, 0, 0, 0xff, 0xff, 0xff, 0xff};
    if (::setxattr(from.c_str(), "system.posix_acl_access", list, sizeof list, 0) != 0) {
        MESSAGE("skipped: this file system has no access control lists");
        return;
    }
    status.attributes["system.posix_acl_access"] = std::string(reinterpret_cast<const char*>(list), sizeof list);
    status.attributes["user.note"] = std::string("with\0zero", 9);
    real.files.set_status(from, status);
    CHECK(*real.files.status(from) == status);
    real.files.copy_durably(from, real.directory / "to");
    FileStatus copy = *real.files.status(real.directory / "to");
    copy.identity = status.identity;
    CHECK(copy == status);

    status.attributes.clear();
    real.files.set_status(from, status);
    CHECK(real.files.status(from)->attributes.empty());
}

TEST_CASE("a link is copied as a link") {
    RealFiles real;
    std::filesystem::create_symlink("../some/where", real.directory / "link");
    real.files.write_durably(real.directory / "to", "older", 0600);
    real.files.copy_durably(real.directory / "link", real.directory / "to");
    FileStatus expected = *real.files.status(real.directory / "link");
    FileStatus copy = *real.files.status(real.directory / "to");
    CHECK(copy.link_target == "../some/where");
    copy.identity = expected.identity;
    CHECK(copy == expected);
    CHECK(real.files.list(real.directory.path()) == std::vector<std::string>{"link", "to"});
}

TEST_CASE("what a killed writer left beside a file is used up by the next") {
    RealFiles real;
    real.files.write_durably(real.directory / ".file.autodeploy-new", "torn", 0600);
    real.files.write_durably(real.directory / "file", "whole", 0600);
    CHECK(real.files.list(real.directory.path()) == std::vector<std::string>{"file"});
    std::filesystem::create_symlink("/nowhere", real.directory / ".file.autodeploy-new");
    real.files.write_durably(real.directory / "file", "again", 0600);
    CHECK(real.files.list(real.directory.path()) == std::vector<std::string>{"file"});
}

TEST_CASE("two who write the same file at the same time each write it whole") {
    RealFiles real;
    const auto write = [&](char letter) {
        for (int round = 0; round < 30; ++round)
            real.files.write_durably(real.directory / "file", std::string(5000, letter), 0600);
    };
    std::thread other(write, 'b');
    write('a');
    other.join();
    const std::string content = real.files.read(real.directory / "file", 10000);
    CHECK((content == std::string(5000, 'a') || content == std::string(5000, 'b')));
    CHECK(real.files.list(real.directory.path()) == std::vector<std::string>{"file"});
}

TEST_CASE("a lock is held against other processes, and dropped when its holder is killed") {
    RealFiles real;
    const std::string path = real.directory / "lock";
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto held = real.files.try_lock(path);
        const char word = held ? 'y' : 'n';
        if (::write(ready[1], &word, 1) == 1) ::pause();
        ::_exit(0);
    }
    char word = 0;
    REQUIRE(::read(ready[0], &word, 1) == 1);
    CHECK(word == 'y');
    CHECK(real.files.try_lock(path) == nullptr);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    CHECK(real.files.try_lock(path) != nullptr);
    ::close(ready[0]);
    ::close(ready[1]);
}

TEST_CASE("a script sees our lock") {
    RealFiles real;
    const std::string path = real.directory / "lock";
    Command script;
    script.program = "/usr/bin/flock";
    script.arguments = {"--nonblock", path, "/bin/true"};
    CHECK(run_and_collect(script).exit_code == 0);
    const auto held = real.files.try_lock(path);
    CHECK(run_and_collect(script).exit_code == 1);
}

TEST_CASE("a file that cannot be written whole leaves the old one") {
    RealFiles real;
    real.files.write_durably(real.directory / "file", "old", 0600);
    const pid_t child = ::fork();
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{4096, 4096};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        const bool refused = cause_of([&] {
                                 real.files.write_durably(real.directory / "file", std::string(9000, 'x'), 0600);
                             }) == "file_too_large";
        ::_exit(refused ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(real.files.read(real.directory / "file", 100) == "old");
    CHECK(real.files.list(real.directory.path()) == std::vector<std::string>{"file"});
}
