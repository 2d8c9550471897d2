#include "platform/linux/systemd_service_manager.h"

#include "platform/error.h"
#include "platform/linux/extended_attributes.h"
#include "platform/linux/linux_clock.h"
#include "platform/linux/linux_process_table.h"
#include "platform/posix/posix_file_system.h"
#include "platform/posix/real_path.h"
#include "platform/posix/session_command_runner.h"
#include "tests/fakes/fake_command_runner.h"
#include "tests/platform/temporary_directory.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>

using namespace autodeploy;

namespace {

bool no_real_systemd() {
    return std::getenv("AUTODEPLOY_TEST_REAL_SYSTEMD") == nullptr;
}

class FewProcesses : public ProcessTable {
  public:
    std::vector<Process> list() override { return processes; }
    std::vector<Process> mapping(const std::string&) override { return {}; }
    std::map<std::string, std::string> environment(const Process&) override { return {}; }
    bool end(const Process&, Milliseconds) override { return true; }
    void kill(const Process&) override {}

    std::vector<Process> processes;
};

/// A client's folder and services as they are told by a transcript.
struct ToldServices {
    TemporaryDirectory directory;
    std::string root = real_path(directory.path());
    std::string bin = root + "/opt/tivoli/tsm/client/ba/bin";
    ExtendedAttributes attributes;
    PosixFileSystem files{attributes};
    LinuxClock clock;
    FewProcesses processes;
    FakeCommandRunner commands{transcript("systemd-services.txt", {{"@ROOT@", root}})};
    SystemdServiceManager services{
        commands, files, clock, processes, {root + "/etc/systemd/system", root + "/run/autodeploy", root + "/groups"}};

    ToldServices() {
        for (const char* path : {"/opt/tivoli/tsm/client/ba/bin", "/usr/bin", "/etc/init.d",
                                 "/etc/systemd/system/dsmcad.service.d", "/usr/lib/systemd/system",
                                 "/groups/system.slice/dsmcad.service", "/groups/system.slice/dsmcad-rc.service/below"})
            std::filesystem::create_directories(root + path);
        for (const char* name : {"dsmc", "dsmcad"}) {
            files.write_durably(bin + "/" + name, "program", 0755);
            std::filesystem::create_symlink(bin + "/" + name, root + "/usr/bin/" + name);
        }
        files.write_durably(bin + "/dsmcad.lang", "LANG=de_DE.UTF-8\n", 0644);
        files.write_durably(bin + "/rc.dsmcad", "#!/bin/sh\nexport DSM_CONFIG=/etc/tsm/rc.opt\n" + bin + "/dsmcad\n",
                            0755);
        std::filesystem::create_symlink(bin + "/rc.dsmcad", root + "/etc/init.d/dsmcad-rc");
        files.write_durably(root + "/etc/systemd/system/dsmcad.service", "[Service]\n", 0644);
        for (const char* name : {"autovt@.service", "console-getty.service", "dsmsched2.service", "dsmsched3.service",
                                 "dsmsched4.service", "getty@tty1.service", "tsm.service", "other.timer"})
            files.write_durably(root + "/usr/lib/systemd/system/" + name, "", 0644);
        files.write_durably(root + "/etc/systemd/system/dsmcad.service.d/local.conf", "[Service]\n", 0644);
        files.write_durably(root + "/groups/system.slice/dsmcad.service/cgroup.procs", "189\n190\n", 0644);
        files.write_durably(root + "/groups/system.slice/dsmcad-rc.service/cgroup.procs", "", 0644);
        files.write_durably(root + "/groups/system.slice/dsmcad-rc.service/below/cgroup.procs", "194\n", 0644);
        processes.processes = {{189, 1, "1", bin + "/dsmcad", {}},
                               {190, 189, "2", bin + "/dsmc", {}},
                               {194, 1, "3", bin + "/dsmcad", {}},
                               {195, 1, "4", bin + "/dsmcad", {}}};
    }
    Service service(const std::string& name) {
        for (Service& found : services.services_of({root + "/opt/tivoli/tsm/client"}))
            if (found.name == name) return found;
        return {};
    }
};

} // namespace

TEST_CASE("systemd's services of the client are found by their programs, whatever they are called") {
    ToldServices told;
    std::vector<std::string> names;
    for (const Service& service : told.services.services_of({told.root + "/opt/tivoli/tsm/client"}))
        names.push_back(service.name);
    CHECK(names == std::vector<std::string>{"dsmcad-rc.service", "dsmcad.service", "dsmsched2.service",
                                            "dsmsched3.service", "dsmsched4.service"});
}

TEST_CASE("a forking service has its program, environment, main process and files") {
    ToldServices told;
    const Service service = told.service("dsmcad.service");
    CHECK(service.program == told.bin + "/dsmcad");
    CHECK(service.arguments.empty());
    CHECK(service.environment == std::map<std::string, std::string>{
                                     {"DSM_CONFIG", "/etc/tsm/dsm.opt"},
                                     {"DSM_LOG", told.bin},
                                     {"LANG", "de_DE.UTF-8"},
                                     {"LD_LIBRARY_PATH", told.root + "/opt/tivoli/tsm/client/api/bin64:/opt/x y"}});
    CHECK(service.enabled);
    CHECK(service.running);
    CHECK(service.process == 189);
    CHECK(service.settings == std::map<std::string, std::string>{{"UnitFileState", "enabled"}});
    CHECK(service.definition_files ==
          std::vector<std::string>{told.root + "/etc/systemd/system/dsmcad.service",
                                   told.root + "/etc/systemd/system/dsmcad.service.d/local.conf",
                                   told.bin + "/dsmcad.lang"});
}

TEST_CASE("an init script under systemd is seen through to its program and options file") {
    ToldServices told;
    const Service service = told.service("dsmcad-rc.service");
    CHECK(service.program == told.bin + "/dsmcad");
    CHECK(service.environment.at("DSM_CONFIG") == "/etc/tsm/rc.opt");
    CHECK(service.enabled);
    CHECK(service.process == 194);
    CHECK(service.definition_files == std::vector<std::string>{told.root + "/etc/init.d/dsmcad-rc"});
}

TEST_CASE("schedulers have their arguments exactly, variables replaced") {
    ToldServices told;
    CHECK(told.service("dsmsched2.service").arguments == std::vector<std::string>{"100000"});
    CHECK(told.service("dsmsched2.service").process == 190);
    CHECK(told.service("dsmsched4.service").arguments ==
          std::vector<std::string>{"sched", "-optfile=/etc/tsm/two.opt", "-optfile=/etc/with blank/x"});
    CHECK_FALSE(told.service("dsmsched4.service").running);
    const Service wrapped = told.service("dsmsched3.service");
    CHECK(wrapped.program == told.bin + "/dsmc");
    CHECK(wrapped.arguments.front() == "sched");
    CHECK_FALSE(wrapped.enabled);
}

namespace {

/// A real systemd on a machine that was made for tests.
struct RealServices {
    TemporaryDirectory directory;
    ExtendedAttributes attributes;
    PosixFileSystem files{attributes};
    LinuxClock clock;
    LinuxProcessTable processes;
    SessionCommandRunner commands{files, clock, processes, directory.path()};
    SystemdServiceManager services{commands, files, clock, processes, {}};
    std::string bin = real_path(directory.path()) + "/bin";
    std::string name = "autodeploy-test-" + directory.path().substr(directory.path().rfind('-') + 1) + ".service";

    RealServices() {
        files.make_directory(bin);
        std::filesystem::copy_file("/bin/sleep", bin + "/dsmc");
        files.write_durably(bin + "/dsmcad", "#!/bin/sh\nsetsid " + bin + "/dsmc 100000 </dev/null >/dev/null 2>&1 &\n",
                            0755);
    }
    ~RealServices() {
        shell("systemctl stop " + name + "; rm -rf /etc/systemd/system/" + name + "* /run/autodeploy/may-start-" +
              name + "; systemctl daemon-reload; systemctl reset-failed " + name);
    }
    void shell(const std::string& script) {
        Command command;
        command.program = "/bin/sh";
        command.arguments = {"-c", script};
        commands.run(command);
    }
    void define(const std::string& lines) {
        files.write_durably("/etc/systemd/system/" + name,
                            "[Service]\n" + lines + "\n[Install]\nWantedBy=multi-user.target\n", 0644);
        services.reload();
    }
    bool runs() { return services.find(name)->running; }
    std::string cause(const std::function<void()>& call) {
        try {
            call();
        } catch (const Error& error) {
            MESSAGE(std::string(error.what()));
            return error.cause();
        }
        return "nothing was thrown";
    }
};

constexpr Milliseconds plenty{20000};

} // namespace

TEST_CASE("real systemd: a service is started, found by its program, and stopped with all its processes" *
          doctest::skip(no_real_systemd())) {
    RealServices real;
    real.define("Type=forking\nGuessMainPID=no\nExecStart=" + real.bin + "/dsmcad");
    real.services.start(real.name, plenty);
    real.services.start(real.name, plenty);
    const std::vector<Service> found = real.services.services_of({real.bin});
    REQUIRE(found.size() == 1);
    CHECK(found[0].name == real.name);
    CHECK(found[0].running);
    CHECK_FALSE(found[0].enabled);
    CHECK(found[0].definition_files == std::vector<std::string>{"/etc/systemd/system/" + real.name});
    real.services.stop(real.name, plenty, false);
    real.services.stop(real.name, plenty, false);
    CHECK_FALSE(real.runs());
    for (const Process& process : real.processes.list())
        CHECK(process.program != real.bin + "/dsmc");
}

TEST_CASE("real systemd: a held service is started by nobody but us" * doctest::skip(no_real_systemd())) {
    RealServices real;
    real.define("ExecStart=" + real.bin + "/dsmc 100000\nRestart=always\nRestartSec=50ms");
    real.services.start(real.name, plenty);
    CHECK(real.services.hold(real.name));
    CHECK(real.services.hold(real.name));
    CHECK(real.runs());
    real.services.stop(real.name, plenty, false);
    real.shell("systemctl start " + real.name + "; systemctl restart " + real.name + "; systemctl daemon-reload");
    CHECK_FALSE(real.runs());

    real.services.start(real.name, plenty);
    CHECK(real.runs());
    // While it is meant to run it behaves as always.
    real.shell("systemctl kill --signal=KILL " + real.name + "; sleep 0.3");
    CHECK(real.runs());

    real.services.stop(real.name, plenty, false);
    real.shell("systemctl start " + real.name);
    CHECK_FALSE(real.runs());

    real.services.release(real.name);
    real.services.release(real.name);
    CHECK_FALSE(real.files.status("/etc/systemd/system/" + real.name + ".d").has_value());
    CHECK_FALSE(real.files.status("/run/autodeploy/may-start-" + real.name).has_value());
    real.shell("systemctl start " + real.name);
    CHECK(real.runs());
}

TEST_CASE("real systemd: a service that is held while Restart= is about to act stays down" *
          doctest::skip(no_real_systemd())) {
    RealServices real;
    real.define("ExecStart=" + real.bin + "/dsmc 100000\nRestart=always\nRestartSec=300ms");
    real.services.start(real.name, plenty);
    real.shell("systemctl kill --signal=KILL " + real.name + "; sleep 0.1");
    real.services.hold(real.name);
    real.services.stop(real.name, plenty, false);
    real.shell("sleep 0.5");
    CHECK_FALSE(real.runs());
}

TEST_CASE("real systemd: a service that does not end is left, or ended the hard way" *
          doctest::skip(no_real_systemd())) {
    RealServices real;
    real.define("ExecStart=/bin/sh -c 'trap \"\" TERM; while :; do " + real.bin + "/dsmc 100; done'\nKillMode=mixed\n" +
                "TimeoutStopSec=60");
    real.services.start(real.name, plenty);
    CHECK(real.cause([&] { real.services.stop(real.name, Milliseconds(300), false); }) == "service_stop_failed");
    CHECK(real.runs());
    real.services.stop(real.name, Milliseconds(300), true);
    CHECK_FALSE(real.runs());
}

TEST_CASE("real systemd: processes that a stop leaves behind are awaited" * doctest::skip(no_real_systemd())) {
    RealServices real;
    real.define("Type=forking\nKillMode=none\nExecStart=" + real.bin + "/dsmcad");
    real.services.start(real.name, plenty);
    CHECK(real.cause([&] { real.services.stop(real.name, Milliseconds(300), false); }) == "service_stop_failed");
    real.services.stop(real.name, Milliseconds(300), true);
    for (const Process& process : real.processes.list())
        CHECK(process.program != real.bin + "/dsmc");
}

TEST_CASE("real systemd: a start that fails says why" * doctest::skip(no_real_systemd())) {
    RealServices real;
    CHECK(real.cause([&] { real.services.start(real.name, plenty); }) == "service_not_found");
    CHECK(real.cause([&] { real.services.stop(real.name, plenty, true); }) == "service_not_found");
    CHECK(real.cause([&] { real.services.hold(real.name); }) == "service_not_found");
    CHECK_FALSE(real.services.find(real.name).has_value());
    real.define("Type=forking\nExecStart=/bin/false");
    CHECK(real.cause([&] { real.services.start(real.name, plenty); }) == "service_start_failed");
    real.services.hold(real.name);
    CHECK(real.cause([&] { real.services.start(real.name, plenty); }) == "service_start_failed");
    CHECK_FALSE(real.files.status("/run/autodeploy/may-start-" + real.name).has_value());
    real.define("Type=forking\nExecStart=/bin/sleep 60");
    CHECK(real.cause([&] { real.services.start(real.name, Milliseconds(300)); }) == "service_start_failed");
    real.services.stop(real.name, plenty, true);
    real.services.release(real.name);
    real.files.write_durably("/etc/systemd/system/" + real.name,
                             "[Unit]\nConditionPathExists=/no/such\n[Service]\n"
                             "ExecStart=/bin/sleep 60\n",
                             0644);
    CHECK(real.cause([&] { real.services.start(real.name, plenty); }) == "service_start_failed");
}

TEST_CASE("real systemd: start at boot comes back as it was" * doctest::skip(no_real_systemd())) {
    RealServices real;
    real.define("ExecStart=" + real.bin + "/dsmc 100000");
    const Service disabled = *real.services.find(real.name);
    CHECK_FALSE(disabled.enabled);
    real.shell("systemctl enable " + real.name);
    const Service enabled = *real.services.find(real.name);
    CHECK(enabled.enabled);
    real.services.restore(disabled);
    CHECK(*real.services.find(real.name) == disabled);
    real.services.restore(enabled);
    CHECK(*real.services.find(real.name) == enabled);
    real.shell("systemctl disable " + real.name);
    real.services.restore(enabled);
    CHECK(*real.services.find(real.name) == enabled);
}
