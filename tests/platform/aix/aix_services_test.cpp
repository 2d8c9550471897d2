#include "platform/aix/src_registration.h"
#include "platform/error.h"
#include "platform/posix/run_and_collect.h"
#include "tests/platform/aix/standin_machine.h"

#include <doctest/doctest.h>

#include <functional>
#include <iostream>

using namespace autodeploy;

namespace {

constexpr Milliseconds plenty{20000};

std::string cause_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.cause();
    }
    return "nothing was thrown";
}

struct Machine : StandinMachine {
    std::vector<std::string> folders{root + "/client"};
    std::vector<std::string> names() {
        std::vector<std::string> found;
        for (const Service& service : services.services_of(folders))
            found.push_back(service.name);
        return found;
    }
    int running(const std::string& program) {
        int count = 0;
        for (const Process& process : real_processes.list())
            count += process.program == root + "/client/" + program;
        return count;
    }
    bool await(const std::function<bool()>& is_so) {
        for (int tries = 0; tries < 300; ++tries, clock.sleep(Milliseconds(20)))
            if (is_so()) return true;
        return false;
    }
    std::string line(const std::string& id) { return shell("lsitab " + id + " || true"); }
};

bool standin_is_there() {
    if (!standin_programs().empty()) return true;
    std::cout << "skipped: the stand-in AIX is not built\n";
    return false;
}

} // namespace

TEST_CASE("a subsystem is found by its program, started and stopped") {
    if (!standin_is_there()) return;
    Machine machine;
    machine.shell("mkssys -s sched -p $R/client/dsmc -a 1000 -u 0 -S -n 15 -f 9 -R -Q -G tsm; mkssys -s other -p "
                  "/bin/sleep -u 0\n"
                  "mkitab \"sched:2:once:$R/usr/bin/startsrc -s sched >/dev/null\"");
    CHECK(machine.names() == std::vector<std::string>{"sched"});
    const Service before = *machine.services.find("sched");
    CHECK(before.program == machine.root + "/client/dsmc");
    CHECK(before.enabled);
    CHECK_FALSE(before.running);
    machine.services.start("sched", plenty);
    machine.services.start("sched", plenty);
    CHECK(machine.running("dsmc") == 1);
    CHECK(machine.services.find("sched")->process > 0);
    SUBCASE("it stays stopped though it is to be started again when it dies") {
        machine.services.stop("sched", plenty, false);
        machine.services.stop("sched", plenty, false);
        CHECK(machine.running("dsmc") == 0);
        machine.clock.sleep(Milliseconds(300));
        CHECK(machine.running("dsmc") == 0);
    }
    SUBCASE("held, its entry for the boot is out of force, and comes back as it was") {
        const std::string line = machine.line("sched");
        CHECK(machine.services.hold("sched"));
        CHECK(machine.services.hold("sched"));
        CHECK(machine.line("sched").find(":off:") != std::string::npos);
        CHECK(machine.services.find("sched")->enabled);
        machine.services.stop("sched", plenty, false);
        machine.services.start("sched", plenty);
        CHECK(machine.running("dsmc") == 1);
        machine.services.release("sched");
        machine.services.release("sched");
        CHECK(machine.line("sched") == line);
    }
    SUBCASE("a definition that was changed or taken away comes back") {
        const Service wanted = machine.services.services_of(machine.folders).front();
        machine.services.stop("sched", plenty, false);
        machine.shell("chssys -s sched -a '5 6' -O");
        machine.services.restore(wanted);
        CHECK(machine.services.find("sched")->settings == before.settings);
        machine.shell("rmssys -s sched");
        CHECK_FALSE(machine.services.find("sched").has_value());
        CHECK(cause_of([&] { machine.services.start("sched", plenty); }) == "service_not_found");
        machine.services.restore(wanted);
        CHECK(machine.services.find("sched")->settings == before.settings);
    }
}

TEST_CASE("several instances of a subsystem come back as each was started") {
    if (!standin_is_there()) return;
    Machine machine;
    machine.shell("mkssys -s many -p $R/client/dsmc -u 0 -S -n 15 -f 9 -O -q; startsrc -s many -a 1001; "
                  "startsrc -s many -a 1002 -e DSM_CONFIG=/etc/two.opt");
    const Service found = machine.services.services_of(machine.folders).front();
    CHECK(found.settings.contains("instances"));
    machine.services.hold("many");
    machine.services.stop("many", plenty, false);
    CHECK(machine.running("dsmc") == 0);
    machine.services.restore(found);
    machine.services.start("many", plenty);
    // On a busy machine a process may not be what it will be yet.
    for (int tries = 0; tries < 200 && machine.running("dsmc") != 2; ++tries)
        machine.shell("sleep 0.05");
    CHECK(machine.running("dsmc") == 2);
    std::vector<std::string> seen;
    for (const Process& process : machine.processes.list())
        if (process.program == machine.root + "/client/dsmc")
            seen.push_back(process.arguments[1] + machine.processes.environment(process)["DSM_CONFIG"]);
    std::sort(seen.begin(), seen.end());
    CHECK(seen == std::vector<std::string>{"1001", "1002/etc/two.opt"});
}

TEST_CASE("a subsystem that does not heed its stop is left, or ended the hard way where that is allowed") {
    if (!standin_is_there()) return;
    Machine machine;
    // The signal for a stop is one that nobody minds.
    machine.shell("mkssys -s deaf -p $R/client/dsmc -a 1000 -u 0 -S -n 28 -f 9 -R -Q; startsrc -s deaf");
    machine.names();
    CHECK(cause_of([&] { machine.services.stop("deaf", Milliseconds(300), false); }) == "service_stop_failed");
    CHECK(machine.running("dsmc") == 1);
    machine.services.stop("deaf", Milliseconds(300), true);
    CHECK(machine.running("dsmc") == 0);
}

TEST_CASE("entries of inittab are services, with a script or without") {
    if (!standin_is_there()) return;
    Machine machine;
    machine.files.write_durably(machine.root + "/client/rc.dsmcad",
                                "#!/bin/sh\nDIR=" + machine.root +
                                    "/client\ncase $1 in\nstart) shift; $DIR/dsmcad 1003 \"$@\" & ;;\nesac\n",
                                0755);
    machine.shell(
        "mkitab \"dsmcad:2:once:$R/client/rc.dsmcad start >/dev/null 2>&1\"; mkitab 'cron:2:once:/usr/sbin/cron'\n"
        "mkitab \"again:2:respawn:$R/client/dsmc 1004\"\n"
        "$R/usr/sbin/init </dev/null >/dev/null 2>&1 &");
    REQUIRE(machine.await([&] { return machine.running("dsmcad") == 1 && machine.running("dsmc") == 1; }));
    CHECK(machine.names() == std::vector<std::string>{"inittab:again", "inittab:dsmcad"});
    const std::string once = machine.line("dsmcad");
    const std::string again = machine.line("again");
    for (const Service& service : machine.services.services_of(machine.folders)) {
        INFO(service.name);
        CHECK(service.running);
        CHECK(service.enabled);
        CHECK(machine.services.hold(service.name));
        machine.services.stop(service.name, plenty, false);
        CHECK_FALSE(machine.services.find(service.name)->running);
        CHECK(machine.services.find(service.name)->enabled);
    }
    machine.clock.sleep(Milliseconds(300));
    CHECK(machine.running("dsmc") + machine.running("dsmcad") == 0);
    for (const char* name : {"inittab:again", "inittab:dsmcad"}) {
        machine.services.start(name, plenty);
        CHECK(machine.services.find(name)->running);
        machine.services.release(name);
    }
    CHECK(machine.running("dsmcad") == 1);
    CHECK(machine.line("dsmcad") == once);
    CHECK(machine.line("again") == again);
    CHECK(cause_of([&] { machine.services.stop("inittab:none", plenty, false); }) == "service_not_found");
}

TEST_CASE("an entry of inittab that was put off has no part in the subsystem that runs the same program now") {
    if (!standin_is_there()) return;
    Machine machine;
    machine.shell("mkssys -s sched -p $R/client/dsmc -a 1008 -u 0 -S -n 15 -f 9 -O -Q; startsrc -s sched\n"
                  "mkitab \"tsm:2:off:$R/client/dsmc 1008 >/dev/null\"");
    REQUIRE(machine.await([&] { return machine.running("dsmc") == 1; }));
    CHECK(machine.names() == std::vector<std::string>{"inittab:tsm", "sched"});
    CHECK_FALSE(machine.services.find("inittab:tsm")->running);
    CHECK(machine.services.find("sched")->running);
}

TEST_CASE("what init starts of an entry that comes back into force is ended, what was started stays") {
    if (!standin_is_there()) return;
    Machine machine;
    machine.shell("mkitab \"one:2:once:$R/client/dsmc 1009 >/dev/null 2>&1\"\n"
                  "mkssys -s many -p $R/client/dsmcad -a 1010 -u 0 -S -n 15 -f 9 -O -q\n"
                  "mkitab \"many:2:once:$R/usr/bin/startsrc -s many >/dev/null 2>&1\"\n"
                  "$R/usr/sbin/init </dev/null >/dev/null 2>&1 &");
    REQUIRE(machine.await([&] { return machine.running("dsmc") == 1 && machine.running("dsmcad") == 1; }));
    machine.ask("once_again=yes");
    machine.names();
    for (const char* name : {"inittab:one", "many"}) {
        INFO(name);
        const std::string program = std::string(name) == "many" ? "dsmcad" : "dsmc";
        REQUIRE(machine.services.hold(name));
        machine.services.stop(name, plenty, false);
        machine.services.start(name, plenty);
        REQUIRE(machine.await([&] { return machine.running(program) == 1; }));
        const std::int64_t process = machine.services.find(name)->process;
        machine.services.release(name);
        CHECK(machine.running(program) == 1);
        CHECK(machine.services.find(name)->process == process);
        // Nor is one brought back that was not to run.
        machine.services.hold(name);
        machine.services.stop(name, plenty, false);
        machine.services.release(name);
        CHECK(machine.running(program) == 0);
    }
}

TEST_CASE("a bare process is started again as it was, or refused where that cannot be told") {
    if (!standin_is_there()) return;
    Machine machine;
    SUBCASE("as it was") {
        machine.shell(
            "(cd /; env -i LANG=en_US DSM_CONFIG=/etc/two.opt $R/client/dsmc 1005 </dev/null >/dev/null 2>&1 &)");
        REQUIRE(machine.await([&] { return machine.running("dsmc") == 1; }));
        const std::vector<Service> found = machine.services.services_of(machine.folders);
        REQUIRE(found.size() == 1);
        CHECK(found[0].name.starts_with("process:dsmc-"));
        CHECK(found[0].environment.at("DSM_CONFIG") == "/etc/two.opt");
        CHECK_FALSE(machine.services.hold(found[0].name));
        machine.services.stop(found[0].name, plenty, false);
        CHECK(machine.running("dsmc") == 0);
        CHECK_FALSE(machine.services.find(found[0].name)->running);
        machine.services.restore(found[0]);
        machine.services.start(found[0].name, plenty);
        const std::vector<Service> again = machine.services.services_of(machine.folders);
        REQUIRE(again.size() == 1);
        CHECK(again[0].name == found[0].name);
        CHECK(again[0].environment == found[0].environment);
        CHECK(again[0].arguments == found[0].arguments);
    }
    SUBCASE("refused") {
        // Two blanks in one word: as ps shows it, nobody can tell it from two words.
        machine.shell("(bash -c 'exec -a \"$R/client/dsmc  sched\" $R/client/dsmc 1006' </dev/null >/dev/null 2>&1 &)");
        REQUIRE(machine.await([&] { return machine.running("dsmc") == 1; }));
        CHECK(cause_of([&] { machine.names(); }) == "service_manager_failed");
    }
}

TEST_CASE("the rescue script starts each service as it was, with the environment that it had") {
    if (!standin_is_there()) return;
    Machine machine;
    machine.shell("mkssys -s many -p $R/client/dsmcad -u 0 -S -n 15 -f 9 -O -q; startsrc -s many -a 1011\n"
                  "startsrc -s many -a 1012 -e DSM_CONFIG=/etc/two.opt\n"
                  "mkitab \"line:2:once:$R/client/dsmc 1013\"\n"
                  "env -i LANG=ja_JP $R/client/dsmc 1013 </dev/null >/dev/null 2>&1 &");
    REQUIRE(machine.await([&] { return machine.running("dsmcad") == 2 && machine.running("dsmc") == 1; }));
    for (const std::string& name : machine.names()) {
        machine.services.hold(name);
        machine.services.stop(name, plenty, false);
    }
    REQUIRE(machine.running("dsmcad") + machine.running("dsmc") == 0);
    machine.shell("mkdir -p $R/var/lib; cp -r $R/state $R/var/lib/autodeploy\n"
                  "printf 'many\\ninittab:line\\n' >$R/var/lib/autodeploy/restart-services\n"
                  "AUTODEPLOY_RESCUE_ROOT=$R sh " +
                  standin_scripts() + "/../../../packaging/aix/autodeploy-rescue --now");
    REQUIRE(machine.await([&] { return machine.running("dsmcad") == 2 && machine.running("dsmc") == 1; }));
    // What runs already is not started beside itself.
    machine.shell("AUTODEPLOY_RESCUE_ROOT=$R sh " + standin_scripts() +
                  "/../../../packaging/aix/autodeploy-rescue --now; sleep 1");
    CHECK(machine.running("dsmcad") == 2);
    CHECK(machine.running("dsmc") == 1);
    std::vector<std::string> seen;
    for (const Process& process : machine.processes.list())
        if (process.program.starts_with(machine.root + "/client/dsmc")) {
            auto environment = machine.processes.environment(process);
            CHECK(environment["LC_ALL"].empty());
            seen.push_back(process.arguments[1] + environment["DSM_CONFIG"] +
                           (process.program.ends_with("dsmc") ? environment["LANG"] : ""));
        }
    std::sort(seen.begin(), seen.end());
    CHECK(seen == std::vector<std::string>{"1011", "1012/etc/two.opt", "1013ja_JP"});
    CHECK(machine.line("line").find(":once:") != std::string::npos);
}

TEST_CASE("our own service is made and taken away by hand") {
    if (!standin_is_there()) return;
    Machine machine;
    const SrcRegistration own{run_and_collect, machine.root};
    for (int times = 0; times < 2; ++times)
        own.install("autodeploy", machine.root + "/client/dsmcad");
    CHECK(machine.shell("lssrc -S -s autodeploy").find(":service run:") != std::string::npos);
    CHECK(machine.line("autodeploy") == "autodeploy:2:once:/usr/bin/startsrc -s autodeploy >/dev/console 2>&1\n");
    const auto found = machine.services.find("autodeploy");
    REQUIRE(found.has_value());
    CHECK(found->enabled);
    machine.shell("chssys -s autodeploy -a 1007; startsrc -s autodeploy");
    CHECK(cause_of([&] { own.uninstall("autodeploy"); }) == "service_manager_failed");
    machine.services.stop("autodeploy", plenty, true);
    for (int times = 0; times < 2; ++times)
        own.uninstall("autodeploy");
    CHECK_FALSE(machine.services.find("autodeploy").has_value());
    CHECK(machine.line("autodeploy").empty());
}
