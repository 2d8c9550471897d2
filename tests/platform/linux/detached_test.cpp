#include "platform/error.h"
#include "platform/linux/extended_attributes.h"
#include "platform/linux/linux_clock.h"
#include "platform/linux/linux_process_table.h"
#include "platform/linux/process_handle.h"
#include "platform/posix/posix_file_system.h"
#include "platform/posix/session_command_runner.h"
#include "tests/platform/temporary_directory.h"

#include <doctest/doctest.h>

#include <csignal>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace autodeploy;

namespace {

struct Sessions {
    TemporaryDirectory directory;
    ExtendedAttributes attributes;
    PosixFileSystem files{attributes};
    LinuxClock clock;
    LinuxProcessTable processes;
    SessionCommandRunner runner{files, clock, processes, directory.path()};

    DetachedCommand shell(const std::string& name, const std::string& script) {
        DetachedCommand command;
        command.name = name;
        command.command.program = "/bin/sh";
        command.command.arguments = {"-c", script};
        command.output_path = directory / "output";
        return command;
    }
    void wait_for_file(const std::string& path) {
        for (int round = 0; round < 1000 && !files.status(path); ++round)
            clock.sleep(Milliseconds(5));
        REQUIRE(files.status(path).has_value());
    }
};

/// Runs the call in a process that is killed hard once the file is there.
void killed_after(Sessions& sessions, const std::string& file, const DetachedCommand& command) {
    const pid_t child = ::fork();
    if (child == 0) {
        sessions.runner.run_detached(command);
        ::_exit(0);
    }
    sessions.wait_for_file(file);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
}

} // namespace

TEST_CASE("a record of a detached tool is read back as it was written") {
    DetachedRecord record;
    record.name = "update-7";
    record.boot = "abc-1";
    record.output_path = "/var/lib/some where/output";
    record.output_start = 17;
    record.started = true;
    record.process = 4711;
    record.process_start = "99";
    CHECK(parse_record(record_text(record)) == record);
    record.exit_code = -1;
    CHECK(parse_record(record_text(record)) == record);
    CHECK_FALSE(parse_record("").has_value());
    CHECK_FALSE(parse_record("name x").has_value());
    CHECK_FALSE(parse_record("name x\nboot b\nprocess many\n").has_value());
    CHECK_FALSE(parse_record("name ../x\nboot b\n").has_value());
}

TEST_CASE("a detached tool's exit code and output come back") {
    Sessions sessions;
    sessions.files.write_durably(sessions.directory / "output", "before\n", 0600);
    const CommandResult result = sessions.runner.run_detached(sessions.shell("one", "echo out; echo err >&2; exit 5"));
    CHECK(result.exit_code == 5);
    CHECK(result.output == "out\nerr\n");
    CHECK_FALSE(result.timed_out);
    CHECK(sessions.files.read(sessions.directory / "output", 100) == "before\nout\nerr\n");
    CHECK(sessions.runner.detached_state("one") == DetachedState::ended);
    CHECK(sessions.runner.detached_state("two") == DetachedState::unknown);
    CHECK(sessions.runner.wait_detached("one", Milliseconds(0)).exit_code == 5);
    CHECK(sessions.runner.run_detached(sessions.shell("one", "exit 0")).succeeded());
}

TEST_CASE("past its deadline a detached tool goes on, and is waited for again") {
    Sessions sessions;
    DetachedCommand command =
        sessions.shell("slow", "while [ ! -e " + (sessions.directory / "go") + " ]; do sleep 0.01; done; exit 3");
    command.command.deadline = Milliseconds(50);
    CHECK(sessions.runner.run_detached(command).timed_out);
    CHECK(sessions.runner.detached_state("slow") == DetachedState::running);
    CHECK_THROWS_AS(sessions.runner.run_detached(command), Error);
    CHECK(sessions.runner.wait_detached("slow", Milliseconds(20)).timed_out);
    sessions.files.write_durably(sessions.directory / "go", "", 0600);
    const CommandResult result = sessions.runner.wait_detached("slow", Milliseconds(10000));
    CHECK_FALSE(result.timed_out);
    CHECK(result.exit_code == 3);
}

TEST_CASE("a detached tool lives on when we are killed, and its result is found afterwards") {
    Sessions sessions;
    const std::string begun = sessions.directory / "begun";
    const std::string go = sessions.directory / "go";
    killed_after(sessions, begun,
                 sessions.shell("tool", "touch " + begun + "; while [ ! -e " + go + " ]; do sleep 0.01; done; exit 9"));
    SessionCommandRunner later(sessions.files, sessions.clock, sessions.processes, sessions.directory.path());
    CHECK(later.detached_state("tool") == DetachedState::running);
    sessions.files.write_durably(go, "", 0600);
    CHECK(later.wait_detached("tool", Milliseconds(10000)).exit_code == 9);
    CHECK(later.detached_state("tool") == DetachedState::ended);
}

TEST_CASE("the exit code of a tool whose keeper was killed can no longer be known") {
    Sessions sessions;
    const std::string keeper = sessions.directory / "keeper";
    DetachedCommand command = sessions.shell("tool", "echo $PPID >" + keeper + "; sleep 60");
    command.command.deadline = Milliseconds(0);
    CHECK(sessions.runner.run_detached(command).timed_out);
    sessions.wait_for_file(keeper);
    while (sessions.files.read(keeper, 20).empty())
        sessions.clock.sleep(Milliseconds(2));
    const pid_t group = std::stoi(sessions.files.read(keeper, 20));
    const std::vector<Process> before = sessions.processes.list();
    for (const Process& process : before)
        if (process.parent == group || process.id == group) sessions.processes.kill(process);
    CHECK(sessions.runner.wait_detached("tool", Milliseconds(10000)).exit_code == -1);
    CHECK(sessions.runner.detached_state("tool") == DetachedState::ended);
}

TEST_CASE("a hung scriptlet is ended, its tool goes on") {
    Sessions sessions;
    const std::string begun = sessions.directory / "begun";
    DetachedCommand command = sessions.shell("tool", "sh -c 'touch " + begun + "; sleep 60'; echo code $?; exit 4");
    command.command.deadline = Milliseconds(0);
    sessions.runner.run_detached(command);
    sessions.wait_for_file(begun);
    sessions.runner.end_scriptlets("tool");
    const CommandResult result = sessions.runner.wait_detached("tool", Milliseconds(10000));
    CHECK(result.exit_code == 4);
    CHECK(result.output.find("code 143") != std::string::npos);
}

TEST_CASE("a tool that is not there, or a name that is none, is refused before anything starts") {
    Sessions sessions;
    DetachedCommand command = sessions.shell("tool", "exit 0");
    command.command.program = "/no/such/tool";
    CHECK_THROWS_WITH_AS(sessions.runner.run_detached(command),
                         "cannot start /no/such/tool: No such file or directory (error 2)", Error);
    CHECK_THROWS_AS(sessions.runner.run_detached(sessions.shell("../x", "exit 0")), Error);
    CHECK_THROWS_AS(sessions.runner.run_detached(sessions.shell("", "exit 0")), Error);
}

TEST_CASE("processes are found with program, parent and arguments, and never mistaken for a successor") {
    LinuxProcessTable table;
    const pid_t child = ::fork();
    if (child == 0) {
        ::execl("/bin/sleep", "sleep", "60", nullptr);
        ::_exit(1);
    }
    Process found;
    for (int round = 0; round < 1000 && found.arguments != std::vector<std::string>{"sleep", "60"}; ++round)
        for (const Process& process : table.list())
            if (process.id == child) found = process;
    CHECK(found.parent == ::getpid());
    CHECK(found.program == "/usr/bin/sleep");
    CHECK(table.environment(found).contains("PATH"));
    bool maps_it = false;
    for (const Process& process : table.mapping("/usr/bin/sleep"))
        maps_it = maps_it || process == found;
    CHECK(maps_it);

    Process other = found;
    other.started += "0";
    CHECK(table.environment(other).empty());
    CHECK(table.end(other, Milliseconds(0)));
    table.kill(other);
    CHECK(::kill(child, 0) == 0);
    CHECK(table.end(found, Milliseconds(10000)));
    CHECK_FALSE(start_of_process(child).has_value());
    ::waitpid(child, nullptr, 0);
}

namespace {

/// A process that has a place of its own; what makes it returns whether that came about.
class Elsewhere {
  public:
    template<class Make> explicit Elsewhere(Make make) {
        int ends[2] = {-1, -1};
        REQUIRE(::pipe(ends) == 0);
        id_ = ::fork();
        if (id_ == 0) {
            const char made = make() ? 'y' : 'n';
            if (::write(ends[1], &made, 1) == 1) ::pause();
            ::_exit(0);
        }
        char answer = 'n';
        made_ = ::read(ends[0], &answer, 1) == 1 && answer == 'y';
        ::close(ends[0]);
        ::close(ends[1]);
    }
    Elsewhere(const Elsewhere&) = delete;
    Elsewhere& operator=(const Elsewhere&) = delete;
    ~Elsewhere() {
        ::kill(id_, SIGKILL);
        ::waitpid(id_, nullptr, 0);
    }
    bool made() const { return made_; }
    bool is_listed() const {
        for (const Process& process : LinuxProcessTable().list())
            if (process.id == id_) return true;
        return false;
    }

  private:
    pid_t id_ = -1;
    bool made_ = false;
};

} // namespace

TEST_CASE("a container's processes are not this machine's, those of a service with mounts of its own are" *
          doctest::skip(::geteuid() != 0)) {
    const TemporaryDirectory root;
    const Elsewhere sandboxed([] { return ::unshare(CLONE_NEWNS) == 0; });
    const Elsewhere contained(
        [&] { return ::unshare(CLONE_NEWNS) == 0 && ::chroot(root.path().c_str()) == 0 && ::chdir("/") == 0; });
    if (!sandboxed.made() || !contained.made()) {
        MESSAGE("skipped: no namespaces of our own here");
        return;
    }
    CHECK(sandboxed.is_listed());
    CHECK_FALSE(contained.is_listed());
}

TEST_CASE("processes that come and go while they are listed are no error") {
    const pid_t churner = ::fork();
    if (churner == 0) {
        for (;;) {
            const pid_t child = ::fork();
            if (child == 0) ::_exit(0);
            ::waitpid(child, nullptr, 0);
        }
    }
    LinuxProcessTable table;
    const pid_t own = ::getpid();
    for (int round = 0; round < 50; ++round) {
        bool seen = false;
        for (const Process& process : table.list()) {
            table.environment(process);
            seen = seen || process.id == own;
        }
        CHECK(seen);
        CHECK_NOTHROW(table.mapping("/usr/lib"));
    }
    ::kill(churner, SIGKILL);
    ::waitpid(churner, nullptr, 0);
}
