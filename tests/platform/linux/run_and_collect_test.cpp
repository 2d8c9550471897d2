#include "platform/posix/run_and_collect.h"

#include "platform/error.h"
#include "platform/linux/process_handle.h"
#include "tests/platform/temporary_directory.h"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <thread>
#include <unistd.h>

using namespace autodeploy;

namespace {

Command shell(const std::string& script) {
    Command command;
    command.program = "/bin/sh";
    command.arguments = {"-c", script};
    return command;
}

std::string cause_of_start(const std::string& program) {
    Command command;
    command.program = program;
    try {
        run_and_collect(command);
    } catch (const Error& error) {
        return error.cause();
    }
    return "started";
}

} // namespace

TEST_CASE("both streams and the exit code of a program come back apart") {
    const CommandResult result = run_and_collect(shell("echo out; echo err >&2; exit 7"));
    CHECK(result.output == "out\n");
    CHECK(result.error == "err\n");
    CHECK(result.exit_code == 7);
    CHECK_FALSE(result.timed_out);
    CHECK_FALSE(result.succeeded());
}

TEST_CASE("a program that a signal ended shows 128 and the signal") {
    CHECK(run_and_collect(shell("kill -TERM $$")).exit_code == 128 + SIGTERM);
}

TEST_CASE("the environment is exactly what was asked for") {
    ::setenv("LD_PRELOAD_LOOKALIKE", "x", 1);
    Command command;
    command.program = "/usr/bin/env";
    command.environment["DSM_DIR"] = "/opt/x";
    CHECK(run_and_collect(command).output == "DSM_DIR=/opt/x\nLC_ALL=C\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n");
    ::unsetenv("LD_PRELOAD_LOOKALIKE");
}

TEST_CASE("a program starts in the root directory with nothing to read and no descriptor of ours") {
    TemporaryDirectory directory;
    const int leaked = ::open("/dev/null", O_RDONLY); // without close-on-exec, as some libraries open
    const CommandResult result =
        run_and_collect(shell("pwd; cat | wc -c; umask; for n in 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$n ] && echo $n; "
                              "done; grep -E 'SigBlk|SigIgn' /proc/self/status"));
    ::close(leaked);
    CHECK(result.output.starts_with("/\n0\n0022\nSigBlk:"));
    CHECK(result.output.find("SigIgn:\t0000000000000000") != std::string::npos);
    CHECK(result.output.find("SigBlk:\t0000000000000000") != std::string::npos);
}

TEST_CASE("arguments reach the program as they are, whatever a shell would make of them") {
    Command command;
    command.program = "/usr/bin/printf";
    command.arguments = {"%s|", "a b", "$HOME", "`id`", "", "*"};
    CHECK(run_and_collect(command).output == "a b|$HOME|`id`||*|");
}

TEST_CASE("output beyond the limit is dropped and the program is not held up") {
    Command command = shell("head -c 3000000 /dev/zero; echo done >&2");
    command.output_limit = 1000;
    const CommandResult result = run_and_collect(command);
    CHECK(result.output.size() == 1000);
    CHECK(result.error == "done\n");
    CHECK(result.succeeded());
}

TEST_CASE("at the deadline the program is ended with everything that it started") {
    TemporaryDirectory directory;
    Command command =
        shell("trap '' TERM; sh -c 'echo $$ >" + (directory / "pid") + "; exec sleep 60' & echo begun; wait; sleep 60");
    command.deadline = Milliseconds(200);
    const auto start = std::chrono::steady_clock::now();
    const CommandResult result = run_and_collect(command);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
    CHECK(result.timed_out);
    CHECK(result.exit_code == 128 + SIGKILL);
    CHECK(result.output == "begun\n");
    CHECK_FALSE(result.succeeded());
    pid_t child = 0;
    std::ifstream(directory / "pid") >> child;
    REQUIRE(child > 0);
    // The kernel may need a moment until it has ended all of the group.
    for (int round = 0; round < 1000 && start_of_process(child); ++round)
        std::this_thread::sleep_for(Milliseconds(2));
    CHECK_FALSE(start_of_process(child).has_value());
}

TEST_CASE("a daemon that a program leaves behind does not hold the call up") {
    Command command = shell("sleep 60 & echo $!");
    const auto start = std::chrono::steady_clock::now();
    const CommandResult result = run_and_collect(command);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
    CHECK(result.succeeded());
    const pid_t daemon = std::stoi(result.output);
    CHECK(::kill(daemon, 0) == 0);
    ::kill(daemon, SIGKILL);
}

TEST_CASE("a program that cannot be started says why") {
    TemporaryDirectory directory;
    std::ofstream(directory / "plain") << "no program";
    CHECK(cause_of_start("/no/such/program") == "tool_missing");
    CHECK(cause_of_start("true") == "tool_missing");
    CHECK(cause_of_start("") == "tool_missing");
    CHECK(cause_of_start(directory / "plain") == "access_denied");
    CHECK(cause_of_start("/") == "access_denied");
}
