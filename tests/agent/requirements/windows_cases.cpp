#include "platform/windows/pending_renames.h"
#include "tests/agent/requirements/requirement_cases.h"

#include <algorithm>

namespace autodeploy {

using enum RequirementState;
using enum Severity;

namespace {

using M = StillMachine;
using P = PreflightInput;

const std::string program = R"(C:\Program Files\Tivoli\TSM\baclient\dsmc.exe)";
const std::string options = R"(C:\Program Files\Tivoli\TSM\baclient\dsm.opt)";
const std::string store = R"(C:\ProgramData\Tivoli\TSM\baclient\Nodes\WEB01\SERVER1)";
const std::string log = R"(C:\logs\dsmsched.log)";
const std::string base = R"(HKLM64\SOFTWARE\IBM\ADSM\CurrentVersion\)";
const std::string of_scheduler = " (TSM Client Scheduler)";

std::function<void(M&)> option(const std::string& line) {
    return [line](M& m) { m.files.put(options, "NODename WEB01\r\nPASSWORDAccess generate\r\n" + line + "\r\n"); };
}

std::function<void(M&)> only_options(const std::string& text) {
    return [text](M& m) { m.files.put(options, text); };
}

Service& scheduler(M& m) {
    return m.services.front();
}

void unused(M& m) {
    scheduler(m).enabled = scheduler(m).running = false;
    scheduler(m).process = 0;
    scheduler(m).settings["start"] = "disabled";
}

/// An acceptor that starts by itself, and the scheduler that it starts on demand.
void with_acceptor(M& m, const std::string& managed) {
    unused(m);
    scheduler(m).settings["start"] = "demand";
    Service acceptor = scheduler(m);
    acceptor.name = "TSM Client Acceptor";
    acceptor.program = std::string(windows_client) + "\\dsmcad.exe";
    acceptor.enabled = acceptor.running = true;
    acceptor.process = 710;
    acceptor.settings["start"] = "auto";
    m.services.push_back(acceptor);
    m.processes.back() = {710, 600, "50", acceptor.program, {}};
    m.files.put(options, m.files.read(options, 4096) + managed);
}

std::function<void(M&)> acceptor(const std::string& managed) {
    return [managed](M& m) { with_acceptor(m, managed); };
}

std::function<void(M&)> failing(const std::string& part) {
    return [part](M& m) { m.failing = part; };
}

std::string cannot_read(const std::string& part) {
    return "cannot read the " + part + ": Permission denied (error 13)";
}

void put_product(M& m, const std::string& key, const std::string& place) {
    m.registry.put(base + key, "Path", place);
    m.files.put_directory(place);
}

std::function<void(M&)> package(const std::string& name) {
    return [name](M& m) {
        m.installers.front().packages.push_back({{name, "8.1.25.0", "x64"}, true, "installed", ""});
    };
}

std::function<void(M&)> version(const std::string& text, const std::string& name = "IBM Storage Protect Client") {
    return [text, name](M& m) {
        StillMachine::Installer& installer = m.installers.front();
        installer.packages.front().id = {name, text, "x64"};
        installer.owners.begin()->second = name;
    };
}

std::function<void(M&)> with_32_bit_program(bool is_64_bit) {
    return [is_64_bit](M& m) {
        std::string text = m.files.read(program, 4096);
        text[0x44] = 0x4C;
        text[0x45] = 0x01;
        m.files.put(program, text);
        m.host.is_64_bit = is_64_bit;
        if (!is_64_bit) m.host.architecture = "i386";
    };
}

std::function<void(P&)> needs(const std::string& path, std::uint64_t mebibytes) {
    return [path, mebibytes](P& p) { p.needs = {{path, mebibytes << 20, "the package"}}; };
}

const std::string set_up = "set up the scheduler as a service: dsmcutil install scheduler /name:\"TSM Client "
                           "Scheduler\", with /node, /password and /optfile";
const std::string store_password =
    R"(dsmcutil updatepw /node:WEB01 /optfile:"C:\Program Files\Tivoli\TSM\baclient\dsm.opt" /password:…)";
const std::string table = "see that the process table can be read";
const std::string installer_answers = "see that Windows Installer (the service msiserver) answers, then check again";
const std::string manager_answers = "see that the service manager answers, then check again";
const std::string by_hand =
    "update this machine by hand: the products on it must fit each other, and the client alone must not go ahead";

std::vector<WindowsCase> client() {
    return {
        {"client-present", "there", {}, {}, met, blocker, program + " 8.1.25.0"},
        {"client-present",
         "at the place that the registry names",
         [](M& m) {
             put_product(m, "BackupClient", R"(E:\TSM\baclient\)");
             m.files.rename_durably(program, R"(E:\TSM\baclient\dsmc.exe)");
             m.installers.front().owners = {{R"(E:\TSM\baclient\dsmc.exe)", "IBM Storage Protect Client"}};
         },
         {},
         met,
         blocker,
         R"(E:\TSM\baclient\dsmc.exe 8.1.25.0)"},
        {"client-present",
         "a key that was left behind",
         [](M& m) {
             m.files.remove_durably(program);
             m.installers.front().packages.clear();
         },
         {},
         not_met,
         blocker,
         "no program dsmc in the known directories, and no package of the client",
         "install the client first; if it lies elsewhere, name its directory in client_directories"},
        {"client-present",
         "its directory cannot be read",
         [](M& m) { m.files.fail_path(program, "access_denied"); },
         {},
         cannot_tell,
         blocker,
         "cannot read " + program + ": access_denied (fake)",
         "make the client's directory readable for the agent"},

        {"packages-known", "an MSI", {}, {}, met, blocker, "IBM Storage Protect Client (msi)"},
        {"packages-known",
         "copied by hand",
         [](M& m) { m.installers.front().owners.clear(); },
         {},
         not_met,
         blocker,
         program + " belongs to no installed package",
         "install the client from the vendor's packages; what was unpacked by hand cannot be updated"},
        {"packages-known",
         "Windows Installer does not answer",
         failing("packages"),
         {},
         cannot_tell,
         blocker,
         cannot_read("packages"),
         installer_answers},

        {"packages-healthy", "whole", {}, {}, met, warning, "1 packages"},
        {"packages-healthy",
         "broken",
         [](M& m) {
             m.installers.front().packages.front().healthy = false;
             m.installers.front().packages.front().state = "installed, Windows' copy of its package cannot be read";
         },
         {},
         not_met,
         warning,
         "IBM Storage Protect Client 8.1.25.0 is installed, Windows' copy of its package cannot be read",
         "nothing: an update mends it; if the update is refused for other reasons, install the package anew"},
        {"packages-healthy",
         "Windows Installer does not answer",
         failing("packages"),
         {},
         cannot_tell,
         warning,
         cannot_read("packages"),
         installer_answers},

        {"versions-agree", "they agree", {}, {}, met, warning, "the database says 8.1.25.0, and so does the program"},
        {"versions-agree",
         "another program",
         version("8.1.23.0"),
         {},
         not_met,
         warning,
         "the program says 8.1.25.0, the database says 8.1.23.0",
         "find out who replaced files of the package; install it anew if in doubt"},
        {"versions-agree",
         "the program does not start",
         [](M& m) { m.run = {}; },
         {},
         cannot_tell,
         warning,
         "cannot run " + program + ": not found (error 2)",
         "run dsmc help by hand and see why it prints no version"},

        {"client-bits", "64 on 64", {}, {}, met, blocker, program + " is a 64-bit program"},
        {"client-bits",
         "32 on 64",
         with_32_bit_program(true),
         {},
         met,
         blocker,
         program + " is a 32-bit program on a 64-bit system: it is replaced by the 64-bit one"},
        {"client-bits",
         "32 on 32",
         with_32_bit_program(false),
         {},
         not_met,
         blocker,
         "this system is a 32-bit one (i386)",
         "update it by hand; there is no client for 32-bit systems any more"},
        {"client-bits",
         "a script",
         [](M& m) { m.files.put(program, "@echo off\r\n"); },
         {},
         cannot_tell,
         blocker,
         program + " has no header that is known",
         "see that it is the vendor's program and not a script around it"},

        {"only-backup-archive-client", "alone", {}, {}, met, blocker, ""},
        {"only-backup-archive-client",
         "the Java runtime that the client brings",
         package("IBM Storage Protect JVM"),
         {},
         met,
         blocker,
         ""},
        {"only-backup-archive-client",
         "the runtime of an older client",
         package("IBM Spectrum Protect JVM"),
         {},
         met,
         blocker,
         ""},
        {"only-backup-archive-client",
         "the administrative client, a feature of the same package",
         [](M& m) { put_product(m, "AdminClient", windows_client); },
         {},
         met,
         blocker,
         ""},
        {"only-backup-archive-client",
         "SQL",
         [](M& m) { put_product(m, "TDPSQL", R"(C:\Program Files\Tivoli\TSM\TDPSql)"); },
         {},
         not_met,
         blocker,
         R"(Data Protection for SQL (C:\Program Files\Tivoli\TSM\TDPSql))",
         by_hand},
        {"only-backup-archive-client",
         "a key that SQL left behind",
         [](M& m) { m.registry.put(base + "TDPSQL", "Path", R"(C:\Program Files\Tivoli\TSM\TDPSql)"); },
         {},
         met,
         blocker,
         ""},
        {"only-backup-archive-client",
         "a product of the family that nobody knows",
         package("IBM Storage Protect for Something"),
         {},
         not_met,
         blocker,
         "IBM Storage Protect for Something (package IBM Storage Protect for Something 8.1.25.0)",
         by_hand},
        {"only-backup-archive-client",
         "nobody can look",
         [](M& m) {
             put_product(m, "TDPSQL", R"(C:\sql)");
             m.files.fail_path(R"(C:\sql)", "access_denied");
         },
         {},
         cannot_tell,
         blocker,
         R"(cannot read C:\sql: access_denied (fake))",
         "make it readable for the agent"},

        // dsm.opt, the include list, the store of three files.
        {"administrator-files", "all can be captured", {}, {}, met, blocker, "5 files"},
        {"administrator-files",
         "the password store cannot be listed",
         [](M& m) { m.files.fail_path(R"(C:\ProgramData\Tivoli\TSM\baclient)", "access_denied"); },
         {},
         cannot_tell,
         blocker,
         R"(cannot read C:\ProgramData\Tivoli\TSM\baclient: access_denied (fake))",
         "make it readable for the agent: nothing is changed that cannot be brought back"},
    };
}

std::vector<WindowsCase> client_options() {
    const std::string other = R"(E:\TSM_JOBS\dsm.opt)";
    return {
        {"options-readable",
         "by the parameters of the service",
         {},
         {},
         met,
         blocker,
         options + ", parameters of the service" + of_scheduler},
        {"options-readable",
         "of another drive",
         [other](M& m) {
             m.registry.put(base + R"(BackupClient\Scheduler Service\TSM Client Scheduler)", "clientOptFile", other);
             m.files.put(other, "PASSWORDAccess generate\r\n");
         },
         {},
         met,
         blocker,
         other + ", parameters of the service" + of_scheduler},
        {"options-readable",
         "not there",
         [](M& m) { m.files.remove_durably(options); },
         {},
         not_met,
         blocker,
         "cannot tell the options in force: " + options + " (parameters of the service) does not exist" + of_scheduler,
         "mend the options files: the client itself cannot start with them"},
        {"options-readable",
         "no service",
         [](M& m) { m.services.clear(); },
         {},
         cannot_tell,
         blocker,
         "no service of the client was found, so nobody knows which options files are used",
         set_up},

        {"options-valid", "valid", {}, {}, met, warning, ""},
        {"options-valid",
         "a line that nobody knows",
         option("FOObar yes"),
         {},
         not_met,
         warning,
         options + ":3: unknown option \"FOObar\"",
         "correct these lines: with an invalid one the client may refuse to start again"},
        {"options-valid",
         "not there",
         [](M& m) { m.files.remove_durably(options); },
         {},
         cannot_tell,
         warning,
         "cannot tell the options in force: " + options + " (parameters of the service) does not exist",
         "mend the options files"},

        {"client-option-passwordaccess",
         "generate",
         {},
         {},
         met,
         blocker,
         options + ":4: passwordaccess generate" + of_scheduler},
        {"client-option-passwordaccess",
         "prompt",
         only_options("PASSWORDAccess prompt\r\n"),
         {},
         not_met,
         blocker,
         options + ":1: passwordaccess prompt" + of_scheduler,
         "set PASSWORDACCESS generate in " + options + ", without quotes, and store the password: " + store_password},
        {"client-option-passwordaccess",
         "absent",
         only_options("NODename WEB01\r\n"),
         {},
         not_met,
         blocker,
         "passwordaccess is not set in " + options + of_scheduler + "; its default is not relied upon",
         "set PASSWORDACCESS generate in " + options + ", without quotes, and store the password: " + store_password},
        {"client-option-passwordaccess",
         "prompt in a disabled leftover",
         [](M& m) {
             unused(m);
             m.files.put(options, "PASSWORDAccess prompt\r\n");
         },
         {},
         not_met,
         warning,
         options + ":1: passwordaccess prompt" + of_scheduler,
         "set PASSWORDACCESS generate in " + options + ", without quotes, and store the password: " + store_password},
        {"client-option-passwordaccess",
         "options not there",
         [](M& m) { m.files.remove_durably(options); },
         {},
         cannot_tell,
         blocker,
         "cannot tell the options in force: " + options + " (parameters of the service) does not exist",
         "mend the options files"},

        {"client-option-autodeploy",
         "absent",
         {},
         {},
         met,
         blocker,
         "autodeploy is not set in " + options + of_scheduler + ", which means yes"},
        {"client-option-autodeploy",
         "noreboot",
         option("AUTODEPLOY noreboot"),
         {},
         met,
         blocker,
         options + ":3: autodeploy noreboot" + of_scheduler},
        {"client-option-autodeploy",
         "no",
         option("AUTODEPLOY no"),
         {},
         not_met,
         blocker,
         options + ":3: autodeploy no" + of_scheduler,
         "set AUTODEPLOY noreboot (or yes) in this file if this client may be updated; one no refuses the whole "
         "client"},
        {"client-option-autodeploy",
         "no of a disabled leftover",
         [](M& m) {
             unused(m);
             option("AUTODEPLOY no")(m);
         },
         {},
         not_met,
         warning,
         options + ":3: autodeploy no" + of_scheduler,
         "set AUTODEPLOY noreboot (or yes) in this file if this client may be updated; one no refuses the whole "
         "client"},
        {"client-option-autodeploy",
         "no of the scheduler that an acceptor starts",
         [](M& m) {
             with_acceptor(m, "MANAGEDServices schedule\r\n");
             m.registry.put(base + R"(BackupClient\Scheduler Service\TSM Client Scheduler)", "clientOptFile",
                            R"(C:\tsm\other.opt)");
             m.files.put(R"(C:\tsm\other.opt)", "PASSWORDAccess generate\r\nAUTODEPLOY no\r\n");
         },
         {},
         not_met,
         blocker,
         R"(C:\tsm\other.opt:2: autodeploy no)" + of_scheduler,
         "set AUTODEPLOY noreboot (or yes) in this file if this client may be updated; one no refuses the whole "
         "client"},
        {"client-option-autodeploy",
         "options not there",
         [](M& m) { m.files.remove_durably(options); },
         {},
         cannot_tell,
         blocker,
         "cannot tell the options in force: " + options + " (parameters of the service) does not exist",
         "mend the options files"},

        {"restart-keys", "never", {}, {}, met, note, "the machine is never restarted: the setting restart is never"},
        {"restart-keys", "noreboot", option("AUTODEPLOY noreboot"), [](P& p) { p.restart = RestartPolicy::at_once; },
         met, note,
         "the machine is never restarted: the setting restart is at_once, TSM Client Scheduler has autodeploy "
         "noreboot"},
        {"restart-keys",
         "options not there",
         [](M& m) { m.files.remove_durably(options); },
         {},
         cannot_tell,
         note,
         "the machine is never restarted: cannot tell the options in force: " + options +
             " (parameters of the service) does not exist" + of_scheduler,
         "mend the options files"},

        {"schedule-allowed", "not disabled", {}, {}, met, warning, ""},
        {"schedule-allowed",
         "disabled",
         option("SCHEDCMDDisabled yes"),
         {},
         not_met,
         warning,
         options + ":3: schedcmddisabled yes" + of_scheduler + ", and no exception is exactly the trigger",
         R"(add SCHEDCMDEXCEPTION '"C:\Program Files\Autodeploy\autodeploy.exe" trigger' to )" + options +
             " and restart the scheduler"},
        {"schedule-allowed",
         "with an exception",
         option("SCHEDCMDDisabled yes\r\n"
                R"(SCHEDCMDException '"C:\Program Files\Autodeploy\autodeploy.exe" trigger')"),
         {},
         met,
         warning,
         options + ":3: schedcmddisabled yes" + of_scheduler + ", with an exception for the trigger"},
        {"schedule-allowed",
         "options not there",
         [](M& m) { m.files.remove_durably(options); },
         {},
         cannot_tell,
         warning,
         "cannot tell the options in force: " + options + " (parameters of the service) does not exist",
         "mend the options files"},

        {"server-options-unseen",
         "always",
         {},
         {},
         cannot_tell,
         note,
         "options that the server forces through a client option set stand in no file here",
         "look at QUERY CLOPTSET for this node at the server"},
    };
}

std::vector<WindowsCase> services() {
    const std::string start = "start the service that starts by itself: dsmcutil start /name:\"TSM Client Scheduler\"; "
                              "an acceptor needs MANAGEDSERVICES schedule in its dsm.opt";
    const std::string see_log = "see that SCHEDLOGNAME names the log of the scheduler and that it can be read";
    const auto without_passwords = [](M& m) {
        m.files.remove_tree(R"(C:\ProgramData\Tivoli)");
        m.files.put(log, "nothing of the scheduler's\r\n");
    };
    const std::string no_store = R"(C:\ProgramData\Tivoli\TSM\baclient\Nodes\WEB01 is not there)";
    return {
        {"service-manager-present", "answers", {}, {}, met, blocker, "Windows' service control manager"},
        {"service-manager-present",
         "does not answer",
         failing("services"),
         {},
         cannot_tell,
         blocker,
         cannot_read("services"),
         manager_answers},

        {"scheduler-running", "a service", {}, {}, met, blocker, "TSM Client Scheduler"},
        {"scheduler-running",
         "started by an acceptor",
         acceptor("MANAGEDServices schedule webclient\r\n"),
         {},
         met,
         blocker,
         "TSM Client Acceptor"},
        {"scheduler-running",
         "an acceptor without schedule",
         acceptor("MANAGEDServices webclient\r\n"),
         {},
         not_met,
         blocker,
         "TSM Client Acceptor runs no scheduler: " + options +
             ":7: managedservices webclient; TSM Client Scheduler does not run and is not enabled",
         "start the service that starts by itself: dsmcutil start /name:\"TSM Client Acceptor\"; an acceptor needs "
         "MANAGEDSERVICES schedule in its dsm.opt"},
        {"scheduler-running",
         "stopped",
         [](M& m) { scheduler(m).running = false; },
         {},
         not_met,
         blocker,
         "TSM Client Scheduler is enabled but does not run",
         start},
        {"scheduler-running",
         "disabled",
         unused,
         {},
         not_met,
         blocker,
         "TSM Client Scheduler does not run and is not enabled",
         start},
        {"scheduler-running",
         "no service",
         [](M& m) { m.services.clear(); },
         {},
         not_met,
         blocker,
         "no service runs dsmcsvc.exe or dsmcad.exe",
         set_up},
        {"scheduler-running",
         "services cannot be listed",
         failing("services"),
         {},
         cannot_tell,
         warning,
         cannot_read("services"),
         manager_answers},

        {"scheduler-as-service", "a service", {}, {}, met, blocker, ""},
        {"scheduler-as-service",
         "started by hand",
         [](M& m) {
             m.processes.push_back({720, 650, "60", program, {"SCHED"}});
         },
         {},
         not_met,
         blocker,
         "process 720 (" + program + ") runs a scheduler that is no service",
         "end that process, and " + set_up},
        {"scheduler-as-service",
         "a backup by hand",
         [](M& m) {
             m.processes.push_back({720, 650, "60", program, {"incremental"}});
         },
         {},
         met,
         blocker,
         ""},
        {"scheduler-as-service",
         "processes cannot be listed",
         failing("processes"),
         {},
         cannot_tell,
         warning,
         cannot_read("processes"),
         table},

        {"server-reached",
         "by its log",
         {},
         {},
         met,
         blocker,
         "TSM Client Scheduler had an answer at 2026-11-28T19:58:20Z (" + log + ")"},
        {"server-reached",
         "by its password",
         [](M& m) { m.files.remove_durably(log); },
         {},
         met,
         blocker,
         store + R"(\TSM.IDX has the node WEB01 for the server SERVER1)"},
        {"server-reached",
         "never",
         without_passwords,
         {},
         not_met,
         blocker,
         "TSM Client Scheduler: " + log + ": it has no record of the scheduler; " + no_store,
         "let the client log on once (dsmc query session), so that it is known that it could before"},
        {"server-reached",
         "a password of an older level in the registry",
         [without_passwords](M& m) {
             without_passwords(m);
             m.registry.put(base + R"(Nodes\WEB01\SERVER1)", "Password", "x");
         },
         {},
         cannot_tell,
         warning,
         "TSM Client Scheduler: " + log + ": it has no record of the scheduler; " + base +
             R"(Nodes\WEB01 is the store of an older level)",
         see_log},

        {"server-reached-lately",
         "a minute ago",
         {},
         {},
         met,
         warning,
         "TSM Client Scheduler: 2026-11-28T19:58:20Z (" + log + ")"},
        {"server-reached-lately",
         "days ago",
         [](M& m) {
             m.files.put(log, "11/20/2026 19:58:20 --- SCHEDULEREC QUERY BEGIN\r\n"
                              "11/20/2026 19:58:20 --- SCHEDULEREC QUERY END\r\n");
         },
         {},
         not_met,
         warning,
         "TSM Client Scheduler: 2026-11-20T19:58:20Z (" + log + ")",
         "see in its log why the server is not reached; until then an update can only be told to be unconfirmed"},
        {"server-reached-lately",
         "no log",
         [](M& m) { m.files.remove_durably(log); },
         {},
         cannot_tell,
         warning,
         "TSM Client Scheduler: " + log + ": it does not exist",
         see_log},

        {"password-stored",
         "stored",
         {},
         {},
         met,
         warning,
         store + R"(\TSM.IDX has the node WEB01 for the server SERVER1)" + of_scheduler},
        {"password-stored",
         "its key file is gone",
         [](M& m) { m.files.remove_durably(store + "\\TSM.KDB"); },
         {},
         not_met,
         warning,
         store + R"(\TSM.IDX has the node WEB01 for the server SERVER1, but )" + store +
             R"(\TSM.KDB is missing or empty)" + of_scheduler,
         "store it: " + store_password},
        {"password-stored",
         "not stored",
         [](M& m) { m.files.remove_tree(R"(C:\ProgramData\Tivoli)"); },
         {},
         not_met,
         warning,
         no_store + of_scheduler,
         "store it: " + store_password},
        {"password-stored",
         "in the registry, by an older level",
         [](M& m) {
             m.files.remove_tree(R"(C:\ProgramData\Tivoli)");
             m.registry.put(base + R"(Nodes\WEB01\SERVER1)", "Password", "x");
         },
         {},
         cannot_tell,
         warning,
         base + R"(Nodes\WEB01 is the store of an older level)" + of_scheduler,
         "nothing, if the scheduler reaches its server"},
    };
}

std::vector<WindowsCase> release() {
    const std::string old_name = "IBM Tivoli Storage Manager Client";
    return {
        {"release-fits-platform", "fits", {}, {}, met, blocker, "windows-x64"},
        {"release-fits-platform",
         "a package for Linux",
         {},
         [](P& p) {
             p.release->platform = "linux-x86_64";
             p.release->installer = "rpm";
         },
         not_met,
         blocker,
         "the package is for linux-x86_64 (rpm), this client is windows-x64 (msi)",
         "add the vendor's package for windows-x64 to the repository"},

        {"level-supported", "in range", {}, {}, met, blocker, "8.1.25.0"},
        {"level-supported", "the oldest", version("5.4.0.0", old_name), {}, met, blocker, "5.4.0.0"},
        {"level-supported",
         "older than any",
         version("5.3.6.0", old_name),
         {},
         not_met,
         blocker,
         "installed is 5.3.6.0, the release wants at least 5.4.0.0",
         "update to a level between by hand, or offer such a one first"},
        {"level-supported",
         "copied by hand",
         [](M& m) { m.installers.front().owners.clear(); },
         {},
         cannot_tell,
         blocker,
         "the installed level is not known",
         "see the requirement packages-known"},

        {"no-downgrade", "up", {}, {}, met, blocker, "8.1.25.0 → 8.1.27.0"},
        {"no-downgrade",
         "down",
         version("8.1.27.1"),
         {},
         not_met,
         blocker,
         "8.1.27.1 → 8.1.27.0",
         "recall the installed release in the repository if clients shall go back"},

        {"one-way-edges", "none", {}, {}, met, blocker, ""},
        {"one-way-edges", "passwords move out of the registry", version("8.1.0.0"),
         [](P& p) { p.approved_one_way = {"session-security"}; }, not_met, blocker,
         "8.1.0.0 → 8.1.27.0 crosses password-store: the new level moves stored passwords into TSM.KDB, TSM.sth and "
         "TSM.IDX and deletes the old entries",
         "approve password-store in the settings (approved_one_way) or in the offer; both stores are captured before "
         "the update"},

        {"edge-known-trouble", "none", {}, {}, met, warning, ""},
        {"edge-known-trouble",
         "from 32 to 64 bit",
         [](M& m) {
             version("7.1.6.0")(m);
             with_32_bit_program(true)(m);
         },
         {},
         not_met,
         warning,
         "windows-32-bit: there is no 32-bit client for Windows in 8.1: services and settings move to the 64-bit side "
         "(" +
             program + ")",
         "nothing; the plan shows what moves"},

        {"edge-prepared",
         "certificate wanted",
         [](M& m) {
             version("8.1.0.0")(m);
             option("SSLACCEPTCERTFROMSERV no")(m);
         },
         {},
         not_met,
         blocker,
         "certificate-first: from this level on sessions are encrypted, and with SSLACCEPTCERTFROMSERV no the client "
         "accepts no certificate by itself (" +
             options + ":3: sslacceptcertfromserv no)",
         "import the server's certificate into dsmcert.kdb first, or set SSLACCEPTCERTFROMSERV yes"},
        {"edge-prepared",
         "a server on the same machine",
         [](M& m) {
             m.processes.push_back({800, 600, "9", R"(C:\Program Files\Tivoli\TSM\server\dsmserv.exe)", {}});
         },
         {},
         not_met,
         blocker,
         "server-running: a Storage Protect server runs on this machine; the installer wants it halted, or restarts "
         "the machine (backup-server is running)",
         "halt the server for the time of the update"},
    };
}

std::vector<WindowsCase> machine() {
    const std::string state = R"(C:\ProgramData\Autodeploy\state)";
    const auto pending = [](const std::string& from) {
        return [from](M& m) {
            m.host_pending = [from](const std::vector<std::string>& below) {
                return pending_renames_below({{from, ""}}, below);
            };
        };
    };
    return {
        {"administrator-rights", "SYSTEM", {}, {}, met, blocker, ""},
        {"administrator-rights",
         "somebody",
         [](M& m) { m.administrator = false; },
         {},
         not_met,
         blocker,
         "the agent does not run with an administrator's rights",
         "start it as SYSTEM, best as the service that its package installs"},

        {"room",
         "enough",
         {},
         needs(state, 900),
         met,
         blocker,
         state + " has 4096 MiB free, needed are 1100 MiB (the package 900 MiB, left free 200 MiB)"},
        {"room",
         "a drive that is too small",
         {},
         needs(R"(c:\programdata\autodeploy\STATE\staging)", 4000),
         not_met,
         blocker,
         state + " has 4096 MiB free, needed are 4200 MiB (the package 4000 MiB, left free 200 MiB)",
         "free at least 104 MiB more there"},
        {"room",
         "two on one drive",
         {},
         [state](P& p) {
             p.needs = {{state, std::uint64_t(2000) << 20, "the package"},
                        {windows_client, std::uint64_t(2000) << 20, "the new files"}};
         },
         not_met,
         blocker,
         state + " has 4096 MiB free, needed are 4200 MiB (the package 2000 MiB, the new files 2000 MiB, left free 200 "
                 "MiB)",
         "free at least 104 MiB more there"},
        {"room", "two on two drives",
         [](M& m) {
             put_product(m, "BackupClient", R"(E:\TSM\baclient)");
             m.files.rename_durably(program, R"(E:\TSM\baclient\dsmc.exe)");
             m.installers.front().owners = {{R"(E:\TSM\baclient\dsmc.exe)", "IBM Storage Protect Client"}};
         },
         [state](P& p) {
             p.needs = {{state, std::uint64_t(2000) << 20, "the package"},
                        {R"(E:\TSM\baclient)", std::uint64_t(2000) << 20, "the new files"}};
         },
         met, blocker,
         state +
             " has 4096 MiB free, needed are 2200 MiB (the package 2000 MiB, left free 200 MiB); "
             R"(E:\TSM\baclient has 4096 MiB free, needed are 2200 MiB (the new files 2000 MiB, left free 200 MiB))"},
        {"room", "cannot be asked", [state](M& m) { m.files.fail_path(state, "io_error"); }, needs(state, 900),
         cannot_tell, blocker, "cannot read " + state + ": io_error (fake)", "see that the file system can be asked"},

        {"file-systems-writable", "writable", {}, {}, met, blocker, ""},
        {"file-systems-writable",
         "read-only",
         [](M& m) { m.mount_properties[R"(C:\Program Files)"] = {"read-only"}; },
         {},
         not_met,
         blocker,
         R"(C:\Program Files is read-only)",
         "make the drive writable for the time of the update"},
        {"file-systems-writable",
         "cannot be asked",
         [](M& m) { m.files.fail_path(R"(C:\Windows\Installer)", "io_error"); },
         {},
         cannot_tell,
         blocker,
         R"(cannot read C:\Windows\Installer: io_error (fake))",
         "see that the file system can be asked"},

        {"local-disks", "local", {}, {}, met, blocker, ""},
        {"local-disks",
         "a file server",
         [](M& m) { m.mount_properties[windows_client] = {"network"}; },
         {},
         not_met,
         blocker,
         std::string(windows_client) + " lies on a file server",
         "update the machine that owns these files; if only this one uses them, lower this requirement in the "
         "settings"},
        {"local-disks",
         "cannot be asked",
         [](M& m) { m.files.fail_path(windows_client, "io_error"); },
         {},
         cannot_tell,
         warning,
         "cannot read " + std::string(windows_client) + ": io_error (fake)",
         "see that the file system can be asked"},

        {"native-installer-ready", "free", {}, {}, met, blocker, "msi is free"},
        {"native-installer-ready",
         "msiexec is at work",
         [](M& m) { m.installers.front().busy = "another installation by Windows Installer is at work"; },
         {},
         not_met,
         blocker,
         "another installation by Windows Installer is at work",
         "nothing if another installation is at work: the agent waits for it; one that was broken off is finished by "
         "starting that product's installation once more"},
        {"native-installer-ready",
         "does not answer",
         [](M& m) { m.failing = "installer"; },
         {},
         cannot_tell,
         blocker,
         cannot_read("installer"),
         installer_answers},

        {"packages-not-held", "allowed", {}, {}, met, blocker, ""},
        {"packages-not-held",
         "a policy",
         [](M& m) { m.installers.front().pinned = {"installations are forbidden by a policy (DisableMSI=2)"}; },
         {},
         not_met,
         blocker,
         "installations are forbidden by a policy (DisableMSI=2)",
         "change the group policy \"Turn off Windows Installer\" if the client may be updated"},

        {"no-pending-restart", "none", {}, {}, met, blocker, ""},
        {"no-pending-restart", "of others", pending(R"(C:\Windows\System32\a.dll)"), {}, met, blocker, ""},
        {"no-pending-restart",
         "the client's program",
         pending(program),
         {},
         not_met,
         blocker,
         program + " is removed at the next start of Windows",
         "restart the machine: files of the client wait for it"},
        {"no-pending-restart",
         "a library that another program has in use",
         pending(R"(C:\Program Files\Common Files\Tivoli\TSM\api64\tsmapi64.dll)"),
         {},
         not_met,
         blocker,
         R"(C:\Program Files\Common Files\Tivoli\TSM\api64\tsmapi64.dll is removed at the next start of Windows)",
         "restart the machine: files of the client wait for it"},
        {"no-pending-restart",
         "cannot be read",
         failing("host"),
         {},
         cannot_tell,
         blocker,
         cannot_read("host"),
         "see that the registry can be read"},

        {"detection-complete", "complete", {}, {}, met, warning, ""},
        {"detection-complete",
         "a place is unreadable",
         [](M& m) { m.files.fail_path(R"(C:\ProgramData\Autodeploy\hold)", "access_denied"); },
         {},
         not_met,
         warning,
         R"(hold files: cannot read C:\ProgramData\Autodeploy\hold: access_denied (fake))",
         "make it readable for the agent, so that nothing stays unknown"},
    };
}

std::vector<WindowsCase> coexistence() {
    const std::string hold = R"(C:\ProgramData\Autodeploy\hold)";
    const std::string cluster = "see in Failover Cluster Manager whether a Generic Service resource is the client's "
                                "scheduler; if so, update by hand with that resource offline, else lower this "
                                "requirement in the settings";
    return {
        {"machine-not-held", "free", {}, {}, met, blocker, ""},
        {"machine-not-held",
         "held",
         [hold](M& m) { m.files.put(hold, ""); },
         {},
         not_met,
         blocker,
         hold + " is there",
         "remove the file when the tool or person that made it is done"},
        {"machine-not-held",
         "cannot be read",
         [hold](M& m) { m.files.fail_path(hold, "access_denied"); },
         {},
         cannot_tell,
         blocker,
         "cannot read " + hold + ": access_denied (fake)",
         "make the directory readable for the agent"},

        {"trigger-rights",
         "SYSTEM",
         {},
         [](P& p) {
             p.caller = TriggerCaller{"NT AUTHORITY\\SYSTEM", true};
         },
         met,
         blocker,
         "run by NT AUTHORITY\\SYSTEM"},
        {"trigger-rights",
         "a lesser user",
         {},
         [](P& p) {
             p.caller = TriggerCaller{"CORP\\backup", false};
         },
         not_met,
         blocker,
         "the trigger was run by CORP\\backup",
         "let the scheduler's service log on as Local System or as an administrator"},

        {"vendor-deployment-idle", "idle", {}, {}, met, blocker, ""},
        {"vendor-deployment-idle",
         "at work",
         [](M& m) {
             m.processes.push_back(
                 {730, 700, "60", R"(C:\Windows\System32\cmd.exe)", {"/c", R"(..\IBM_ANR_WIN\deployclient.bat)"}});
         },
         {},
         not_met,
         blocker,
         R"(process 730 C:\Windows\System32\cmd.exe ..\IBM_ANR_WIN\deployclient.bat)",
         "wait until it has ended; to leave updates to this agent alone, run SET DEPLOYPKGUPDATES OFF at the server"},
        {"vendor-deployment-idle",
         "cannot be seen",
         failing("processes"),
         {},
         cannot_tell,
         blocker,
         cannot_read("processes"),
         table},

        {"no-cluster", "none", {}, {}, met, blocker, ""},
        {"no-cluster",
         "a node of a cluster",
         [](M& m) { m.cluster_software = {"Failover Clustering"}; },
         {},
         not_met,
         blocker,
         "Failover Clustering is active here and could own the client's service",
         cluster},
        {"no-cluster",
         "clusternode",
         option("CLUSTERNODE yes"),
         {},
         not_met,
         blocker,
         options + ":3: clusternode yes",
         cluster},
        {"no-cluster",
         "cannot be asked",
         failing("host"),
         {},
         cannot_tell,
         warning,
         cannot_read("host"),
         "see that the cluster's tools can be asked"},

        {"api-users", "none", {}, {}, met, warning, ""},
        {"api-users",
         "SQL",
         [](M& m) {
             m.mapping[R"(C:\Program Files\Common Files\Tivoli\TSM\api64\)"] = {
                 {900, 600, "9", R"(C:\Program Files\IBM\SQLLIB\BIN\db2syscs.exe)", {}}};
         },
         {},
         not_met,
         warning,
         R"(C:\Program Files\IBM\SQLLIB\BIN\db2syscs.exe (process 900) has the client's libraries in its memory)",
         "end that software for the time of the update: what is in use is replaced only at the next start of Windows"},
        {"api-users",
         "cannot be seen",
         failing("processes"),
         {},
         cannot_tell,
         warning,
         cannot_read("processes"),
         table},
    };
}

} // namespace

std::vector<WindowsCase> windows_cases() {
    std::vector<WindowsCase> cases;
    for (const auto& part : {client(), client_options(), services(), release(), machine(), coexistence()})
        cases.insert(cases.end(), part.begin(), part.end());
    return cases;
}

Detection windows_detection(StillMachine& machine) {
    DetectSettings settings;
    settings.measured_paths = {R"(C:\ProgramData\Autodeploy\state)"};
    settings.hold_files = {R"(C:\ProgramData\Autodeploy\hold)"};
    Detection detection = detect(machine.platform(), settings);
    detection.server_version = ClientVersion{8, 1, 20, 0};
    for (Volume& volume : detection.volumes)
        if (volume.free_bytes) volume.free_bytes = std::uint64_t(4) << 30;
    return detection;
}

} // namespace autodeploy
