#include "tests/platform/file_system_contract.h"

#include "platform/error.h"

#include <doctest/doctest.h>

#include <functional>

namespace autodeploy {
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

std::string text_of(FileSystem& files, const std::string& path) {
    return files.read(path, 1 << 20);
}

} // namespace

void check_file_system_contract(FileSystem& files, const std::string& root) {
    const std::string file = root + "/file";

    SUBCASE("what is written is read back, with the mode that was asked for") {
        files.write_durably(file, "content", 0640);
        CHECK(text_of(files, file) == "content");
        const auto status = files.status(file);
        REQUIRE(status.has_value());
        CHECK(status->type == FileType::regular);
        CHECK(status->mode == 0640);
        CHECK(status->size == 7);
    }
    SUBCASE("writing again replaces the file and leaves nothing beside it") {
        files.write_durably(file, "first", 0600);
        const auto before = files.status(file);
        files.write_durably(file, "second", 0600);
        CHECK(text_of(files, file) == "second");
        CHECK(files.status(file)->identity != before->identity);
        CHECK(files.list(root) == std::vector<std::string>{"file"});
    }
    SUBCASE("a file that is not there has no status, and reading it is file_not_found") {
        CHECK_FALSE(files.status(file).has_value());
        CHECK_FALSE(files.status(root + "/no/such").has_value());
        CHECK(cause_of([&] { files.read(file, 10); }) == "file_not_found");
        CHECK(cause_of([&] { files.sha256(file); }) == "file_not_found");
        CHECK(cause_of([&] { files.list(file); }) == "file_not_found");
        CHECK_THROWS_WITH(files.list(file), doctest::Contains(("cannot list " + file + ":").c_str()));
        CHECK(cause_of([&] { files.write_durably(root + "/no/such", "x", 0600); }) == "file_not_found");
    }
    SUBCASE("a file larger than the limit is refused, one of exactly that size is read") {
        files.write_durably(file, "12345", 0600);
        CHECK(files.read(file, 5) == "12345");
        CHECK(cause_of([&] { files.read(file, 4); }) == "file_too_large");
    }
    SUBCASE("appending makes the file and then goes on at its end") {
        files.append_durably(file, "one\n");
        files.append_durably(file, "two\n");
        CHECK(text_of(files, file) == "one\ntwo\n");
        CHECK(files.status(file)->mode == 0600);
    }
    SUBCASE("the SHA-256 is that of the content") {
        files.write_durably(file, "abc", 0600);
        CHECK(files.sha256(file) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
    SUBCASE("renaming replaces the target") {
        files.write_durably(file, "new", 0600);
        files.write_durably(root + "/other", "old", 0600);
        files.rename_durably(file, root + "/other");
        CHECK_FALSE(files.status(file).has_value());
        CHECK(text_of(files, root + "/other") == "new");
        CHECK(cause_of([&] { files.rename_durably(file, root + "/other"); }) == "file_not_found");
    }
    SUBCASE("removing what is not there is done as well") {
        files.write_durably(file, "x", 0600);
        files.remove_durably(file);
        files.remove_durably(file);
        files.remove_durably(root + "/no/such");
        CHECK_FALSE(files.status(file).has_value());
    }
    SUBCASE("a tree is removed with everything in it") {
        files.make_directory(root + "/tree");
        files.make_directory(root + "/tree/inner");
        files.write_durably(root + "/tree/inner/file", "x", 0600);
        files.remove_tree(root + "/tree");
        files.remove_tree(root + "/tree");
        CHECK(files.list(root).empty());
    }
    SUBCASE("a directory's names come sorted bytewise") {
        for (const char* name : {"b", "a", "B", "aa"})
            files.write_durably(root + "/" + name, "", 0600);
        CHECK(files.list(root) == std::vector<std::string>{"B", "a", "aa", "b"});
    }
    SUBCASE("making a directory that is there is done as well, but not over a file") {
        files.make_directory(root + "/made");
        files.make_directory(root + "/made");
        CHECK(files.status(root + "/made")->type == FileType::directory);
        files.write_durably(file, "x", 0600);
        CHECK(cause_of([&] { files.make_directory(file); }) == "access_denied");
        CHECK(cause_of([&] { files.make_directory(root + "/no/such"); }) == "file_not_found");
    }
    SUBCASE("a private directory is made with its parents and is ours alone") {
        files.make_private_directory(root + "/a/b/c");
        files.make_private_directory(root + "/a/b/c");
        CHECK(files.status(root + "/a/b/c")->mode == 0700);
    }
    SUBCASE("a directory that others have rights to is no private one") {
        files.make_directory(root + "/open");
        FileStatus open = *files.status(root + "/open");
        open.mode = 0755;
        files.set_status(root + "/open", open);
        CHECK(cause_of([&] { files.make_private_directory(root + "/open"); }) == "access_denied");
        open.mode = 0777;
        files.set_status(root + "/open", open);
        CHECK(cause_of([&] { files.make_private_directory(root + "/open/inner"); }) == "access_denied");
    }
    SUBCASE("who could change a file is told, whichever directory lets them") {
        files.make_private_directory(root + "/etc");
        const std::string settings = root + "/etc/settings";
        files.write_durably(settings, "x", 0644);
        CHECK_FALSE(files.changeable_by_others(settings));
        CHECK(cause_of([&] { files.changeable_by_others(root + "/etc/none"); }) == "file_not_found");
        FileStatus status = *files.status(settings);
        status.mode = 0664;
        files.set_status(settings, status);
        CHECK(files.changeable_by_others(settings)->starts_with("others may write to " + settings));
        status.mode = 0644;
        files.set_status(settings, status);
        FileStatus above = *files.status(root + "/etc");
        above.mode = 0757;
        files.set_status(root + "/etc", above);
        CHECK(files.changeable_by_others(settings)->starts_with("others may write to " + root + "/etc"));
        above.mode = 0755;
        files.set_status(root + "/etc", above);
        CHECK_FALSE(files.changeable_by_others(settings));
    }
    SUBCASE("a copy has content, mode and time of the original, and replaces what was there") {
        files.write_durably(file, "content", 0600);
        FileStatus changed = *files.status(file);
        changed.mode = 0644;
        changed.modified = 1'500'000'000'123'456'789;
        files.set_status(file, changed);
        files.write_durably(root + "/copy", "older", 0600);
        files.copy_durably(file, root + "/copy");
        FileStatus copy = *files.status(root + "/copy");
        CHECK(copy.identity != changed.identity);
        copy.identity = changed.identity;
        CHECK(copy == changed);
        CHECK(text_of(files, root + "/copy") == "content");
        CHECK(files.list(root) == std::vector<std::string>{"copy", "file"});
        CHECK(cause_of([&] { files.copy_durably(root + "/none", root + "/copy"); }) == "file_not_found");
    }
    SUBCASE("a large file is written in pieces, gone on with, and read from any place") {
        {
            const auto writer = files.writer(file, WriteMode::truncate);
            writer->write("0123");
            writer->write("4567");
            writer->sync();
        }
        CHECK(files.status(file)->mode == 0600);
        files.writer(file, WriteMode::append)->write("89");
        const auto reader = files.reader(file);
        std::string buffer(4, ' ');
        CHECK(reader->read(buffer.data(), 4) == 4);
        CHECK(buffer == "0123");
        reader->seek(8);
        CHECK(reader->read(buffer.data(), 4) == 2);
        CHECK(buffer.substr(0, 2) == "89");
        CHECK(reader->read(buffer.data(), 4) == 0);
        CHECK(reader->status().size == 10);
        files.writer(file, WriteMode::truncate)->write("x");
        CHECK(text_of(files, file) == "x");
    }
    SUBCASE("a writer drops the end of a file and goes on where it cut") {
        for (const WriteMode mode : {WriteMode::append, WriteMode::truncate}) {
            files.write_durably(file, "", 0600);
            const auto writer = files.writer(file, mode);
            writer->write("0123456");
            writer->cut(9);
            writer->cut(4);
            writer->write("x");
            CHECK(text_of(files, file) == "0123x");
        }
    }
    SUBCASE("a reader stays with its file when the name is given to another") {
        files.write_durably(file, "verified", 0600);
        const auto reader = files.reader(file);
        files.write_durably(file, "swapped!", 0600);
        std::string buffer(8, ' ');
        CHECK(reader->read(buffer.data(), 8) == 8);
        CHECK(buffer == "verified");
    }
    SUBCASE("a file below a directory is reached by names only") {
        files.make_directory(root + "/sub");
        files.write_durably(root + "/sub/file", "inner", 0600);
        std::string buffer(5, ' ');
        CHECK(files.reader_below(root, "sub/file")->read(buffer.data(), 5) == 5);
        CHECK(buffer == "inner");
        for (const char* name : {"", ".", "..", "sub/../sub/file", "/sub/file", "sub//file", "sub/"})
            CHECK(cause_of([&] { files.reader_below(root, name); }) == "access_denied");
        CHECK(cause_of([&] { files.reader_below(root, "sub"); }) == "access_denied");
        CHECK(cause_of([&] { files.reader_below(root, "sub/none"); }) == "file_not_found");
    }
    SUBCASE("a lock has one holder and is free again when that lets go") {
        auto held = files.try_lock(file);
        REQUIRE(held != nullptr);
        CHECK(files.try_lock(file) == nullptr);
        held.reset();
        CHECK(files.try_lock(file) != nullptr);
    }
    SUBCASE("room that is reserved is taken, and a file that has more keeps it") {
        files.reserve(file, 100'000);
        CHECK(files.status(file)->size >= 100'000);
        files.write_durably(file, std::string(2000, 'x'), 0600);
        files.reserve(file, 1000);
        CHECK(text_of(files, file) == std::string(2000, 'x'));
    }
    SUBCASE("the free space is that of the nearest directory there is") {
        CHECK(files.free_bytes(root) > 0);
        CHECK(files.free_bytes(root + "/no/such/place") > 0);
    }
}

} // namespace autodeploy
