#include "platform/aix/aix_file_system.h"
#include "platform/aix/aix_host.h"
#include "platform/aix/aix_process_table.h"
#include "platform/error.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_command_runner.h"
#include "tests/platform/temporary_directory.h"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <unistd.h>

using namespace autodeploy;

namespace {

const std::string system_text = transcript("aix/system.txt");

} // namespace

TEST_CASE("free room on AIX is what df says, also of what is not there yet") {
    FakeCommandRunner commands(system_text);
    commands.add("$ /usr/bin/df -Pk /\ndf: nothing\n");
    AixAttributes attributes(commands);
    AixFileSystem files(attributes, commands);
    CHECK(files.free_bytes("/usr/nothing/here") == 2097152ULL * 1024);
    CHECK_THROWS_AS(files.free_bytes("/nothing"), Error);
}

TEST_CASE("access control lists on AIX are asked for only where the kernel says that there is one") {
    const TemporaryDirectory directory;
    const std::string path = directory / "dsm.opt";
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT, 0600);
    FakeCommandRunner commands("$ /usr/bin/aclget " + path + "\nattributes:\nextended permissions\n");
    bool has_list = false;
    AixAttributes attributes(commands, [&](const std::string&) { return has_list; });
    CHECK(attributes.read(path).empty());
    CHECK(commands.calls.empty());
    has_list = true;
    const auto list = attributes.read(file, path);
    CHECK(list.at("aix_acl") == "attributes:\nextended permissions\n");
    std::string given;
    commands.before = [&](const Command& command) {
        given = command.program + " " + command.arguments.front() + " " + command.arguments.back();
    };
    // No transcript knows the name of a temporary file.
    CHECK_THROWS_AS(attributes.write(file, path, list), Error);
    CHECK(given == "/usr/bin/aclput -i " + path);
    given.clear();
    SUBCASE("not for a file that is not at its place yet") {
        ::unlink(path.c_str());
        ::close(::open(path.c_str(), O_RDWR | O_CREAT, 0600));
        attributes.write(file, path, list);
    }
    SUBCASE("not where none is wanted") {
        attributes.write(file, path, {});
    }
    CHECK(given.empty());
    ::close(file);
}

TEST_CASE("facts of an AIX machine come from its tools") {
    FakeClock clock;
    FakeCommandRunner commands(system_text);
    commands.add("$ /usr/bin/oslevel\n7.2.0.0\n$ /usr/bin/getconf KERNEL_BITMODE\n64\n");
    AixProcessTable processes(commands, clock, {"/nowhere"});
    AixHost host(commands, processes);
    const HostFacts facts = host.facts();
    CHECK(facts.system == "aix");
    CHECK(facts.architecture == "powerpc");
    CHECK(facts.distribution == "aix 7.2");
    CHECK(facts.is_64_bit);
    CHECK(host.mount_properties("/usr/lib") == std::vector<std::string>{"read-only"});
    CHECK(host.mount_properties("/tools/x") == std::vector<std::string>{"read-only", "nfs"});
    CHECK(host.mount_properties("/var").empty());
    CHECK(host.cluster_software().empty());
    SUBCASE("an error goes to the error log as well, a line of it") {
        commands.add("$ /usr/bin/errlogger 'autodeploy: one two'\n");
        host.log(3, "one\ntwo");
        CHECK(commands.calls.back() == "/usr/bin/errlogger 'autodeploy: one two'");
        const std::size_t calls = commands.calls.size();
        host.log(6, "good news");
        CHECK(commands.calls.size() == calls);
    }
}

TEST_CASE("the same process has the same start, however often ps is asked") {
    FakeClock clock;
    FakeCommandRunner commands(system_text);
    AixProcessTable processes(commands, clock, {"/nowhere"});
    const std::vector<Process> first = processes.list();
    REQUIRE(first.size() == 4);
    CHECK(first[3].program.empty());
    CHECK(processes.list() == first);
    SUBCASE("a second that passed meanwhile makes it ask again") {
        int calls = 0;
        commands.before = [&](const Command&) {
            if (++calls == 1) clock.sleep(Milliseconds(1000));
        };
        processes.list();
        CHECK(calls == 2);
    }
    SUBCASE("no answer is an error") {
        commands.before = [](const Command&) { throw Error("tool_missing", "cannot start ps"); };
        CHECK_THROWS_AS(processes.list(), Error);
    }
}
