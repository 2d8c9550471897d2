#include "installer/detection.h"

#include "installer/any_bytes_json.h"
#include "tests/fakes/still_machine.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

const std::string directory = "/opt/tivoli/tsm/client/ba/bin";

std::vector<std::string> paths(const Detection& detection, const std::string& kind) {
    std::vector<std::string> result;
    for (const ClientFile& file : detection.files)
        if (file.kind == kind) result.push_back(file.path);
    return result;
}

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("another product on Windows counts where its place is there, not by a key that it left behind") {
    StillMachine machine;
    machine.host.system = "windows";
    machine.registry.put("HKLM64\\SOFTWARE\\IBM\\ADSM\\CurrentVersion\\TDPSQL", "Path", "/opt/sql");
    CHECK(detect(machine.platform(), {}).other_products.empty());
    machine.files.put_directory("/opt/sql");
    const Detection found = detect(machine.platform(), {});
    REQUIRE(found.other_products.size() == 1);
    CHECK(found.other_products[0].name == "Data Protection for SQL");
    CHECK(found.other_products[0].evidence == "/opt/sql");
}

TEST_CASE("a healthy client is seen with all that belongs to it") {
    for (const std::string installer : {"rpm", "dpkg"}) {
        CAPTURE(installer);
        StillMachine machine;
        put_client(machine, installer);
        DetectSettings settings;
        settings.measured_paths = {"/var/lib/autodeploy"};
        const Detection found = detect(machine.platform(), settings);

        CHECK(found.unreadable.empty());
        CHECK(found.platform == (installer == "rpm" ? "linux-x86_64" : "linux-x86_64-deb"));
        CHECK(found.program == directory + "/dsmc");
        CHECK(found.bits == 64);
        CHECK(found.program_architecture == "x86_64");
        CHECK(found.installer == installer);
        CHECK(found.owner_package == (installer == "rpm" ? "TIVsm-BA" : "tivsm-ba"));
        REQUIRE(found.packages.size() == 4);
        CHECK(found.packages[0].id.name == "gskcrypt64");
        CHECK(found.packages[3].id.name == found.owner_package);
        CHECK(found.database_version == ClientVersion{8, 1, 25, 0});
        CHECK(found.binary_version == ClientVersion{8, 1, 25, 0});
        CHECK(found.binary_evidence == "Client Version 8, Release 1, Level 25.0");
        CHECK(found.other_products.empty());

        REQUIRE(found.services.size() == 1);
        const ClientService& service = found.services.front();
        CHECK(service.role == ServiceRole::acceptor);
        CHECK(service.schedules);
        CHECK(service.server_address == "backup.example.com");
        CHECK(service.server_port == 1501);
        CHECK(service.node_name == "WEB01");
        CHECK(service.log.path == "/var/log/dsmsched.log");
        CHECK(service.log.activity == Activity::quiet);
        CHECK(service.password_stored == Tell::yes);
        CHECK(service.reached_server_lately == Tell::yes);
        CHECK(service.reached_server_ever == Tell::yes);

        REQUIRE(found.processes.size() == 2);
        CHECK(found.processes[1].service == "dsmcad.service");
        CHECK(found.volumes.front().path == "/var/lib/autodeploy");
        CHECK(found.volumes.front().free_bytes);
        CHECK(std::any_of(found.volumes.begin(), found.volumes.end(),
                          [](const Volume& volume) { return volume.path == "/etc/systemd/system"; }));

        CHECK(paths(found, "options") == Texts{directory + "/dsm.opt", directory + "/dsm.sys"});
        CHECK(paths(found, "include list") == Texts{"/etc/tsm/inclexcl"});
        CHECK(paths(found, "certificate") == Texts{directory + "/dsmcert.kdb"});
        CHECK(paths(found, "password store") == Texts{"/etc/adsm/TSM.IDX", "/etc/adsm/TSM.KDB", "/etc/adsm/TSM.sth"});
        CHECK(paths(found, "service definition") == Texts{"/lib/systemd/system/dsmcad.service"});

        CHECK(detection_from_json(parse_json(compact_json(detection_json(found)))) == found);
        CHECK(machine.files.calls() == 0);
    }
}

TEST_CASE("the platform is named after the system, its kind of machine and its installer") {
    struct Row {
        std::string architecture, installer, platform;
    };
    for (const Row& row : {Row{"x86_64", "dpkg", "linux-x86_64-deb"}, Row{"ppc64le", "rpm", "linux-ppc64le"},
                           Row{"ppc64le", "dpkg", "linux-ppc64le-deb"}, Row{"s390x", "rpm", "linux-s390x"}}) {
        CAPTURE(row.platform);
        StillMachine machine;
        put_client(machine, row.installer);
        machine.host.architecture = row.architecture;
        CHECK(detect(machine.platform(), {}).platform == row.platform);
    }
}

TEST_CASE("the client's program is asked with the directories of its service and no session") {
    StillMachine machine;
    put_client(machine, "dpkg");
    machine.environments[100]["DSM_CONFIG"] = "/etc/tsm/other.opt";
    machine.environments[100]["SECRET"] = "x";
    detect(machine.platform(), {});
    REQUIRE(machine.commands.size() == 1);
    const Command& command = machine.commands.front();
    CHECK(command.program == directory + "/dsmc");
    CHECK(command.arguments == Texts{"help"});
    CHECK(command.environment == std::map<std::string, std::string>{{"DSM_CONFIG", "/etc/tsm/other.opt"},
                                                                    {"DSM_DIR", directory},
                                                                    {"DSM_LOG", directory}});
}

TEST_CASE("a program that hangs behind its banner has told its version all the same") {
    StillMachine machine;
    put_client(machine, "rpm");
    machine.run = [](const Command&) {
        return CommandResult{128 + 9, "Client Version 8, Release 1, Level 25.0\n", "", true};
    };
    CHECK(detect(machine.platform(), {}).binary_version == ClientVersion{8, 1, 25, 0});
    machine.run = [](const Command&) { return CommandResult{128 + 9, "", "", true}; };
    const Detection silent = detect(machine.platform(), {});
    CHECK_FALSE(silent.binary_version);
    CHECK(silent.binary_evidence == directory + "/dsmc help printed no version within 10000 ms");
}

TEST_CASE("a machine without a client is found to be one") {
    StillMachine machine;
    machine.installers = {{"dpkg", {}, {}, {}, {}}};
    const Detection found = detect(machine.platform(), {});
    CHECK_FALSE(found.client_found());
    CHECK(found.platform.empty());
    CHECK(found.installer.empty());
    CHECK(found.unreadable.empty());
    CHECK(machine.commands.empty());
    CHECK(detection_from_json(detection_json(found)) == found);
}

TEST_CASE("with both rpm and dpkg at hand, the database that owns the program decides") {
    StillMachine machine;
    put_client(machine, "rpm");
    machine.installers.insert(machine.installers.begin(), StillMachine::Installer{"dpkg", {}, {}, {}, {}});
    const Detection found = detect(machine.platform(), {});
    CHECK(found.installer == "rpm");
    CHECK(found.packages.size() == 4);
}

TEST_CASE("a client whose database is there, but not the tool that reads it, is not taken for one unpacked by hand") {
    StillMachine machine;
    put_client(machine, "dpkg");
    machine.installers.clear();
    CHECK(detect(machine.platform(), {}).unreadable.empty());
    machine.files.put("/var/lib/dpkg/status", "");
    machine.files.put("/var/lib/rpm/Packages", "");
    CHECK(detect(machine.platform(), {}).unreadable ==
          std::map<std::string, std::string>{
              {"packages of dpkg", "cannot ask dpkg: its database /var/lib/dpkg/status is there, but no /usr/bin/dpkg; "
                                   "install that program again"},
              {"packages of rpm", "cannot ask rpm: its database /var/lib/rpm/Packages is there, but no /usr/bin/rpm; "
                                  "install that program again"}});
    // What another tool left behind is no matter where one owns the client.
    StillMachine sound;
    put_client(sound, "dpkg");
    sound.files.put("/var/lib/rpm/Packages", "");
    CHECK(detect(sound.platform(), {}).unreadable.empty());
}

TEST_CASE("the client's files are found under names of single bytes, too") {
    StillMachine machine;
    put_client(machine, "rpm");
    const std::string bytes = "/etc/k\xF6ln";
    machine.files.put(directory + "/dsm.sys", "SErvername SERVER1\n  PASSWORDAccess generate\n"
                                              "  MANAGEDServices schedule\n  SCHEDLOGName " +
                                                  bytes + "/sched.log\n  INCLExcl \"" + bytes +
                                                  "/lists.txt\"\n  PASSWORDDIR " + bytes + "\n");
    machine.files.put(bytes + "/lists.txt", "exclude /tmp/*\n");
    machine.files.put(bytes + "/TSM.KDB", "kdb", 0600);
    machine.files.put(bytes + "/sched.log", machine.files.read("/var/log/dsmsched.log", 4096));
    const Detection found = detect(machine.platform(), {});
    CHECK(paths(found, "include list") == Texts{bytes + "/lists.txt"});
    CHECK(paths(found, "password store").front() == bytes + "/TSM.KDB");
    CHECK(found.services.front().log.activity == Activity::quiet);
    CHECK(detection_from_json(parse_any_bytes_json(compact_any_bytes_json(detection_json(found)))) == found);
}

TEST_CASE("a client whose program is gone is known by its packages") {
    StillMachine machine;
    put_client(machine, "dpkg");
    machine.files.remove_durably(directory + "/dsmc");
    const Detection found = detect(machine.platform(), {});
    CHECK(found.program.empty());
    CHECK(found.installer == "dpkg");
    CHECK(found.database_version == ClientVersion{8, 1, 25, 0});
    CHECK(found.client_found());
}

TEST_CASE("a 32-bit client of AIX has the version of its own main fileset") {
    StillMachine machine;
    put_client(machine, "installp");
    for (InstalledPackage& package : machine.installers[0].packages)
        if (const std::size_t at = package.id.name.find("64bit"); at != std::string::npos)
            package.id.name.replace(at, 5, "32bit");
    const Detection found = detect(machine.platform(), {});
    CHECK(found.database_version == ClientVersion{8, 1, 25, 0});
    CHECK(found.other_products.empty());
}

TEST_CASE("AIX's policies that refuse programs are told where Trusted Execution is on") {
    StillMachine machine;
    put_client(machine, "installp");
    CHECK_FALSE(detect(machine.platform(), {}).facts.contains("trusted-execution"));
    const auto with = [&machine](const std::string& policies) {
        machine.files.put("/etc/security/tsd/tepolicies.dat", policies);
        const Detection found = detect(machine.platform(), {});
        const auto fact = found.facts.find("trusted-execution");
        return fact == found.facts.end() ? "" : fact->second;
    };
    const std::string rest =
        "CHKEXEC=ON\nSTOP_UNTRUSTD=ON\nSTOP_ON_CHKFAIL=OFF\nTSD_FILES_LOCK=ON\nTEP=OFF\nTEP=/usr/bin\n";
    CHECK(with("TE=ON\n" + rest) == "STOP_UNTRUSTD, TSD_FILES_LOCK");
    CHECK(with("  te=on \n" + rest) == "STOP_UNTRUSTD, TSD_FILES_LOCK");
    CHECK(with("TE=OFF\n" + rest).empty());
    CHECK(with("TE=ON\nCHKEXEC=ON\nSTOP_UNTRUSTD=OFF").empty()); // it only tells
    CHECK(with("").empty());
}

TEST_CASE("other products are what the family has beyond the client") {
    StillMachine machine;
    put_client(machine, "rpm");
    auto& packages = machine.installers.front().packages;
    packages.push_back({{"TIVsm-JBB", "8.1.25-0", "x86_64"}, true, "installed", ""});
    packages.push_back({{"TDP-Oracle", "8.1.13-0", "x86_64"}, true, "installed", ""});
    packages.push_back({{"TIVsm-stagent", "8.1.25-0", "x86_64"}, true, "installed", ""});
    packages.push_back({{"gskcrypt32", "8.0-1", "i386"}, true, "installed", ""});
    machine.files.put("/opt/tivoli/tsm/tdpvmware/common/jre/bin/java", "java");
    machine.files.put("/opt/tivoli/tsm/tdp_r3/backint", "x");
    machine.files.put("/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
    const Detection found = detect(machine.platform(), {});
    CHECK(found.other_products ==
          std::vector<OtherProduct>{{"Data Protection for Oracle", "package TDP-Oracle 8.1.13-0"},
                                    {"Storage agent", "package TIVsm-stagent 8.1.25-0"},
                                    {"Data Protection for SAP (ERP)", "/opt/tivoli/tsm/tdp_r3"}});
    CHECK(found.packages.size() == 6);
    CHECK(found.facts.at("filepath-module") == "missing");
    // The Java runtime alone is the client's own; with the product's script beside it, it is the product.
    machine.files.put("/opt/tivoli/tsm/tdpvmware/common/scripts/vmcli", "x");
    CHECK(detect(machine.platform(), {}).other_products.back().name == "Data Protection for VMware");
}

TEST_CASE("several services are told apart with the options that each of them really has") {
    StillMachine machine;
    put_client(machine, "dpkg");
    Service second;
    second.name = "dsmsched-db.service";
    second.program = directory + "/dsmc";
    second.arguments = {"sched", "-optfile=/etc/tsm/db.opt"};
    second.enabled = true;
    machine.services.push_back(second);
    Service journal;
    journal.name = "a-journal.service";
    journal.program = directory + "/tsmjbbd";
    machine.services.push_back(journal);
    machine.files.put("/etc/tsm/db.opt", "se SERVER2\nautodeploy no\n");
    machine.files.append_durably(directory + "/dsm.sys", "se SERVER2\nnod DB01\npassworda generate\n");
    const Detection found = detect(machine.platform(), {});
    REQUIRE(found.services.size() == 3);
    CHECK(found.services[0].role == ServiceRole::acceptor);
    CHECK(found.services[1].role == ServiceRole::scheduler);
    CHECK(found.services[2].role == ServiceRole::journal);
    const ClientService& database = found.services[1];
    CHECK(database.node_name == "DB01");
    CHECK(database.options.keyword("autodeploy") == "no");
    CHECK(database.password_stored == Tell::no);
    CHECK(database.log.activity == Activity::unknown);
    CHECK(database.reached_server_lately == Tell::unknown);
    CHECK_FALSE(found.services[2].schedules);
    const Texts options = paths(found, "options");
    CHECK(std::count(options.begin(), options.end(), "/etc/tsm/db.opt") == 1);
}

TEST_CASE("an answer of the server that a log tells of years ahead does not say whether it is reached today") {
    StillMachine machine;
    put_client(machine, "dpkg");
    machine.clock.pass(-10 * Seconds(365 * 86400));
    const Detection found = detect(machine.platform(), {});
    REQUIRE(!found.services.empty());
    REQUIRE(found.services[0].log.last_query_end);
    CHECK(found.services[0].reached_server_ever == Tell::yes);
    CHECK(found.services[0].reached_server_lately == Tell::unknown);
}

TEST_CASE("an event is in progress only while a scheduler of that acceptor lives") {
    StillMachine machine;
    put_client(machine, "dpkg");
    machine.files.append_durably("/var/log/dsmsched.log",
                                 "11/28/2026 19:59:00 --- SCHEDULEREC OBJECT BEGIN NIGHTLY 11/28/2026 19:59:00\n");
    CHECK(detect(machine.platform(), {}).services.front().log.activity == Activity::busy);
    machine.processes.pop_back();
    CHECK(detect(machine.platform(), {}).services.front().log.activity == Activity::quiet);
}

TEST_CASE("where the service manager tells no main process, it is found by its program, and doubt means alive") {
    StillMachine machine;
    put_client(machine, "dpkg");
    machine.services.front().process = 0;
    machine.files.append_durably("/var/log/dsmsched.log",
                                 "11/28/2026 19:59:00 --- SCHEDULEREC OBJECT BEGIN NIGHTLY 11/28/2026 19:59:00\n");
    const Detection found = detect(machine.platform(), {});
    CHECK(found.processes[0].service == "dsmcad.service");
    CHECK(found.processes[1].service == "dsmcad.service");
    machine.processes[1].arguments = {"dsmcad", "-optfile=/etc/tsm/other.opt"};
    CHECK(detect(machine.platform(), {}).processes[1].service.empty());
    machine.processes.erase(machine.processes.begin() + 1, machine.processes.end());
    CHECK(detect(machine.platform(), {}).services.front().log.activity == Activity::busy);
}

TEST_CASE("programs that have the client's library in their memory are seen") {
    StillMachine machine;
    put_client(machine, "rpm");
    const Process db2{500, 1, "9", "/opt/ibm/db2/adm/db2sysc", {}};
    machine.mapping["/opt/tivoli/tsm/client/api/bin64/"] = {db2, machine.processes[2]};
    const Detection found = detect(machine.platform(), {});
    REQUIRE(found.processes.size() == 3);
    CHECK(found.processes[2].maps_api);
    CHECK(found.processes[2].process.program == "/opt/ibm/db2/adm/db2sysc");
    CHECK(found.processes[2].library == "/opt/tivoli/tsm/client/api/bin64/");
}

TEST_CASE("options files that are links are kept with what they lead to") {
    StillMachine machine;
    put_client(machine, "rpm");
    machine.files.rename_durably(directory + "/dsm.sys", "/etc/tsm/dsm.sys");
    machine.files.put_link(directory + "/dsm.sys", "/etc/tsm/dsm.sys");
    const Detection found = detect(machine.platform(), {});
    CHECK(found.services.front().options.unreadable.empty());
    CHECK(paths(found, "options") == Texts{directory + "/dsm.opt", directory + "/dsm.sys", "/etc/tsm/dsm.sys"});
}

TEST_CASE("what cannot be read is told by its subject, and the rest is seen") {
    for (const std::string failing : {"processes", "services", "host", "packages"}) {
        CAPTURE(failing);
        StillMachine machine;
        put_client(machine, "dpkg");
        machine.failing = failing;
        const Detection found = detect(machine.platform(), {});
        CHECK(found.program == directory + "/dsmc");
        CHECK_FALSE(found.unreadable.empty());
        for (const auto& [subject, why] : found.unreadable)
            CHECK(why.starts_with("cannot "));
    }
}

TEST_CASE("a client at a place of its own is found by the settings") {
    StillMachine machine;
    put_client(machine, "rpm");
    machine.files.put_directory("/srv/tsm");
    machine.files.rename_durably(directory + "/dsmc", "/srv/tsm/dsmc");
    DetectSettings settings;
    settings.client_directories = {"/srv/tsm"};
    CHECK(detect(machine.platform(), settings).program == "/srv/tsm/dsmc");
    CHECK(detect(machine.platform(), {}).program.empty());
}

TEST_CASE("facts of the machine are seen: hold, locale, backup server, vendor's deployment") {
    StillMachine machine;
    put_client(machine, "rpm");
    machine.files.put("/etc/autodeploy/hold", "moved to the new site \x1b[31m, alice\nmore\n");
    machine.files.put("/etc/empty/hold", "");
    machine.environments[100] = {{"DSM_LOG", "/var/log"}};
    machine.services.front().environment.clear();
    machine.processes.push_back({700, 1, "7", "/opt/tivoli/tsm/server/bin/dsmserv", {}});
    machine.processes.push_back({701, 1, "7", "/bin/sh", {"../IBM_ANR_UNX/deployclient.sh"}});
    DetectSettings settings;
    settings.hold_files = {"/etc/autodeploy/hold", "/etc/other/hold", "/etc/empty/hold"};
    const Detection found = detect(machine.platform(), settings);
    CHECK(found.hold_files ==
          Texts{"/etc/autodeploy/hold is there (\"moved to the new site ?[31m, alice\")", "/etc/empty/hold is there"});
    CHECK(found.facts.at("acceptor-locale") == "unset");
    CHECK(found.facts.at("backup-server") == "running");
    CHECK(found.facts.at("vendor-deployment") == "process 701 /bin/sh ../IBM_ANR_UNX/deployclient.sh");
}
