#include "platform/linux/systemd_command_runner.h"

#include "platform/error.h"
#include "platform/linux/extended_attributes.h"
#include "platform/linux/linux_clock.h"
#include "platform/linux/linux_process_table.h"
#include "platform/linux/systemctl.h"
#include "platform/posix/posix_file_system.h"
#include "platform/posix/session_command_runner.h"
#include "tests/platform/temporary_directory.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace autodeploy;

namespace {

/// The tests that make units run only on a machine that was made for them.
bool no_real_systemd() {
    return std::getenv("AUTODEPLOY_TEST_REAL_SYSTEMD") == nullptr;
}

struct Machine {
    TemporaryDirectory directory;
    ExtendedAttributes attributes;
    PosixFileSystem files{attributes};
    LinuxClock clock;
    LinuxProcessTable processes;
    SessionCommandRunner reader{files, clock, processes, directory.path()};
    SystemdCommandRunner runner{reader, files, clock, processes, directory.path()};

    DetachedCommand shell(const std::string& name, const std::string& script) {
        DetachedCommand command;
        command.name = name;
        command.command.program = "/bin/sh";
        command.command.arguments = {"-c", script};
        command.output_path = directory / "output";
        return command;
    }
    void wait_for_file(const std::string& path) {
        for (int round = 0; round < 2000 && !files.status(path); ++round)
            clock.sleep(Milliseconds(5));
        REQUIRE(files.status(path).has_value());
    }
    bool is_taken_away(const std::string& name) {
        for (int round = 0; round < 1000 && load_state(name) != "not-found"; ++round)
            clock.sleep(Milliseconds(5));
        return load_state(name) == "not-found";
    }
    std::string load_state(const std::string& name) {
        return show_unit(reader, "autodeploy-" + name + ".service", "LoadState").text("LoadState");
    }
};

DetachedCommand example() {
    DetachedCommand command;
    command.name = "update-1";
    command.command.program = "/usr/bin/dpkg";
    command.command.arguments = {"-i", "/a b.deb"};
    command.output_path = "/var/lib/autodeploy/attempts/1/evidence/dpkg.txt";
    return command;
}

} // namespace

TEST_CASE("a tool is started as a transient unit with an exact environment") {
    CHECK(transient_unit_command(example(), 252).arguments ==
          std::vector<std::string>{"--quiet",
                                   "--unit=autodeploy-update-1.service",
                                   "--description=autodeploy runs /usr/bin/dpkg",
                                   "--remain-after-exit",
                                   "--property=KillMode=process",
                                   "--property=KillSignal=SIGCONT",
                                   "--property=SendSIGKILL=no",
                                   "--property=TimeoutStopSec=15min",
                                   "--property=IgnoreSIGPIPE=no",
                                   "--property=StandardInput=null",
                                   "--property=StandardOutput=append:/var/lib/autodeploy/attempts/1/evidence/dpkg.txt",
                                   "--property=StandardError=append:/var/lib/autodeploy/attempts/1/evidence/dpkg.txt",
                                   "--",
                                   "/usr/bin/env",
                                   "-i",
                                   "LC_ALL=C",
                                   "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                                   "/usr/bin/dpkg",
                                   "-i",
                                   "/a b.deb"});
}

TEST_CASE("an old systemd, which cannot append to a file, gets it from a constant script") {
    CHECK(transient_unit_command(example(), 239).arguments ==
          std::vector<std::string>{
              "--quiet", "--unit=autodeploy-update-1.service", "--description=autodeploy runs /usr/bin/dpkg",
              "--remain-after-exit", "--property=KillMode=process", "--property=KillSignal=SIGCONT",
              "--property=SendSIGKILL=no", "--", "/bin/sh", "-c", "exec \"$$@\" >>\"$$0\" 2>&1 </dev/null",
              "/var/lib/autodeploy/attempts/1/evidence/dpkg.txt", "/usr/bin/env", "-i", "LC_ALL=C",
              "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "/usr/bin/dpkg", "-i", "/a b.deb"});
}

TEST_CASE("a unit that is started before its time waits for a word in front of the very same tool") {
    const std::vector<std::string> plain = transient_unit_command(example(), 252).arguments;
    const std::vector<std::string> waits = transient_unit_command(example(), 252, "/d/update-1.gate").arguments;
    const auto tool = std::find(plain.begin(), plain.end(), "/usr/bin/env");
    const auto gate = std::find(waits.begin(), waits.end(), "/d/update-1.gate");
    REQUIRE(gate != waits.end());
    CHECK(std::vector<std::string>(gate + 1, waits.end()) == std::vector<std::string>(tool, plain.end()));
    CHECK(std::equal(plain.begin(), tool, waits.begin()));
}

namespace {

/// Behind a gate, as a unit would be: touches the file. Returns its exit code, and whether it touched.
struct Gated {
    TemporaryDirectory directory;
    std::string gate = directory / "tool.gate";
    std::string touched = directory / "touched";
    pid_t child = -1;

    void start() {
        std::vector<std::string> arguments = behind_gate(gate, {"/bin/sh", "-c", "touch " + touched + "; exit 3"});
        std::vector<char*> pointers;
        for (std::string& argument : arguments)
            pointers.push_back(argument.data());
        pointers.push_back(nullptr);
        child = ::fork();
        if (child == 0) {
            ::execv(pointers.front(), pointers.data());
            ::_exit(99);
        }
    }
    int exit_code() const {
        int status = 0;
        ::waitpid(child, &status, 0);
        return WEXITSTATUS(status);
    }
    bool has_run() const { return ::access(touched.c_str(), F_OK) == 0; }
};

} // namespace

TEST_CASE("what waits behind a gate becomes the tool at the word, and only then") {
    Gated gated;
    WaitingUnit unit(gated.gate);
    gated.start();
    REQUIRE(unit.reached());
    CHECK_FALSE(gated.has_run());
    CHECK(unit.go());
    CHECK(gated.exit_code() == 3);
    CHECK(gated.has_run());
    CHECK(::access(gated.gate.c_str(), F_OK) != 0);
}

TEST_CASE("what waits behind a gate ends without the tool where its owner goes away, waiting or not yet there") {
    for (const bool waits : {true, false}) {
        CAPTURE(waits);
        Gated gated;
        {
            WaitingUnit unit(gated.gate);
            if (waits) gated.start();
            if (waits) REQUIRE(unit.reached());
        }
        if (!waits) gated.start();
        CHECK(gated.exit_code() == 0);
        CHECK_FALSE(gated.has_run());
    }
}

TEST_CASE("a gate that an earlier run has left is opened without the word") {
    Gated gated;
    REQUIRE(::mkfifo(gated.gate.c_str(), 0600) == 0);
    gated.start();
    // Again and again, since nobody can see whether it has come to the gate.
    while (::waitpid(gated.child, nullptr, WNOHANG) == 0) {
        open_without_word(gated.gate);
        ::usleep(1000);
    }
    CHECK_FALSE(gated.has_run());
    CHECK(::access(gated.gate.c_str(), F_OK) != 0);
}

TEST_CASE("the end of a transient unit is read with its exit code") {
    const auto unit = [](const char* text) { return transient_unit(parse_unit_properties(text).front()); };
    CHECK_FALSE(unit("MainPID=0\nLoadState=not-found\nActiveState=inactive\n").has_value());
    const auto running = unit("MainPID=70\nExecMainCode=0\nExecMainStatus=0\nLoadState=loaded\nActiveState=active\n"
                              "SubState=running\n");
    CHECK(running->running);
    CHECK(running->process == 70);
    const auto done = unit("MainPID=0\nExecMainCode=1\nExecMainStatus=0\nLoadState=loaded\nActiveState=active\n"
                           "SubState=exited\n");
    CHECK_FALSE(done->running);
    CHECK(done->exit_code == 0);
    CHECK(
        unit("ExecMainCode=1\nExecMainStatus=3\nLoadState=loaded\nActiveState=failed\nSubState=failed\n")->exit_code ==
        3);
    CHECK(
        unit("ExecMainCode=2\nExecMainStatus=9\nLoadState=loaded\nActiveState=failed\nSubState=failed\n")->exit_code ==
        137);
}

TEST_CASE("real systemd: exit code and output of a detached tool come back" * doctest::skip(no_real_systemd())) {
    Machine machine;
    const Milliseconds before = machine.clock.elapsed();
    const CommandResult result = machine.runner.run_detached(machine.shell("t-out", "echo out; echo err >&2; exit 5"));
    MESSAGE("took " << (machine.clock.elapsed() - before).count() << " ms");
    CHECK(result.exit_code == 5);
    CHECK(result.output == "out\nerr\n");
    CHECK(machine.is_taken_away("t-out"));
    CHECK(machine.runner.detached_state("t-out") == DetachedState::ended);
    CHECK(machine.runner.run_detached(machine.shell("t-out", "exit 0")).succeeded());
    CHECK(machine.is_taken_away("t-out"));
    CHECK(machine.runner.run_detached(machine.shell("t-out", "kill -9 $$")).exit_code == 137);
    DetachedCommand command = machine.shell("t-out", "");
    command.command.program = "/usr/bin/env";
    command.command.arguments = {"/usr/bin/printf", "%s|", "a b", "$HOME", "${HOME}", "$$", "%n", "\\x41", "", "'"};
    CHECK(machine.runner.run_detached(command).output == "a b|$HOME|${HOME}|$$|%n|\\x41||'|");
    command.command.arguments = {};
    CHECK(machine.runner.run_detached(command).output == "LC_ALL=C\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n");
}

TEST_CASE("real systemd: a tool that was expected runs as any other, and what was not run leaves nothing" *
          doctest::skip(no_real_systemd())) {
    Machine machine;
    const DetachedCommand first = machine.shell("t-first", "echo first; exit 5");
    const DetachedCommand second = machine.shell("t-second", "echo second");
    const DetachedCommand third = machine.shell("t-third", "echo third");
    machine.runner.expect_detached({first, second, third});
    for (const DetachedCommand& command : {first, second, third}) {
        CHECK(machine.load_state(command.name) == "loaded");
        CHECK(machine.runner.detached_state(command.name) == DetachedState::unknown);
    }
    CHECK_FALSE(machine.files.status(first.output_path + "x"));
    Milliseconds before = machine.clock.elapsed();
    CommandResult result = machine.runner.run_detached(first);
    MESSAGE("took " << (machine.clock.elapsed() - before).count() << " ms");
    CHECK(result.exit_code == 5);
    CHECK(result.output == "first\n");
    CHECK(machine.runner.detached_state("t-first") == DetachedState::ended);
    // Another than was expected is run all the same.
    DetachedCommand other = second;
    other.command.arguments.back() = "echo other; exit 6";
    result = machine.runner.run_detached(other);
    CHECK(result.exit_code == 6);
    CHECK(result.output == "other\n");
    machine.runner.expect_detached({});
    for (const DetachedCommand& command : {first, second, third}) {
        CHECK(machine.is_taken_away(command.name));
        CHECK_FALSE(machine.files.status(machine.directory / ("detached/" + command.name + ".gate")));
    }
    CHECK(machine.files.read(first.output_path, 100) == "first\nother\n");
}

TEST_CASE("real systemd: what an earlier run of ours has expected is taken away by the next" *
          doctest::skip(no_real_systemd())) {
    Machine machine;
    const DetachedCommand command = machine.shell("t-left", "touch " + (machine.directory / "ran"));
    const pid_t child = ::fork();
    if (child == 0) {
        SystemdCommandRunner earlier(machine.reader, machine.files, machine.clock, machine.processes,
                                     machine.directory.path());
        earlier.expect_detached({command});
        ::_exit(0); // without any destructor, as if killed
    }
    ::waitpid(child, nullptr, 0);
    CHECK(machine.load_state("t-left") == "loaded");
    CHECK_FALSE(machine.files.status(machine.directory / "ran"));
    CHECK(machine.runner.run_detached(command).succeeded());
    CHECK(machine.files.status(machine.directory / "ran"));
}

TEST_CASE("real systemd: a unit that came about though its start failed is not taken for a run of the tool" *
          doctest::skip(no_real_systemd())) {
    struct Failing : CommandRunner {
        CommandRunner& real;
        bool fails = true;
        explicit Failing(CommandRunner& runner) : real(runner) {}
        CommandResult run(const Command& command) override {
            CommandResult result = real.run(command);
            if (fails && command.program.ends_with("/systemd-run")) result.exit_code = 1;
            return result;
        }
        CommandResult run_detached(const DetachedCommand& command) override { return real.run_detached(command); }
        DetachedState detached_state(const std::string& name) override { return real.detached_state(name); }
        CommandResult wait_detached(const std::string& name, Milliseconds time) override {
            return real.wait_detached(name, time);
        }
        void end_scriptlets(const std::string& name) override { real.end_scriptlets(name); }
    };
    Machine machine;
    Failing reader(machine.reader);
    SystemdCommandRunner runner(reader, machine.files, machine.clock, machine.processes, machine.directory.path());
    const DetachedCommand command = machine.shell("t-stale", "touch " + (machine.directory / "ran"));
    runner.expect_detached({command});
    reader.fails = false;
    CHECK(runner.run_detached(command).succeeded());
    CHECK(machine.files.status(machine.directory / "ran"));
}

TEST_CASE("real systemd: past its deadline a tool goes on, and its scriptlets can be ended" *
          doctest::skip(no_real_systemd())) {
    Machine machine;
    const std::string begun = machine.directory / "begun";
    DetachedCommand command = machine.shell("t-slow", "sh -c 'touch " + begun + "; sleep 60'; echo code $?; exit 4");
    command.command.deadline = Milliseconds(50);
    CHECK(machine.runner.run_detached(command).timed_out);
    CHECK(machine.runner.detached_state("t-slow") == DetachedState::running);
    CHECK_THROWS_AS(machine.runner.run_detached(command), Error);
    machine.wait_for_file(begun);
    machine.runner.end_scriptlets("t-slow");
    const CommandResult result = machine.runner.wait_detached("t-slow", Milliseconds(10000));
    CHECK(result.exit_code == 4);
    CHECK(result.output.find("code 143") != std::string::npos);
}

TEST_CASE("real systemd: a tool survives our own end and that of our unit" * doctest::skip(no_real_systemd())) {
    Machine machine;
    const std::string begun = machine.directory / "begun";
    const std::string go = machine.directory / "go";
    const pid_t child = ::fork();
    if (child == 0) {
        machine.runner.run_detached(
            machine.shell("t-survivor", "touch " + begun + "; while [ ! -e " + go + " ]; do sleep 0.01; done; exit 9"));
        ::_exit(0);
    }
    machine.wait_for_file(begun);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    SystemdCommandRunner later(machine.reader, machine.files, machine.clock, machine.processes,
                               machine.directory.path());
    CHECK(later.detached_state("t-survivor") == DetachedState::running);
    // Another than ours: nothing that we could be stopped with reaches it.
    Command where;
    where.program = "/usr/bin/systemctl";
    where.arguments = {"show", "-p", "ControlGroup", "autodeploy-t-survivor.service"};
    CHECK(machine.reader.run(where).output == "ControlGroup=/system.slice/autodeploy-t-survivor.service\n");
    machine.files.write_durably(go, "", 0600);
    CHECK(later.wait_detached("t-survivor", Milliseconds(10000)).exit_code == 9);
    CHECK(later.detached_state("t-survivor") == DetachedState::ended);
}

TEST_CASE("real systemd: a stop of the transient unit lets the tool end by itself" * doctest::skip(no_real_systemd())) {
    Machine machine;
    const std::string begun = machine.directory / "begun";
    DetachedCommand command = machine.shell("t-stop", "touch " + begun + "; sleep 0.5; exit 0");
    command.command.deadline = Milliseconds(0);
    machine.runner.run_detached(command);
    machine.wait_for_file(begun);
    systemctl(machine.reader, {"stop", "autodeploy-t-stop.service"}, "stop it");
    const CommandResult result = machine.runner.wait_detached("t-stop", Milliseconds(10000));
    CHECK_FALSE(result.timed_out);
    CHECK(machine.runner.detached_state("t-stop") == DetachedState::ended);
}

TEST_CASE("real systemd: an old version's way works too" * doctest::skip(no_real_systemd())) {
    Machine machine;
    const DetachedCommand command = machine.shell("t-old", "echo out; exit 6");
    CHECK(machine.reader.run(transient_unit_command(command, 239)).succeeded());
    for (int round = 0; round < 1000 && !machine.files.status(command.output_path); ++round)
        machine.clock.sleep(Milliseconds(5));
    for (int round = 0; round < 1000; ++round) {
        const auto unit = transient_unit(show_unit(machine.reader, "autodeploy-t-old.service",
                                                   "LoadState,ActiveState,SubState,ExecMainCode,ExecMainStatus"));
        REQUIRE(unit.has_value());
        if (!unit->running) {
            CHECK(unit->exit_code == 6);
            break;
        }
    }
    CHECK(machine.files.read(command.output_path, 100) == "out\n");
    systemctl(machine.reader, {"reset-failed", "autodeploy-t-old.service"}, "forget it");
}
