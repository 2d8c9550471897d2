#include "platform/clock.h"
#include "platform/error.h"
#include "platform/standard_paths.h"
#include "platform/windows/native/child_process.h"
#include "platform/windows/native/registry_store.h"
#include "platform/windows/native/windows_clock.h"
#include "platform/windows/native/windows_command_runner.h"
#include "platform/windows/native/windows_host.h"
#include "platform/windows/native/windows_process_table.h"
#include "platform/windows/native/windows_service_host.h"
#include "tests/platform/windows/native/own_directory.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

#include <windows.h>

using namespace autodeploy;

namespace {

const std::string shell = system_directory() + "\\cmd.exe";

Process ourselves(WindowsProcessTable& processes) {
    for (const Process& process : processes.list())
        if (process.id == std::int64_t(::GetCurrentProcessId())) return process;
    return {};
}

} // namespace

TEST_CASE("a program of Windows gives its output, its errors and its exit code") {
    OwnDirectory own;
    WindowsClock clock;
    WindowsCommandRunner commands(own.files, clock, own.path());
    const CommandResult result =
        commands.run({shell, {"/c", "echo", "said&", "echo", "complained>&2&", "exit", "7"}, {}, Milliseconds(30000)});
    CHECK(result.exit_code == 7);
    CHECK(result.output.starts_with("said"));
    CHECK(result.error.starts_with("complained"));
    CHECK_FALSE(result.timed_out);
}

TEST_CASE("a program of Windows sees the environment that it is given and none of ours") {
    OwnDirectory own;
    WindowsClock clock;
    WindowsCommandRunner commands(own.files, clock, own.path());
    ::SetEnvironmentVariableW(L"OF_OURS", L"leaked");
    const CommandResult result = commands.run({shell, {"/c", "set"}, {{"GIVEN", "a b"}}, Milliseconds(30000)});
    CHECK(result.output.find("GIVEN=a b") != std::string::npos);
    CHECK(result.output.find("LC_ALL=C") != std::string::npos);
    CHECK(result.output.find("leaked") == std::string::npos);
}

TEST_CASE("a program of Windows that hangs is ended at its deadline, with what it started") {
    OwnDirectory own;
    WindowsClock clock;
    WindowsProcessTable processes;
    WindowsCommandRunner commands(own.files, clock, own.path());
    const auto shells = [&] {
        const auto all = processes.list();
        return std::count_if(all.begin(), all.end(), [](const Process& process) {
            return std::find(process.arguments.begin(), process.arguments.end(), "inner-hang") !=
                   process.arguments.end();
        });
    };
    const Milliseconds begun = clock.elapsed();
    const CommandResult result =
        commands.run({shell, {"/c", "cmd", "/c", "pause", "inner-hang"}, {}, Milliseconds(1500)});
    // Empty input ends a pause; whichever way, nothing of it is left.
    CHECK(clock.elapsed() - begun < Milliseconds(20000));
    CHECK(shells() == 0);
    CHECK((result.timed_out || result.exit_code == 0));
}

TEST_CASE("a program that is not there, or has no absolute path, is missing") {
    OwnDirectory own;
    WindowsClock clock;
    WindowsCommandRunner commands(own.files, clock, own.path());
    for (const char* program : {"C:\\no\\such.exe", "cmd.exe"}) {
        std::string cause;
        try {
            commands.run({program, {}, {}, Milliseconds(1000)});
        } catch (const Error& error) {
            cause = error.cause();
        }
        CHECK(cause == "tool_missing");
    }
}

TEST_CASE("a detached program of Windows is known by its name, also to a later run of ours") {
    OwnDirectory own;
    WindowsClock clock;
    DetachedCommand command{
        "run-1", {shell, {"/c", "echo", "working&", "exit", "3"}, {}, Milliseconds(30000)}, own / "log"};
    {
        WindowsCommandRunner commands(own.files, clock, own.path());
        CHECK(commands.detached_state("run-1") == DetachedState::unknown);
        const CommandResult result = commands.run_detached(command);
        CHECK(result.exit_code == 3);
        CHECK(result.output.starts_with("working"));
    }
    WindowsCommandRunner later(own.files, clock, own.path());
    CHECK(later.detached_state("run-1") == DetachedState::ended);
    CHECK(later.wait_detached("run-1", Milliseconds(1000)).exit_code == 3);
}

TEST_CASE("we find ourselves among the processes of Windows, with our file") {
    WindowsProcessTable processes;
    const Process own = ourselves(processes);
    CHECK(own.program.ends_with("unit_tests.exe"));
    CHECK_FALSE(own.started.empty());
    CHECK_FALSE(processes.end(own, Milliseconds(0)));
    Process earlier = own;
    earlier.started = "1";
    CHECK(processes.end(earlier, Milliseconds(0)));
    processes.kill(earlier);
    const auto users = processes.mapping(own.program);
    CHECK(std::any_of(users.begin(), users.end(), [&](const Process& process) { return process.id == own.id; }));
}

TEST_CASE("Windows' clock goes on, and one start of the machine has one name") {
    WindowsClock clock;
    CHECK(clock.now() > 1'700'000'000);
    CHECK(clock.now_ms() / 1000 - clock.now() <= 1);
    const Milliseconds before = clock.elapsed();
    clock.sleep(Milliseconds(20));
    CHECK(clock.elapsed() - before >= Milliseconds(15));
    CHECK_FALSE(clock.boot_id().empty());
    CHECK(clock.boot_id() == WindowsClock().boot_id());
}

TEST_CASE("what is noted of the start of the machine is gone with it, and takes nothing else along") {
    RegistryStore registry;
    const std::string own = R"(HKLM64\SOFTWARE\Autodeploy)";
    registry.write(own, {});
    CHECK_FALSE(WindowsClock().boot_id().empty());
    // Below a key that goes with the machine nothing that stays can be made.
    const SettingsStore::Tree held{{own + R"(\Held Services\Try)", {}}};
    CHECK_NOTHROW(registry.write(own + R"(\Held Services\Try)", held));
    registry.write(own + R"(\Held Services\Try)", {});
}

TEST_CASE("Windows' facts are told") {
    WindowsHost host;
    const HostFacts facts = host.facts();
    CHECK(facts.system == "windows");
    CHECK(facts.architecture == "x86_64");
    CHECK(facts.distribution.starts_with("windows 10."));
    CHECK_FALSE(facts.name.empty());
    CHECK(host.cluster_software().empty());
    CHECK(host.mount_properties("C:\\").empty());
    host.log_event({6, "agent-started", "A test wrote this.", {{"version", "1"}}});
}

TEST_CASE("a file that waits for a restart of Windows is told for our paths only") {
    OwnDirectory own;
    own.files.write_durably(own / "late", "x", 0600);
    std::string path = own / "late";
    std::replace(path.begin(), path.end(), '/', '\\');
    REQUIRE(::MoveFileExW(std::wstring(path.begin(), path.end()).c_str(), nullptr, MOVEFILE_DELAY_UNTIL_REBOOT));
    WindowsHost host;
    CHECK(host.pending_renames({own.path()}).size() == 1);
    CHECK(host.pending_renames({"D:\\elsewhere"}).empty());
    HKEY manager = nullptr;
    REQUIRE(::RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"SYSTEM\\CurrentControlSet\\Control\\Session Manager", 0,
                            KEY_SET_VALUE, &manager) == ERROR_SUCCESS);
    ::RegDeleteValueW(manager, L"PendingFileRenameOperations");
    ::RegCloseKey(manager);
}

TEST_CASE("the service on Windows is poked by other commands, interrupted and stopped") {
    OwnDirectory own;
    WindowsServiceHost service(own.path()), command(own.path());
    CHECK_FALSE(command.poke_service());
    service.become_service();
    CHECK(command.poke_service());
    CHECK(service.wait(Milliseconds(10000)) == Wake::poked);
    CHECK(service.wait(Milliseconds(10)) == Wake::time_over);
    service.interrupt();
    CHECK(service.wait(Milliseconds(10000)) == Wake::poked);
    CHECK_FALSE(service.stop_asked());
    std::thread asks([&] { service.ask_to_stop(); });
    CHECK(service.wait(Milliseconds(10000)) == Wake::stop);
    asks.join();
    CHECK(service.stop_asked());
    CHECK(service.wait(Milliseconds(10)) != Wake::stop);
}

TEST_CASE("our own things on Windows lie below ProgramData, the program below Program Files") {
    const StandardPaths paths = standard_paths();
    CHECK(paths.state == "C:\\ProgramData\\Autodeploy\\state");
    CHECK(paths.program == "C:\\Program Files\\Autodeploy\\autodeploy.exe");
}
