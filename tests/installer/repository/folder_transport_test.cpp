#include "installer/repository/folder_transport.h"
#include "installer/repository/retrieved_transport.h"
#include "platform/error.h"
#include "tests/fakes/fake_file_system.h"
#include "tests/installer/repository/repository_checks.h"

#include <doctest/doctest.h>

#include <functional>

using namespace autodeploy;

namespace {

/// Does what the test says, and remembers what it was asked.
class ScriptedCommands final : public CommandRunner {
  public:
    std::function<CommandResult(const Command&)> does;
    std::vector<Command> ran;
    CommandResult run(const Command& command) override {
        ran.push_back(command);
        return does(command);
    }
    CommandResult run_detached(const DetachedCommand&) override { throw Error("tool_failed", "cannot: not here"); }
    DetachedState detached_state(const std::string&) override { return DetachedState::unknown; }
    CommandResult wait_detached(const std::string&, Milliseconds) override { return {}; }
    void end_scriptlets(const std::string&) override {}
};

RetrieveCommand dsmc(std::vector<std::string> arguments) {
    RetrieveCommand command;
    command.command = {"/usr/bin/dsmc", "retrieve"};
    command.command.insert(command.command.end(), arguments.begin(), arguments.end());
    command.directory = "/state/retrieved";
    return command;
}

} // namespace

TEST_CASE("a folder gives metadata and targets as they lie there") {
    FakeFileSystem files;
    files.put("/media/metadata/1.a%2Fb.json", "{}");
    files.put("/media/targets/packages/x/file.rpm", "0123456789");
    const auto folder = folder_transport(files, "/media");
    CHECK(folder->name() == "folder /media");
    CHECK(folder->metadata("1.a%2Fb.json", 2) == "{}");
    CHECK_FALSE(folder->metadata("2.root.json", 10).has_value());
    Bytes bytes;
    CHECK(folder->target({"packages/x/file.rpm", 10, 0, ""}, bytes));
    CHECK(bytes.content == "0123456789");
    CHECK_FALSE(folder->target({"packages/x/none.rpm", 10, 0, ""}, bytes));
    CHECK(bytes.begun == 1);
}

TEST_CASE("a target in a folder goes on from an offset, and begins again if it is another file by now") {
    FakeFileSystem files;
    files.put("/media/targets/a", "0123456789");
    const auto folder = folder_transport(files, "/media");
    Bytes first;
    folder->target({"a", 10, 0, ""}, first);
    Bytes same;
    folder->target({"a", 10, 6, first.validator}, same);
    CHECK(same.offset == 6);
    CHECK(same.content == "6789");
    files.write_durably("/media/targets/a", "ABCDEFGHIJ");
    Bytes other;
    folder->target({"a", 10, 6, first.validator}, other);
    CHECK(other.offset == 0);
    CHECK(other.content == "ABCDEFGHIJ");
}

TEST_CASE("a folder is read without following any link, and regular files only") {
    FakeFileSystem files;
    files.put("/media/metadata/root.json", "{}");
    files.put("/etc/shadow", "secret");
    files.put_link("/media/metadata/timestamp.json", "/etc/shadow");
    files.put_directory("/media/metadata/snapshot.json");
    files.put_link("/media/targets", "/etc");
    const auto folder = folder_transport(files, "/media");
    CHECK(fails([&] { folder->metadata("timestamp.json", 100); }, "transport_refused",
                "timestamp.json in folder /media"));
    CHECK(fails([&] { folder->metadata("snapshot.json", 100); }, "transport_refused", "snapshot.json"));
    CHECK(fails([&] { folder->metadata("../metadata/root.json", 100); }, "transport_refused", "root.json"));
    Bytes bytes;
    CHECK(fails([&] { folder->target({"shadow", 6, 0, ""}, bytes); }, "transport_refused", "shadow"));
    CHECK(bytes.begun == 0);
}

TEST_CASE("a folder gives no more than was asked for, and nothing of a target with another length") {
    FakeFileSystem files;
    files.put("/media/metadata/root.json", "12345");
    files.put("/media/targets/a", "12345");
    const auto folder = folder_transport(files, "/media");
    CHECK(folder->metadata("root.json", 5) == "12345");
    CHECK(fails([&] { folder->metadata("root.json", 4); }, "file_too_large", "more than 4 bytes"));
    Bytes bytes;
    for (const std::uint64_t length : {4U, 6U})
        CHECK(fails([&] { folder->target({"a", length, 0, ""}, bytes); }, "target_mismatch", "has 5 bytes"));

    // It grows while it is read.
    struct Growing final : TargetSink {
        explicit Growing(FakeFileSystem& where) : files(where) {}
        void begin(std::uint64_t, const std::string&) override { files.append_durably("/media/targets/a", "678"); }
        void write(std::string_view more) override { content += more; }
        FakeFileSystem& files;
        std::string content;
    };
    Growing growing(files);
    CHECK(folder->target({"a", 5, 0, ""}, growing));
    CHECK(growing.content == "12345");
    CHECK(files.content("/media/targets/a") == "12345678");
}

TEST_CASE("a folder that is not mounted is an error and no missing file") {
    FakeFileSystem files;
    files.put_directory("/media");
    const auto folder = folder_transport(files, "/media");
    CHECK(fails([&] { folder->metadata("2.root.json", 10); }, "transport_failed", "is it mounted"));
    Bytes bytes;
    CHECK(fails([&] { folder->target({"a", 1, 0, ""}, bytes); }, "transport_failed", "is it mounted"));
}

TEST_CASE("a disk that fails is the source's failure") {
    FakeFileSystem files;
    files.put("/media/metadata/root.json", "12345");
    files.fail_path("/media/metadata/root.json", "io_error");
    CHECK(
        fails([&] { folder_transport(files, "/media")->metadata("root.json", 10); }, "transport_failed", "root.json"));
}

TEST_CASE("the command that retrieves runs once, late, into an empty private folder") {
    FakeFileSystem files;
    files.put("/state/retrieved/metadata/9.root.json", "stale");
    ScriptedCommands commands;
    commands.does = [&](const Command&) {
        CHECK_FALSE(files.status("/state/retrieved/metadata/9.root.json").has_value());
        CHECK(files.status("/state/retrieved")->mode == 0700);
        files.put("/state/retrieved/metadata/timestamp.json", "{}");
        files.put("/state/retrieved/targets/a", "abc");
        return CommandResult{};
    };
    const auto transport =
        retrieved_transport(files, commands, dsmc({"-subdir=yes", "-replace=all", "/repository/*", "{directory}/"}));
    CHECK(commands.ran.empty());
    CHECK(transport->metadata("timestamp.json", 10) == "{}");
    CHECK_FALSE(transport->metadata("9.root.json", 10).has_value());
    Bytes bytes;
    CHECK(transport->target({"a", 3, 0, ""}, bytes));
    REQUIRE(commands.ran.size() == 1);
    CHECK(commands.ran[0].program == "/usr/bin/dsmc");
    CHECK(commands.ran[0].arguments ==
          std::vector<std::string>{"retrieve", "-subdir=yes", "-replace=all", "/repository/*", "/state/retrieved/"});
    CHECK(commands.ran[0].deadline == Milliseconds(2 * 3600 * 1000));
}

TEST_CASE("with {file} the command runs for each file that is needed") {
    FakeFileSystem files;
    ScriptedCommands commands;
    bool gone = false;
    commands.does = [&](const Command& command) {
        const std::string& source = command.arguments[1];
        if (source == "/repository/metadata/2.root.json" || gone)
            return CommandResult{12, "ANS1092W No files matching search criteria were found\n", "", false};
        files.put(command.arguments[2], "abc");
        return CommandResult{8, "", "", false};
    };
    const auto transport = retrieved_transport(files, commands, dsmc({"/repository/{file}", "{directory}/{file}"}));
    CHECK_FALSE(transport->metadata("2.root.json", 10).has_value());
    CHECK(transport->metadata("timestamp.json", 10) == "abc");
    CHECK(transport->metadata("timestamp.json", 10) == "abc");
    Bytes bytes;
    CHECK(transport->target({"packages/x/a", 3, 0, ""}, bytes));
    CHECK(commands.ran.size() == 4);
    CHECK(commands.ran[3].arguments[1] == "/repository/targets/packages/x/a");
    CHECK(commands.ran[3].arguments[2] == "/state/retrieved/targets/packages/x/a");
    // What is there already is gone on with.
    CHECK(transport->target({"packages/x/a", 3, 1, ""}, bytes));
    CHECK(commands.ran.size() == 4);
    // What the source has no more is not there because it was once.
    gone = true;
    CHECK_FALSE(transport->metadata("timestamp.json", 10).has_value());
}

TEST_CASE("a name that a command could take for a pattern or an option is never given to it") {
    FakeFileSystem files;
    ScriptedCommands commands;
    commands.does = [](const Command&) { return CommandResult{}; };
    const auto transport = retrieved_transport(files, commands, dsmc({"/repository/{file}", "{directory}/{file}"}));
    Bytes bytes;
    for (const char* name : {"a*", "a?", "a b", "{a}", "a\"b", "[a]", "$a"})
        CHECK(fails([&] { transport->target({name, 3, 0, ""}, bytes); }, "transport_refused", "could mean something"));
    CHECK(commands.ran.empty());
}

TEST_CASE("a command that fails or hangs is an error with what it said") {
    FakeFileSystem files;
    ScriptedCommands commands;
    commands.does = [](const Command&) {
        return CommandResult{12, "IBM Storage Protect\nANS1017E Session rejected: TCP/IP connection failure.\n\n", "",
                             false};
    };
    const auto command = dsmc({"/repository/*", "{directory}/"});
    CHECK(fails([&] { retrieved_transport(files, commands, command)->metadata("a", 10); }, "transport_failed",
                "ended with 12: ANS1017E Session rejected: TCP/IP connection failure."));
    // Without anything there is no repository.
    commands.does = [](const Command&) { return CommandResult{12, "ANS1092W No files matching\n", "", false}; };
    CHECK(fails([&] { retrieved_transport(files, commands, command)->metadata("a", 10); }, "transport_failed",
                "ended with 12: ANS1092W"));
    commands.does = [](const Command&) { return CommandResult{-1, "", "", true}; };
    CHECK(fails([&] { retrieved_transport(files, commands, command)->metadata("a", 10); }, "transport_timed_out",
                "within 7200 s"));
}

TEST_CASE("a command that cannot fill the folder is refused from the start") {
    FakeFileSystem files;
    ScriptedCommands commands;
    CHECK(fails([&] { retrieved_transport(files, commands, dsmc({"/repository/*"})); }, "settings_invalid",
                "{directory}"));
    RetrieveCommand none;
    none.directory = "/state/retrieved";
    CHECK(fails([&] { retrieved_transport(files, commands, none); }, "settings_invalid", "no command"));
}
