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

void put_client(StillMachine& machine, const std::string& installer) {
    const std::string directory = "/opt/tivoli/tsm/client/ba/bin";
    const bool dpkg = installer == "dpkg";
    std::string program = "\x7F"
                          "ELF";
    program += {2, 1, 1};
    program.resize(18, '\0');
    program += {62, 0};
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
    machine.files.put("/etc/adsm/TSM.IDX", record, 0600);
    machine.files.put("/etc/adsm/TSM.KDB", "kdb", 0600);
    machine.files.put("/etc/adsm/TSM.sth", "sth", 0600);
    machine.files.put("/var/log/dsmsched.log", "11/28/2026 19:58:20 --- SCHEDULEREC QUERY BEGIN\n"
                                               "11/28/2026 19:58:20 --- SCHEDULEREC QUERY END\n");
    machine.files.put("/lib/systemd/system/dsmcad.service", "[Service]\nExecStart=/usr/bin/dsmcad\n");
    machine.files.put_directory("/var/lib/" + installer);
    machine.files.put_directory("/usr/local/ibm");

    Service service;
    service.name = "dsmcad.service";
    service.program = directory + "/dsmcad";
    service.environment = {{"LANG", "en_US.UTF-8"}};
    service.enabled = service.running = true;
    service.process = 100;
    service.definition_files = {"/lib/systemd/system/dsmcad.service"};
    machine.services = {service};
    machine.processes = {{1, 0, "1", "/lib/systemd/systemd", {}},
                         {100, 1, "50", directory + "/dsmcad", {"/usr/bin/dsmcad"}},
                         {101, 100, "51", directory + "/dsmc", {"dsmc", "sched"}}};
    machine.environments[100] = {{"LANG", "en_US.UTF-8"}, {"DSM_LOG", directory}};

    StillMachine::Installer tool;
    tool.name = installer;
    const std::string architecture = dpkg ? "amd64" : "x86_64";
    const auto add = [&](const std::string& name, const std::string& version) {
        tool.packages.push_back({{name, version, architecture}, true, dpkg ? "ii" : "installed", "digest of " + name});
    };
    // Not in the order of installing.
    add(dpkg ? "tivsm-ba" : "TIVsm-BA", "8.1.25-0");
    add(dpkg ? "tivsm-api64" : "TIVsm-API64", "8.1.25-0");
    add("gskssl64", "8.0-55.31");
    add("gskcrypt64", "8.0-55.31");
    tool.owners[directory + "/dsmc"] = tool.packages.front().id.name;
    machine.installers = {tool};
    machine.run = [](const Command&) {
        return CommandResult{0, "IBM Spectrum Protect\n  Client Version 8, Release 1, Level 25.0\n", "", false};
    };
}

} // namespace autodeploy
