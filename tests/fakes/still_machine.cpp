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
    platform_.emplace(Platform{files, clock, commands_, processes_, services_, host_, registry, pointers});
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

std::string windows_program(int machine) {
    std::string program = "MZ";
    program.resize(0x3C, '\0');
    program += {0x40, 0, 0, 0, 'P', 'E', 0, 0};
    return program + char(machine & 255) + char(machine >> 8);
}

std::string password_record() {
    std::string record = "\xEF\x05\x01SERVER1";
    record.resize(3 + 256, '\0');
    record += "WEB01";
    record.resize(645, '\0');
    return record;
}

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
    machine.files.put(passwords + "/TSM.IDX", password_record(), 0600);
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

void put_windows_client(StillMachine& machine) {
    const std::string directory = windows_client;
    const std::string key = "HKLM64\\SOFTWARE\\IBM\\ADSM\\CurrentVersion\\";
    machine.host = {"WEB01", "windows", "x86_64", "windows 10.0.20348", true};
    machine.service_manager = "scm";
    machine.files.set_time((machine.clock.now() - 100) * 1'000'000'000);
    for (const char* name : {"\\dsmc.exe", "\\dsmcsvc.exe", "\\dsmcad.exe", "\\dsmcutil.exe"})
        machine.files.put(directory + name, windows_program(0x8664));
    machine.files.put(directory + "\\dsm.opt", "NODename WEB01\r\n"
                                               "TCPServeraddress backup.example.com\r\n"
                                               "TCPPort 1501\r\n"
                                               "PASSWORDAccess generate\r\n"
                                               "SCHEDLOGName \"C:\\logs\\dsmsched.log\"\r\n"
                                               "INCLExcl \"C:\\tsm\\inclexcl.txt\"\r\n");
    machine.files.put("C:\\tsm\\inclexcl.txt", "exclude *:\\...\\pagefile.sys\r\n");
    machine.files.put("C:\\logs\\dsmsched.log", "11/28/2026 19:58:20 --- SCHEDULEREC QUERY BEGIN\r\n"
                                                "11/28/2026 19:58:20 --- SCHEDULEREC QUERY END\r\n");
    const std::string store = "C:\\ProgramData\\Tivoli\\TSM\\baclient\\Nodes\\WEB01\\SERVER1";
    machine.files.put(store + "\\TSM.IDX", password_record(), 0600);
    machine.files.put(store + "\\TSM.KDB", "kdb", 0600);
    machine.files.put(store + "\\TSM.sth", "sth", 0600);
    // The runtime that the client's own installer brings.
    machine.files.put("C:\\Program Files\\Common Files\\Tivoli\\TSM\\jre\\bin\\java.exe", windows_program(0x8664));
    machine.files.put_directory("C:\\Windows\\Installer");
    machine.files.put_directory("C:\\ProgramData\\Autodeploy\\state");
    machine.registry.put(key + "BackupClient", "Path", directory + "\\");
    machine.registry.put(key + "BackupClient\\Scheduler Service\\" + windows_scheduler, "clientOptFile",
                         directory + "\\dsm.opt");
    machine.registry.put(key + "Api64", "Path", "C:\\Program Files\\Common Files\\Tivoli\\TSM\\api64\\");

    Service service;
    service.name = windows_scheduler;
    service.program = directory + "\\dsmcsvc.exe";
    service.enabled = service.running = true;
    service.process = 700;
    service.settings = {{"start", "auto"}, {"account", "LocalSystem"}};
    machine.services = {service};
    machine.processes = {{4, 0, "1", "", {}},
                         {600, 4, "40", "C:\\Windows\\System32\\services.exe", {}},
                         {700, 600, "50", directory + "\\dsmcsvc.exe", {}}};

    StillMachine::Installer tool;
    tool.name = "msi";
    tool.packages = {{{"IBM Storage Protect Client", "8.1.25.0", "x64"}, true, "installed", "{PACKAGE}"}};
    tool.owners[directory + "\\dsmc.exe"] = "IBM Storage Protect Client";
    machine.installers = {tool};
    machine.run = [](const Command&) {
        return CommandResult{0, "IBM Storage Protect\r\n  Client Version 8, Release 1, Level 25.0\r\n", "", false};
    };
}

} // namespace autodeploy
