#include "installer/captures.h"
#include "tests/fakes/fake_file_system.h"

#include <doctest/doctest.h>

using namespace autodeploy;

TEST_CASE("a later capture copies only what changed since the earlier one, and restores both kinds") {
    FakeFileSystem files;
    files.make_private_directory("/attempt");
    files.put_directory("/etc", 0755);
    for (const char* name : {"/etc/same", "/etc/changed", "/etc/gone"})
        files.write_durably(name, "first");
    const std::vector<std::string> paths{"/etc/changed", "/etc/gone", "/etc/new", "/etc/never", "/etc/same"};
    Captures captures(files, "/attempt/captures");
    captures.save_files("before", paths);
    files.write_durably("/etc/changed", "second");
    files.remove_durably("/etc/gone");
    files.write_durably("/etc/new", "second");
    captures.save_files("stopped", paths, {captures, "before"});
    CHECK(files.list("/attempt/captures/stopped").size() == 2);
    CHECK(captures.changed_files("stopped").empty());

    // A third one, of another step, stands on both.
    Captures other(files, "/attempt/other");
    other.save_files("left", paths, {captures, "stopped"});
    CHECK(files.list("/attempt/other/left").empty());

    for (const char* name : {"/etc/same", "/etc/changed", "/etc/gone", "/etc/new", "/etc/never"})
        files.write_durably(name, "third");
    CHECK(other.changed_files("left") == paths);
    for (const std::string& path : paths)
        captures.restore_file("stopped", path);
    CHECK(files.content("/etc/same") == "first");
    CHECK(files.content("/etc/changed") == "second");
    CHECK(files.content("/etc/new") == "second");
    CHECK_FALSE(files.content("/etc/gone"));
    CHECK_FALSE(files.content("/etc/never"));
    CHECK(other.changed_files("left").empty());
}

TEST_CASE("a file whose name is no UTF-8 is captured and put back") {
    FakeFileSystem files;
    files.make_private_directory("/attempt");
    files.put_directory("/etc", 0755);
    const std::string path = "/etc/caf\xE9.opt";
    files.write_durably(path, "first");
    Captures captures(files, "/attempt/captures");
    captures.save_files("before", {path});
    files.write_durably(path, "second");
    CHECK(captures.changed_files("before") == std::vector<std::string>{path});
    captures.restore_file("before", path);
    CHECK(files.content(path) == "first");
}
