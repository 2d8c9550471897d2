#include "tests/fakes/still_machine.h"

#include <memory>

namespace autodeploy {

Platform& StillMachine::platform() {
    std::vector<NativeInstaller*> pointers;
    installers_.clear();
    for (Installer& values : installers) {
        installers_.push_back(std::make_unique<OneInstaller>(*this, values));
        pointers.push_back(installers_.back().get());
    }
    platform_.emplace(Platform{files, clock, commands_, processes_, services_, host_, registry_, pointers});
    return *platform_;
}

namespace {

std::string elf_program() {
    std::string program = "\x7F"
                          "ELF";
    program += {2, 1, 1};
    program.resize(18, '\0');
    program += {62, 0};
    return program;
}

const std::string xcoff_program = "\x01\xF7";

/// Names and versions as the tool of the system has them.
struct ClientParts {
    std::string main, api, cryptography, security, level, shared_level, architecture, healthy;
};

ClientParts parts_of(const std::string& installer) {
    if (installer == "dpkg")
        return {"tivsm-ba", "tivsm-api64", "gskcrypt64", "gskssl64", "8.1.25-0", "8.0-55.31", "amd64", "ii"};
    if (installer == "rpm")
        return {"TIVsm-BA", "TIVsm-API64", "gskcrypt64", "gskssl64", "8.1.25-0", "8.0-55.31", "x86_64", "installed"};
    return {"tivoli.tsm.client.ba.64bit.base",
            "tivoli.tsm.client.api.64bit",
            "GSKit8.gskcrypt64.ppc.rte",
            "GSKit8.gskssl64.ppc.rte",
            "8.1.25.0",
            "8.0.55.31",
            "",
            "COMMITTED"};
}

} // namespace

void put_client(StillMachine& machine, const std::string& installer) {
    const bool aix = installer == "installp";
    const std::string directory = aix ? "/usr/tivoli/tsm/client/ba/bin64" : "/opt/tivoli/tsm/client/ba/bin";
    const std::string passwords = aix ? "/etc/security/adsm" : "/etc/adsm";
    const std::string program = aix ? xcoff_program : elf_program();
    if (aix) {
        machine.host = {"WEB01", "aix", "powerpc", "aix 7.2", true};
        machine.service_manager = "src";
    }
    machine.files.set_time((machine.clock.now() - 100) * 1'000'000'000);
    machine.files.put(directory + "/dsmc", program, 0755);
    machine.files.put(directory + "/dsmcad", program, 0755);
    machine.files.put(directory + "/dsm.opt", "SErvername SERVER1\n");
    machine.files.put(directory + "/dsm.sys", "SErvername SERVER1\n"
                                              "  TCPServeraddress backup.example.com\n"
                                              "  TCPPort 1501\n"
                                              "  PASSWORDAccess generate\n"
                                              "  MANAGEDServices schedule webclient\n"
                                              "  SCHEDLOGName /var/log/dsmsched.log\n"
                                              "  INCLExcl /etc/tsm/inclexcl\n");
    machine.files.put(directory + "/dsmcert.kdb", "certificates", 0600);
    machine.files.put("/etc/tsm/inclexcl", "exclude /tmp/*\n");
    std::string record = "\xEF\x05\x01SERVER1";
    record.resize(3 + 256, '\0');
    record += "WEB01";
    record.resize(645, '\0');
    machine.files.put(passwords + "/TSM.IDX", record, 0600);
    machine.files.put(passwords + "/TSM.KDB", "kdb", 0600);
    machine.files.put(passwords + "/TSM.sth", "sth", 0600);
    machine.files.put("/var/log/dsmsched.log", "11/28/2026 19:58:20 --- SCHEDULEREC QUERY BEGIN\n"
                                               "11/28/2026 19:58:20 --- SCHEDULEREC QUERY END\n");
    if (!aix) machine.files.put("/lib/systemd/system/dsmcad.service", "[Service]\nExecStart=/usr/bin/dsmcad\n");
    machine.files.put_directory(aix ? "/etc/objrepos" : "/usr/local/ibm");
    if (aix) machine.files.put_directory("/tmp");
    machine.files.put_directory("/var/lib/" + installer);

    Service service;
    service.name = aix ? "dsmcad" : "dsmcad.service";
    service.program = directory + "/dsmcad";
    service.environment = {{"LANG", "en_US.UTF-8"}};
    service.enabled = service.running = true;
    service.process = 100;
    if (!aix) service.definition_files = {"/lib/systemd/system/dsmcad.service"};
    machine.services = {service};
    machine.processes = {{1, 0, "1", aix ? "/etc/init" : "/lib/systemd/systemd", {}},
                         {100, 1, "50", directory + "/dsmcad", {"/usr/bin/dsmcad"}},
                         {101, 100, "51", directory + "/dsmc", {"dsmc", "sched"}}};
    machine.environments[100] = {{"LANG", "en_US.UTF-8"}, {"DSM_LOG", directory}};

    StillMachine::Installer tool;
    tool.name = installer;
    const ClientParts parts = parts_of(installer);
    const auto add = [&](const std::string& name, const std::string& version) {
        tool.packages.push_back({{name, version, parts.architecture}, true, parts.healthy, "digest of " + name});
    };
    // Not in the order of installing.
    add(parts.main, parts.level);
    add(parts.api, parts.level);
    add(parts.security, parts.shared_level);
    add(parts.cryptography, parts.shared_level);
    tool.owners[directory + "/dsmc"] = tool.packages.front().id.name;
    machine.installers = {tool};
    machine.run = [](const Command&) {
        return CommandResult{0, "IBM Spectrum Protect\n  Client Version 8, Release 1, Level 25.0\n", "", false};
    };
}

} // namespace autodeploy
