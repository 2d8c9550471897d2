#include "tests/agent/requirements/requirement_cases.h"

namespace autodeploy {

using enum RequirementState;
using enum Severity;

namespace {

/// Where the system's tool writes the client.
std::string tree(const Detection& detection) {
    return detection.installer == "installp" ? "/usr" : "/opt/tivoli";
}

Volume& volume(Detection& detection, const std::string& path) {
    for (Volume& candidate : detection.volumes)
        if (candidate.path == path) return candidate;
    return detection.volumes.emplace_back(Volume{path, 0, {}, {}});
}

} // namespace

std::vector<RequirementCase> machine_cases() {
    using D = Detection;
    using P = PreflightInput;
    const std::string database = "repair the package database, then check again";
    const std::string image = "update the image instead of this machine";
    return {
        {"administrator-rights", "root", [](D&, P&) {}, met, blocker, "", ""},
        {"administrator-rights", "somebody", [](D& d, P&) { d.administrator = false; }, not_met, blocker,
         "the agent does not run with an administrator's rights",
         "start it as root, best as the service that its package installs"},

        {"room", "enough",
         [](D&, P& p) {
             p.needs = {{"/var/lib/autodeploy", std::uint64_t(900) << 20, "the package"}};
         },
         met, blocker,
         "/var/lib/autodeploy has 4096 MiB free, needed are 1100 MiB (the package 900 MiB, left free 200 MiB)", ""},
        {"room", "exactly enough",
         [](D&, P& p) {
             p.needs = {{"/var/lib/autodeploy", std::uint64_t(3896) << 20, "the package"}};
         },
         met, blocker,
         "/var/lib/autodeploy has 4096 MiB free, needed are 4096 MiB (the package 3896 MiB, left free 200 MiB)", ""},
        {"room", "a byte too little",
         [](D&, P& p) {
             p.needs = {{"/var/lib/autodeploy", (std::uint64_t(3896) << 20) + 1, "the package"}};
         },
         not_met, blocker,
         "/var/lib/autodeploy has 4096 MiB free, needed are 4097 MiB (the package 3897 MiB, left free 200 MiB)",
         "free at least 1 MiB more there"},
        {"room", "two on one file system",
         [](D& d, P& p) {
             p.needs = {{"/var/lib/autodeploy/staging", std::uint64_t(2000) << 20, "its unpacked files"},
                        {tree(d) + "/tsm", std::uint64_t(2000) << 20, "the new files"}};
         },
         not_met, blocker,
         "/var/lib/autodeploy has 4096 MiB free, needed are 4200 MiB (its unpacked files 2000 MiB, the new files 2000 "
         "MiB, left free 200 MiB)",
         "free at least 104 MiB more there"},
        {"room", "two on two file systems",
         [](D& d, P& p) {
             volume(d, tree(d)).device = 7;
             volume(d, tree(d)).free_bytes = std::uint64_t(2200) << 20;
             p.needs = {{"/var/lib/autodeploy/staging", std::uint64_t(2000) << 20, "its unpacked files"},
                        {tree(d) + "/tsm", std::uint64_t(2000) << 20, "the new files"}};
         },
         met, blocker,
         "/var/lib/autodeploy has 4096 MiB free, needed are 2200 MiB (its unpacked files 2000 MiB, left free 200 MiB); "
         "/opt/tivoli has 2200 MiB free, needed are 2200 MiB (the new files 2000 MiB, left free 200 MiB)",
         ""},
        {"room", "systemd's own place",
         [](D& d, P&) {
             d.volumes.push_back({"/run", 9, (std::uint64_t(16) << 20) - 1, {}});
         },
         not_met, blocker, "/run has 15 MiB free, and systemd reads its units again only with 16 MiB",
         "free at least 1 MiB more there"},
        {"room", "systemd's own place is small, but large enough",
         [](D& d, P& p) {
             d.volumes.push_back({"/run", 9, std::uint64_t(16) << 20, {}});
             p.needs = {{"/var/lib/autodeploy", std::uint64_t(900) << 20, "the package"}};
         },
         met, blocker,
         "/var/lib/autodeploy has 4096 MiB free, needed are 1100 MiB (the package 900 MiB, left free 200 MiB)", ""},
        {"room", "cannot be asked",
         [](D& d, P& p) {
             p.needs = {{"/var/lib/autodeploy", 1, "the package"}};
             volume(d, "/var/lib/autodeploy").free_bytes.reset();
             d.unreadable["room at /var/lib/autodeploy"] = "cannot ask /var/lib/autodeploy: x";
         },
         cannot_tell, blocker, "cannot ask /var/lib/autodeploy: x", "see that the file system can be asked"},
        {"room", "nothing is known to be written", [](D&, P& p) { p.needs.clear(); }, cannot_tell, note,
         "it is not known yet what is to be written", ""},

        {"file-systems-writable", "writable", [](D&, P&) {}, met, blocker, "", ""},
        {"file-systems-writable", "read-only", [](D& d, P&) { volume(d, tree(d)).properties = {"read-only"}; }, not_met,
         blocker, "/opt/tivoli is read-only", "mount it writable for the time of the update"},
        {"file-systems-writable", "our own place is read-only",
         [](D& d, P&) { volume(d, "/var/lib/autodeploy").properties = {"read-only"}; }, not_met, blocker,
         "/var/lib/autodeploy is read-only", "mount it writable for the time of the update"},
        {"file-systems-writable", "noexec", [](D& d, P&) { volume(d, tree(d)).properties = {"noexec"}; }, not_met,
         blocker, "/opt/tivoli is mounted noexec, and the client's programs lie there", "mount it without noexec"},
        {"file-systems-writable", "noexec elsewhere",
         [](D& d, P&) { volume(d, "/var/lib/autodeploy").properties = {"noexec"}; }, met, blocker, "", ""},
        {"file-systems-writable", "ostree", [](D& d, P&) { volume(d, "/usr/bin").properties = {"ostree"}; }, not_met,
         blocker, "/usr/bin belongs to an image (ostree)", image, "linux"},
        {"file-systems-writable", "started from an image", [](D& d, P&) { d.facts["ostree"] = "booted"; }, not_met,
         warning, "this system was started from an image (ostree)", image},

        {"file-systems-writable", "cannot be asked",
         [](D& d, P&) { d.unreadable["room at " + tree(d)] = "cannot ask the file system of " + tree(d) + ": x"; },
         cannot_tell, blocker, "cannot ask the file system of /opt/tivoli: x", "see that the file system can be asked"},

        {"local-disks", "local", [](D&, P&) {}, met, blocker, "", ""},
        {"local-disks", "NFS", [](D& d, P&) { volume(d, tree(d)).properties = {"nfs"}; }, not_met, blocker,
         "/opt/tivoli lies on a file server",
         "update the machine that owns these files; if only this one uses them, lower this requirement in the "
         "settings"},

        {"local-disks", "cannot be asked",
         [](D& d, P&) { d.unreadable["room at " + tree(d)] = "cannot ask the file system of " + tree(d) + ": x"; },
         cannot_tell, warning, "cannot ask the file system of /opt/tivoli: x", "see that the file system can be asked"},

        {"native-installer-ready", "free", [](D&, P&) {}, met, blocker, "{tool} is free", ""},
        {"native-installer-ready", "busy",
         [](D& d, P&) { d.installer_busy = "apt-get (process 77) holds /var/lib/dpkg/lock"; }, not_met, blocker,
         "apt-get (process 77) holds /var/lib/dpkg/lock",
         "nothing if another tool is at work: the agent waits for it; else repair the package database"},
        {"native-installer-ready", "cannot be asked",
         [](D& d, P&) { d.unreadable["native installer"] = "cannot ask dpkg: x"; }, cannot_tell, blocker,
         "cannot ask dpkg: x", database},

        {"packages-not-held", "not held", [](D&, P&) {}, met, blocker, "", ""},
        {"packages-not-held", "held", [](D& d, P&) { d.pinned = {"{main} (apt-mark hold)"}; }, not_met, blocker,
         "{main} (apt-mark hold)",
         "take the hold away (apt-mark unhold, dnf versionlock delete) if the client may be updated"},
        {"packages-not-held", "cannot be asked",
         [](D& d, P&) { d.unreadable["pinned packages"] = "cannot ask dnf: x"; }, cannot_tell, warning,
         "cannot ask dnf: x", "see that the native tool can list what is held"},

        {"no-restart-of-others", "none", [](D&, P&) {}, met, note, "", ""},
        {"no-restart-of-others", "an update", [](D& d, P&) { d.facts["restart-of-others"] = "a key"; }, not_met, note,
         "Windows waits for a restart by itself (a key); no file of the client does",
         "nothing for the client's sake; restart the machine when it suits"},
        {"no-restart-of-others", "cannot be read",
         [](D& d, P&) { d.unreadable["restart of others"] = "cannot read the registry: x"; }, cannot_tell, note,
         "cannot read the registry: x", "see that the registry can be read"},
        {"no-pending-restart", "none", [](D&, P&) {}, met, blocker, "", ""},
        {"no-pending-restart", "one of ours", [](D& d, P&) { d.pending_renames = {"a file waits"}; }, not_met, blocker,
         "a file waits", "restart the machine: files of the client wait for it"},
        {"no-pending-restart", "cannot be read",
         [](D& d, P&) { d.unreadable["pending restart"] = "cannot read the registry: x"; }, cannot_tell, blocker,
         "cannot read the registry: x", "see that the registry can be read"},

        {"access-control", "none", [](D&, P&) {}, met, warning, "", ""},
        {"access-control", "SELinux", [](D& d, P&) { d.facts["selinux"] = "enforcing"; }, met, warning,
         "SELinux enforces; labels are restored by the packages", ""},
        {"access-control", "fapolicyd", [](D& d, P&) { d.facts["fapolicyd"] = "running"; }, not_met, warning,
         "fapolicyd runs: it may keep new programs from being executed",
         "trust the packages' files (fapolicyd trusts what rpm installs, if its plugin is set up)"},

        {"access-control", "trusted execution", [](D& d, P&) { d.facts["trusted-execution"] = "STOP_UNTRUSTD"; },
         not_met, warning,
         "Trusted Execution is on with STOP_UNTRUSTD: new programs may not start, or not be installed",
         "see that no file of the client stands in the signature database (trustchk -q FILE), or switch the policies "
         "off for the time of the update (trustchk -p TE=OFF)"},
        {"access-control", "cannot be asked", [](D& d, P&) { d.unreadable["fapolicyd"] = "cannot ask systemd: x"; },
         cannot_tell, warning, "cannot ask systemd: x",
         "see that it can be asked, else look after the update that the client's programs are let run"},

        {"detection-complete", "complete", [](D&, P&) {}, met, warning, "", ""},
        {"detection-complete", "something is unreadable",
         [](D& d, P&) { d.unreadable["SELinux"] = "cannot read /sys/fs/selinux/enforce: x"; }, not_met, warning,
         "SELinux: cannot read /sys/fs/selinux/enforce: x",
         "make it readable for the agent, so that nothing stays unknown"},
    };
}

std::vector<RequirementCase> coexistence_cases() {
    using D = Detection;
    using P = PreflightInput;
    const std::string table = "see that the process table can be read";
    const std::string freeze = "freeze the client's resource in the cluster first, and set the severity of this "
                               "requirement for the machines where the scheduler is no cluster resource";
    return {
        {"machine-not-held", "free", [](D&, P&) {}, met, blocker, "", ""},
        {"machine-not-held", "held", [](D& d, P&) { d.hold_files = {"/etc/autodeploy/hold is there"}; }, not_met,
         blocker, "/etc/autodeploy/hold is there", "remove the file when the tool or person that made it is done"},
        {"machine-not-held", "cannot be read",
         [](D& d, P&) { d.unreadable["hold files"] = "cannot read /etc/autodeploy: x"; }, cannot_tell, blocker,
         "cannot read /etc/autodeploy: x", "make the directory readable for the agent"},

        {"trigger-rights", "no schedule", [](D&, P&) {}, met, blocker, "", ""},
        {"trigger-rights", "root",
         [](D&, P& p) {
             p.caller = TriggerCaller{"root", true};
         },
         met, blocker, "run by root", ""},
        {"trigger-rights", "a lesser user",
         [](D&, P& p) {
             p.caller = TriggerCaller{"tsmuser", false};
         },
         not_met, blocker, "the trigger was run by tsmuser",
         "let the schedule run as root: take SCHEDCMDUSER away from the node's options"},

        {"vendor-deployment-idle", "idle", [](D&, P&) {}, met, blocker, "", ""},
        {"vendor-deployment-idle", "at work", [](D& d, P&) { d.facts["vendor-deployment"] = "process 701 /bin/sh"; },
         not_met, blocker, "process 701 /bin/sh",
         "wait until it has ended; to leave updates to this agent alone, run SET DEPLOYPKGUPDATES OFF at the server"},
        {"vendor-deployment-idle", "cannot be seen",
         [](D& d, P&) { d.unreadable["processes"] = "cannot read /proc: x"; }, cannot_tell, blocker,
         "cannot read /proc: x", table},

        {"no-cluster", "none", [](D&, P&) {}, met, blocker, "", ""},
        {"no-cluster", "Pacemaker", [](D& d, P&) { d.cluster_software = {"Pacemaker"}; }, not_met, blocker,
         "Pacemaker is active here and could own the client's service", freeze},
        {"no-cluster", "clusternode",
         [](D& d, P&) {
             d.services.front().options.values["clusternode"] = {"yes", "yes", "/x/dsm.opt:3", ""};
         },
         not_met, blocker, "/x/dsm.opt:3: clusternode yes", freeze},
        {"no-cluster", "cannot be asked",
         [](D& d, P&) { d.unreadable["cluster software"] = "cannot ask for clusters: x"; }, cannot_tell, warning,
         "cannot ask for clusters: x", "see that the cluster's tools can be asked"},

        {"api-users", "none", [](D&, P&) {}, met, warning, "", ""},
        {"api-users", "Db2",
         [](D& d, P&) {
             d.processes.push_back({{500, 1, "9", "/opt/ibm/db2/adm/db2sysc", {}}, "", true, "/opt/tivoli/"});
         },
         not_met, warning, "/opt/ibm/db2/adm/db2sysc (process 500) has the client's libraries in its memory",
         "plan a restart of that software after the update: until then it works with the old library, and messages in "
         "its log may show that"},
        {"api-users", "cannot be seen", [](D& d, P&) { d.unreadable["processes"] = "cannot read /proc: x"; },
         cannot_tell, warning, "cannot read /proc: x", table},
    };
}

} // namespace autodeploy
