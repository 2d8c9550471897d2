#include "agent/trigger.h"

#include "platform/error.h"
#include "tests/fakes/fake_file_system.h"
#include "tests/fakes/fake_registry.h"
#include "tests/fakes/fake_service_host.h"
#include "tests/fakes/plain_machine.h"
#include "tests/fakes/test_paths.h"
#include "tests/installer/client/options_case.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

const std::string ba = "/opt/tivoli/tsm/client/ba/bin";

struct Machine {
    FakeFileSystem files;
    FakeClock clock;
    NoCommands commands;
    PlainProcesses processes;
    PlainServices services;
    PlainHost this_host;
    FakeRegistry registry;
    Platform platform{files, clock, commands, processes, services, this_host, registry, {}};
    FakeServiceHost host{clock};
    StandardPaths paths = test_paths();
    Settings settings = default_settings(test_paths());

    Machine() {
        files.put_directory("/state", 0700);
        files.put(ba + "/dsm.opt", "SErvername MAIN\nAUTODEPLOY noreboot\n");
        files.put(ba + "/dsm.sys", "SErvername MAIN\n  NODename ALPHA\n  PASSWORDAccess generate\n");
        // init → dsmcad → dsmc sched → sh → autodeploy trigger
        processes.all = {{1, 0, "1", "/lib/systemd/systemd", {}},
                         {100, 1, "2", ba + "/dsmcad", {ba + "/dsmcad"}},
                         {200, 100, "3", ba + "/dsmc", {ba + "/dsmc", "sched"}},
                         {300, 200, "4", "/bin/sh", {"sh", "-c", "/usr/bin/autodeploy trigger"}},
                         {host.process, 300, "5", "/usr/bin/autodeploy", {"/usr/bin/autodeploy", "trigger"}}};
    }
    Request run() { return trigger(platform, host, paths, settings); }
    std::string refusal() {
        try {
            run();
        } catch (const Error& error) {
            CHECK(std::string(error.what()).starts_with("cannot accept the request: "));
            return error.cause() + ": " + error.what();
        }
        return "accepted";
    }
    int requests() { return Requests(files, clock, paths.requests()).count(); }
};

} // namespace

TEST_CASE("a trigger writes down who started it, and wakes the service") {
    Machine machine;
    const Request request = machine.run();
    REQUIRE(request.started_by);
    CHECK(request.started_by->id == 200);
    CHECK(request.started_by->program == ba + "/dsmc");
    CHECK(machine.requests() == 1);
    CHECK(machine.host.pokes == 1);
    CHECK(machine.services.started.empty());
    CHECK(machine.run() == request);
    CHECK(machine.requests() == 1);
}

TEST_CASE("a service that does not run is started; where that fails nothing was accepted") {
    Machine machine;
    machine.host.service_listens = false;
    machine.run();
    CHECK(machine.services.started == std::vector<std::string>{"autodeploy.service"});
    Machine broken;
    broken.host.service_listens = false;
    broken.services.broken = true;
    CHECK(broken.refusal().starts_with("service_start_failed: cannot accept the request: our service does not run: "));
    CHECK(broken.requests() == 0);
}

TEST_CASE("a trigger is refused with its reason, and nothing is written") {
    const struct {
        const char* name;
        std::function<void(Machine&)> made;
        const char* cause;
        const char* words;
    } table[] = {
        {"a lesser user",
         [](Machine& m) {
             m.this_host.administrator = false;
             m.host.who = "backup";
         },
         "not_administrator",
         "made by backup, and only an administrator may ask; if the scheduler ran this, look at the "
         "client option schedcmduser"},
        {"a lesser user of Windows",
         [](Machine& m) {
             m.this_host.administrator = false;
             m.this_host.system = "windows";
         },
         "not_administrator", "if the scheduler ran this, look at the account of its service"},
        {"a hold file", [](Machine& m) { m.files.put("/etc/autodeploy/hold", ""); }, "held", "/etc/autodeploy/hold"},
        {"autodeploy no", [](Machine& m) { m.files.put(ba + "/dsm.opt", "SErvername MAIN\nautodeploy NO\n"); },
         "client_option_autodeploy", "/dsm.opt:2"},
        {"autodeploy nonsense", [](Machine& m) { m.files.put(ba + "/dsm.opt", "SErvername MAIN\nautodeploy maybe\n"); },
         "client_option_autodeploy", "/dsm.opt:2 (\"maybe\" is no value of autodeploy (No|NOReboot|Yes)); set it"},
        {"autodeploy without a value",
         [](Machine& m) { m.files.put(ba + "/dsm.opt", "SErvername MAIN\nautodeploy\n"); }, "client_option_autodeploy",
         "/dsm.opt:2 (autodeploy has no value); set it"},
        {"autodeploy with a blank that is none",
         [](Machine& m) { m.files.put(ba + "/dsm.opt", "SErvername MAIN\nautodeploy\xC2\xA0no\n"); },
         "client_option_autodeploy", "an invisible one?"},
        {"autodeploy behind an invisible letter",
         [](Machine& m) {
             m.files.put(ba + "/dsm.opt", "SErvername MAIN\n\xE2\x80\x8B"
                                          "autodeploy no\n");
         },
         "client_option_autodeploy", "/dsm.opt:2"},
        {"a second byte order mark",
         [](Machine& m) {
             m.files.put(ba + "/dsm.opt", "\xEF\xBB\xBF\xEF\xBB\xBF"
                                          "autodeploy no\nSErvername MAIN\n");
         },
         "client_options_unreadable", "/dsm.opt:1: a byte order mark"},
        {"passwordaccess prompt",
         [](Machine& m) { m.files.put(ba + "/dsm.sys", "SErvername MAIN\n passworda prompt\n"); },
         "client_option_passwordaccess", "is prompt, in"},
        {"passwordaccess absent", [](Machine& m) { m.files.put(ba + "/dsm.sys", "SErvername MAIN\n nodename x\n"); },
         "client_option_passwordaccess", "set nowhere"},
        {"options that cannot be read", [](Machine& m) { m.files.fail_path(ba + "/dsm.sys", "io_error"); },
         "client_options_unreadable", "dsm.sys"},
        {"the options file of that very scheduler",
         [](Machine& m) {
             m.files.put("/etc/second.opt", "SErvername MAIN\nautodeploy no\n");
             m.processes.environments[200]["DSM_CONFIG"] = "/etc/second.opt";
         },
         "client_option_autodeploy", "/etc/second.opt:2"},
        {"a full spool",
         [](Machine& m) {
             Requests requests(m.files, m.clock, m.paths.requests());
             for (int number = 0; number < 64; ++number) {
                 Request request;
                 request.kind = RequestKind::deploy;
                 request.release = std::to_string(number);
                 requests.add(request);
             }
         },
         "spool_full", "64 wait"},
    };
    for (const auto& row : table) {
        CAPTURE(row.name);
        Machine machine;
        row.made(machine);
        const int before = machine.requests();
        const std::string refusal = machine.refusal();
        CAPTURE(refusal);
        CHECK(refusal.starts_with(row.cause));
        CHECK(refusal.find(row.words) != std::string::npos);
        CHECK(machine.requests() == before);
    }
}

TEST_CASE("on Windows the options in force are those that the service was registered with, wherever the client lies") {
    const std::string key = "HKLM64\\SOFTWARE\\IBM\\ADSM\\CurrentVersion\\BackupClient";
    const std::string program = "/backup/baclient/dsmcsvc.exe";
    Machine machine;
    machine.this_host.system = "windows";
    machine.processes.all = {{200, 1, "3", program, {program}},
                             {machine.host.process, 200, "5", "/autodeploy.exe", {"/autodeploy.exe", "trigger"}}};
    Service service;
    service.name = "Mine";
    service.program = program;
    service.process = 200;
    machine.services.all = {service};
    machine.files.put("/backup/baclient/dsm.opt", "NODename ALPHA\nPASSWORDAccess generate\n");
    machine.files.put("/one.opt", "NODename ALPHA\nPASSWORDAccess generate\nAUTODEPLOY no\n");

    CHECK_FALSE(machine.run().started_by); // nothing says that this is the client
    machine.registry.put(key, "Path", "/backup/baclient");
    CHECK(machine.run().started_by->id == 200);
    machine.registry.put(key + "\\Scheduler Service\\Mine", "clientOptFile", "/one.opt");
    CHECK(machine.refusal().find("is no, in /one.opt:3") != std::string::npos);
    machine.services.all[0].process = 201;
    CHECK(machine.refusal() == "accepted");
}

TEST_CASE("absent autodeploy means yes, and a person at a shell needs no client option") {
    Machine machine;
    machine.files.put(ba + "/dsm.opt", "SErvername MAIN\n");
    CHECK(machine.run().started_by);
    Machine shell;
    shell.processes.all[4].parent = 1;
    shell.files.put(ba + "/dsm.opt", "SErvername MAIN\nautodeploy no\n");
    CHECK(!shell.run().started_by);
}

TEST_CASE("a table of processes that goes in a circle is survived") {
    Machine machine;
    machine.processes.all = {{machine.host.process, 10, "1", "/usr/bin/autodeploy", {}},
                             {10, machine.host.process, "2", "/bin/sh", {}}};
    CHECK(!machine.run().started_by);
}

TEST_CASE("each options file of the collection has the trigger answered as its case says") {
    const std::vector<OptionsCase> cases = read_options_cases();
    CHECK(cases.size() >= 40);
    for (const OptionsCase& options_case : cases) {
        CAPTURE(options_case.name);
        Machine machine;
        for (const std::string& path : {ba + "/dsm.opt", ba + "/dsm.sys"})
            machine.files.remove_durably(path);
        for (const auto& [path, content] : options_case.files)
            machine.files.put(path, content);
        machine.this_host.system = options_case.sources.system;
        machine.settings.client_directories = {options_case.sources.program_directory};
        Process& scheduler = machine.processes.all[2];
        scheduler.program = options_case.sources.program_directory + "/dsmc";
        scheduler.arguments = options_case.sources.arguments;
        machine.processes.environments[scheduler.id] = options_case.sources.environment;
        std::string answer = "accepted\n";
        try {
            machine.run();
        } catch (const Error& error) {
            const std::string same = "cannot accept the request: ";
            REQUIRE(std::string(error.what()).starts_with(same));
            answer = "refused: " + without_directory(std::string(error.what()).substr(same.size())) + "\n";
        }
        CHECK(answer == options_case.trigger);
        // The trigger refuses what the preflight refuses, of what it looks at; nothing else.
        bool refused = false;
        for (const char* id : {"options-readable", "client-option-passwordaccess", "client-option-autodeploy"})
            refused = refused || options_case.verdict.find(std::string(id) + "\n") != std::string::npos;
        CHECK(refused == answer.starts_with("refused: "));
        CHECK(machine.requests() == (answer == "accepted\n" ? 1 : 0));
    }
}
