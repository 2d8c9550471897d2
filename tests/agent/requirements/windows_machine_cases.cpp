#include "platform/windows/pending_renames.h"
#include "tests/agent/requirements/windows_cases.h"

namespace autodeploy::on_windows {

using enum RequirementState;
using enum Severity;

namespace {

/// The banner of a session tells the server's level behind the client's.
std::function<void(M&)> banner(const std::string& server) {
    return [server](M& m) {
        m.run = [server](const Command&) {
            return CommandResult{0, "  Client Version 8, Release 1, Level 25.0\r\n  Server Version " + server + "\r\n",
                                 "", false};
        };
    };
}

std::function<void(P&)> signature(SignatureResult result, SignaturePolicy policy) {
    return [result, policy](P& p) {
        p.release->signature = {result, "", "alice", "test release"};
        p.vendor_signature = policy;
    };
}

std::function<void(P&)> needs_runtime(const std::optional<std::string>& installed) {
    FoundPrerequisite found;
    found.payload.use = PayloadUse::prerequisite;
    found.payload.id = {"Visual C++", "14.38.33130", "x64"};
    found.installed = installed;
    return [found](P& p) { p.prerequisites = {found}; };
}

std::function<void(P&)> asks_for(const std::string& fact, const std::string& at_least) {
    return [fact, at_least](P& p) { p.release->requirements = {{fact, at_least, "protocol"}}; };
}

} // namespace

std::vector<WindowsCase> release_cases() {
    const std::string old_name = "IBM Tivoli Storage Manager Client";
    const std::string publish_back = "publish the packages of the installed release with add --way-back-only, or set "
                                     "allow_without_way_back";
    std::vector<WindowsCase> cases{
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

        {"edge-prepared", "nothing to prepare", {}, {}, met, blocker, ""},

        {"edge-open", "open", {}, {}, met, blocker, ""},
        {"edge-open",
         "to 8.2",
         {},
         [](P& p) {
             p.release->release = {8, 2, 0, 0};
         },
         not_met,
         blocker,
         "release-8.2: nobody has written down yet what the step from 8.1 to 8.2 changes",
         "stay with 8.1 levels, or update this client by hand"},

        {"server-level", "new enough", banner("8, Release 1, Level 20.0"), {}, met, warning, "the server is 8.1.20.0"},
        {"server-level",
         "too old",
         banner("6, Release 3, Level 0.0"),
         {},
         not_met,
         warning,
         "the server is 6.3.0.0",
         "update the server first: clients of this release want 7.1.0.0 or newer"},
        {"server-level",
         "unknown",
         {},
         {},
         cannot_tell,
         note,
         "nothing on this machine tells the level of the backup server",
         "see that the server is 7.1.0.0 or newer"},

        {"package-requirements", "none", {}, {}, met, blocker, ""},
        {"package-requirements",
         "Windows is new enough",
         {},
         asks_for("distribution", "windows 10.0.17763"),
         met,
         blocker,
         "distribution at least windows 10.0.17763 (protocol)"},
        {"package-requirements",
         "Windows is too old",
         {},
         asks_for("distribution", "windows 10.0.26100"),
         not_met,
         blocker,
         "distribution at least windows 10.0.26100 (protocol): it is windows 10.0.20348",
         "update the system first"},
        {"package-requirements", "the server is too old", banner("8, Release 1, Level 20.0"),
         asks_for("server_level", "8.1.24.0"), not_met, blocker,
         "server_level at least 8.1.24.0 (protocol): it is 8.1.20.0", "update the server first"},
        {"package-requirements",
         "the server is unknown",
         {},
         asks_for("server_level", "8.1.24.0"),
         cannot_tell,
         warning,
         "server_level at least 8.1.24.0 (protocol): nothing on this machine tells it",
         "see that the server is new enough"},

        {"vendor-signature", "verified", {}, {}, met, blocker, "verified when it was published: key E58157A3"},
        {"vendor-signature",
         "waived, but not here",
         {},
         signature(SignatureResult::waived, SignaturePolicy::no_waiver),
         not_met,
         blocker,
         "waived by alice: test release",
         "publish the package with its signature verified, or set vendor_signature to as_published"},

        {"shared-parts", "they lie within the client's own package", {}, {}, met, blocker, ""},

        {"prerequisites", "newer", {}, needs_runtime("v14.40.1.00"), met, note, "Visual C++ (x64) v14.40.1.00"},
        {"prerequisites",
         "missing",
         {},
         needs_runtime({}),
         not_met,
         note,
         "Visual C++ (x64) is missing; 14.38.33130 is installed before the client is stopped",
         "nothing: the agent installs it, and it stays whatever becomes of the update"},

        {"way-back",
         "at hand",
         {},
         {},
         met,
         blocker,
         "the packages of the installed release are at hand, equal by digest"},
        {"way-back",
         "another package than what is installed",
         {},
         [](P& p) { p.way_back->differences = {"IBM Storage Protect Client: installed {A}, kept {B}"}; },
         not_met,
         blocker,
         "IBM Storage Protect Client: installed {A}, kept {B}",
         publish_back},
        {"way-back",
         "not looked for yet",
         {},
         [](P& p) { p.way_back.reset(); },
         cannot_tell,
         note,
         "the packages of the installed release were not looked for yet"},
    };
    for (const char* id : {"release-fits-platform", "level-supported", "no-downgrade", "one-way-edges", "edge-open",
                           "edge-prepared", "edge-known-trouble", "server-level", "package-requirements",
                           "vendor-signature", "shared-parts", "prerequisites", "way-back"})
        cases.push_back(
            {id, "no release", {}, [](P& p) { p.release.reset(); }, cannot_tell, note, "no release is chosen yet"});
    return cases;
}

std::vector<WindowsCase> machine_cases() {
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
        {"packages-not-held",
         "the policies cannot be read",
         failing("policies"),
         {},
         cannot_tell,
         warning,
         cannot_read("policies"),
         "see that the native tool can list what is held"},

        {"no-restart-of-others", "none", {}, {}, met, note, ""},
        {"no-restart-of-others",
         "an update of Windows",
         [](M& m) {
             m.registry.put(
                 R"(HKLM64\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired)", "x",
                 "1");
         },
         {},
         not_met,
         note,
         R"(Windows waits for a restart by itself (HKLM64\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired); no file of the client does)",
         "nothing for the client's sake; restart the machine when it suits"},
        {"no-restart-of-others",
         "cannot be read",
         [](M& m) { m.registry.denied = "RebootPending"; },
         {},
         cannot_tell,
         note,
         cannot_read("registry"),
         "see that the registry can be read"},
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

        {"access-control", "nothing of a Linux", {}, {}, met, warning, ""},

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

std::vector<WindowsCase> coexistence_cases() {
    const auto sql = [](M& m) {
        m.mapping[R"(C:\Program Files\Common Files\Tivoli\TSM\api64\)"] = {
            {900, 600, "9", R"(C:\Program Files\IBM\SQLLIB\BIN\db2syscs.exe)", {}}};
    };
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
         sql,
         {},
         not_met,
         blocker,
         R"(C:\Program Files\IBM\SQLLIB\BIN\db2syscs.exe (process 900) has files of the client in use)",
         "end that software for the time of the update: what is in use is replaced only at a restart of the machine, "
         "which is not allowed (see restart-keys)"},
        {"api-users", "SQL, and a restart is allowed", sql, [](P& p) { p.restart = RestartPolicy::at_once; }, not_met,
         warning, R"(C:\Program Files\IBM\SQLLIB\BIN\db2syscs.exe (process 900) has files of the client in use)",
         "end that software for the time of the update, or leave it: what is in use is replaced at a restart of the "
         "machine, which is allowed"},
        {"api-users", "SQL, and autodeploy forbids a restart",
         [sql](M& m) {
             sql(m);
             option("AUTODEPLOY noreboot")(m);
         },
         [](P& p) { p.restart = RestartPolicy::at_once; }, not_met, blocker,
         R"(C:\Program Files\IBM\SQLLIB\BIN\db2syscs.exe (process 900) has files of the client in use)",
         "end that software for the time of the update: what is in use is replaced only at a restart of the machine, "
         "which is not allowed (see restart-keys)"},
        {"api-users",
         "an editor has a program of the client open",
         [](M& m) {
             m.processes.push_back({901, 600, "9", R"(C:\Tools\hex.exe)", {}});
             m.holding[R"(C:\Program Files\Tivoli\TSM\baclient\dsmc.exe)"] = {m.processes.back()};
         },
         {},
         not_met,
         blocker,
         R"(C:\Tools\hex.exe (process 901) has files of the client in use)",
         "end that software for the time of the update: what is in use is replaced only at a restart of the machine, "
         "which is not allowed (see restart-keys)"},
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

} // namespace autodeploy::on_windows
