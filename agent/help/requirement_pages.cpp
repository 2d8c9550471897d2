#include "agent/help/help.h"

#include <array>

namespace autodeploy {

namespace {

constexpr std::array pages{
    // What is installed.
    HelpPage{"client-present", "The backup-archive client is installed",
             "The program dsmc was looked for in the vendor's directories and in client_directories of the settings, "
             "and the client's package in the databases of the native installers.",
             "This agent updates a client; it never installs one where there is none, because nobody would have "
             "configured it.",
             "Install the client by hand. If it lies in a directory of its own, name that directory in "
             "client_directories. If the agent may not read it, see the message for the error of the system."},
    HelpPage{
        "packages-known", "A package database owns the client's program",
        "The file dsmc belongs to a package that rpm, dpkg, installp or MSI knows; that installer will do the update.",
        "Files that were unpacked or copied by hand cannot be updated by a native installer, and could not be brought "
        "back either.",
        "Install the same level from the vendor's packages over it. If the database itself is damaged, repair it "
        "first (rpm --rebuilddb, dpkg --audit); on Windows see that the service msiserver starts."},
    HelpPage{
        "packages-healthy", "The installed packages of the client are whole",
        "Every package of the client is in the state that its database calls installed.",
        "A half-installed package is what an interrupted update leaves. The update itself mends it, forward or back, "
        "so this is only a warning.",
        "Nothing, if an update is due. Else install the same package again by hand."},
    HelpPage{
        "versions-agree", "Program and package database say the same version",
        "dsmc was run with \"help\", which needs no session, and its banner was compared with the package's version; "
        "all packages of the client should be of one level.",
        "If they differ, files were replaced outside of the package database, or an update was left in its middle: "
        "then what is called installed is not what runs.",
        "Find out who replaced the files, and install the package again. If dsmc prints no version, run dsmc help by "
        "hand: a missing library or a wrong option in dsm.opt shows there."},
    HelpPage{
        "client-bits", "A 32-bit client stands on a 64-bit system only",
        "The header of dsmc tells 32 or 64 bit; the system was asked for its own.",
        "There are only 64-bit clients now. A 32-bit client on a 64-bit system is replaced by the 64-bit one in the "
        "same update; on a 32-bit system there is nothing to go to.",
        "Replace the machine or its system, or leave this client out of the schedule."},
    HelpPage{
        "only-backup-archive-client", "No other product of the family is installed",
        "All packages, directories and registry keys of the Storage Protect family were listed and the known set of "
        "the backup-archive client taken away; what is left is shown. The Java runtime (below tdpvmware; on "
        "Windows the product \"JVM\") belongs to the client and does not count.",
        "Data Protection, Space Management, the server and others share libraries with the client and want levels "
        "that fit. The vendor allows an automatic update only where the client is alone.",
        "Update such a machine by hand. If the product was removed and only a directory is left, remove the "
        "directory."},
    HelpPage{
        "administrator-files", "Every file of the administrator can be captured",
        "Options files, include lists, certificates, password stores and the definitions of services are saved before "
        "anything changes; they must be readable.",
        "What was not saved could not be put back.",
        "Make the file or directory in the message readable for the agent."},

    // Client options.
    HelpPage{
        "options-readable", "The options files of every service can be read",
        "For each service of the client it was found out which dsm.opt and dsm.sys it uses (-optfile, DSM_CONFIG, "
        "DSM_DIR, the program's directory; on Windows the service's parameters) and which server stanza is in force.",
        "If the agent cannot tell the options, it does not know whether an update is allowed. If a stanza or file is "
        "missing, the client itself could not start again after the update.",
        "Make the two files agree: the SErvername in dsm.opt must have a stanza in dsm.sys. Without a name, "
        "DEFAULTServer in dsm.sys decides, else the first stanza."},
    HelpPage{
        "options-valid", "The options files hold nothing that the client refuses",
        "Lines that the client does not know, keywords in quotes, quotes that are not closed, options in the wrong "
        "file, two lines that disagree, and include lists that are not there are shown with file and line.",
        "A running client has not read its files since it started. After the update it starts anew, and an invalid "
        "line that was written meanwhile keeps it from starting: the update would be rolled back for that.",
        "Correct the lines. The agent's list of options may lack one of a very new client: then the warning does no "
        "harm."},
    HelpPage{
        "client-option-passwordaccess", "The client option passwordaccess is generate for every service",
        "PASSWORDACCESS is looked for in the stanza in force (Windows: in dsm.opt). Absent counts as prompt. The value "
        "must not stand in quotes. Of lines that disagree the more restrictive one counts.",
        "After the update the scheduler has to log on by itself; with prompt somebody would have to type the "
        "password.",
        "Set PASSWORDACCESS generate in the server's stanza of dsm.sys, run dsmc once as root and give the password "
        "(Windows: in dsm.opt, and dsmcutil updatepw), restart the scheduler. A service that is neither enabled nor "
        "running only causes a warning."},
    HelpPage{"client-option-autodeploy", "The client option autodeploy is not no for any service",
             "AUTODEPLOY is looked for in dsm.opt; yes, noreboot and absent allow updates, no forbids them. A no in "
             "dsm.sys, in a misspelled line or in any one service's file counts as well.",
             "It is the vendor's own switch by which a machine's owner says that the server may not update the client.",
             "Set AUTODEPLOY noreboot (or yes) if this client may be updated. The agent restarts no machine unless its "
             "own setting restart allows that too."},
    HelpPage{
        "restart-keys", "It is clear whether the machine may be restarted",
        "Two keys are needed: the client option autodeploy must allow a restart (yes, or absent), and the agent's "
        "setting restart must be in_window or at_once. This line shows which of them are there.",
        "Most dsm.opt files do not set autodeploy, and for the vendor that means yes, restart included. Nobody should "
        "be surprised by that. Only Windows ever needs a restart; on other systems the setting is taken and does "
        "nothing.",
        "Nothing. Leave restart at never, its default, if no machine shall ever be restarted by an update."},
    HelpPage{
        "schedule-allowed", "The server's schedule can run the trigger here",
        "SCHEDCMDDISABLED yes keeps commands of the server from being run, unless SCHEDCMDEXCEPTION has exactly the "
        "trigger's command, blanks and letter case included.",
        "A schedule would fail on this client although all else is well. A deployment that a person starts is not "
        "concerned.",
        "Add the line SCHEDCMDEXCEPTION \"/usr/bin/autodeploy trigger\" to the stanza (on Windows to dsm.opt, with the "
        "program's own path) and restart the scheduler."},
    HelpPage{
        "server-options-unseen", "Options that the server forces cannot be seen here",
        "A client option set at the server can force options. They stand in no file of this machine, and without a "
        "session nobody can ask for them.",
        "A forced PASSWORDACCESS or AUTODEPLOY would be in force although the files say otherwise.",
        "Look at QUERY NODE F=D and QUERY CLOPTSET at the server. This is a note only."},

    // Scheduler, password, server.
    HelpPage{
        "service-manager-present", "The client's services can be stopped and started",
        "systemd, the SysV scripts, AIX's subsystems or the Windows service manager answered.",
        "The scheduler must be stopped for the update and started after it. In a container without an init there is "
        "nothing that could do so.",
        "Update a container by a new image. Elsewhere see why the service manager does not answer."},
    HelpPage{
        "scheduler-running", "A scheduler of the client runs",
        "A service runs dsmc sched (Windows: dsmcsvc.exe), or dsmcad with MANAGEDSERVICES schedule in its options.",
        "The vendor allows automatic updates only where the scheduler runs; and without it nobody could tell after the "
        "update whether the client still works.",
        "Start the service and enable it. An acceptor without MANAGEDSERVICES schedule starts only the web client."},
    HelpPage{"scheduler-as-service", "No scheduler runs outside of the service manager",
             "On Windows a scheduler that was started by hand in a session is no service.",
             "It could not be stopped and started by the agent, and its files in use would force a restart.",
             "Install it as a service with dsmcutil install scheduler, and end the one in the session."},
    HelpPage{"server-reached", "The client has reached its server at least once",
             "The scheduler's log has an answer of the server, or a password is stored for this server and node.",
             "If it never worked before, nobody could say after the update what broke it.",
             "Run dsmc query session once. If the log cannot be found, set SCHEDLOGNAME to an absolute path."},
    HelpPage{
        "server-reached-lately", "The scheduler had an answer of its server within two poll periods",
        "The last QUERY END in the scheduler's log is not older than twice QUERYSCHEDPERIOD (12 hours if not set).",
        "An update of a client that does not reach its server cannot be confirmed: it ends as unconfirmed and the way "
        "back is held.",
        "See in the log why the server is not reached. A scheduler in prompted mode asks only when it is called; then "
        "this cannot be told."},
    HelpPage{
        "password-stored", "The password of every scheduler is stored",
        "TSM.IDX in the password directory was searched for the server's stanza and the node; the password itself is "
        "never read.",
        "With PASSWORDACCESS generate the scheduler needs it to log on.",
        "Run dsmc once as the user of the service and give the password; on Windows use dsmcutil updatepw. A store of "
        "an older level (TSM.PWD) does not "
        "show whose passwords it has, nor does the registry of an older Windows client."},

    // From where to where.
    HelpPage{
        "release-fits-platform", "The release is made for this platform",
        "Platform and installer in the signed manifest are compared with this machine: rpm and deb are two platforms.",
        "A package of another platform cannot be installed.",
        "Add the vendor's package of this platform to the repository and publish it."},
    HelpPage{"level-supported", "The release may be installed over the installed level",
             "The manifest names the lowest and the highest level over which the release may be installed; below 5.5 "
             "(Windows 5.4) nothing is updated automatically.",
             "Some levels cannot be skipped, or their packages cannot be replaced in place.",
             "Offer a level between first, or update this client by hand."},
    HelpPage{
        "no-downgrade", "The release is not older than what is installed",
        "The offered release is older than the installed one, and no signed recall allows the way down.",
        "Going down may lose passwords and settings of the newer level, and an attacker could use it to bring back old "
        "faults.",
        "If the installed release is bad, recall it in the repository (autodeploy-repository recall). For one machine "
        "use autodeploy rollback."},
    HelpPage{
        "one-way-edges", "No step is taken unapproved that cannot be gone back",
        "Between some levels something changes that old packages do not bring back: the password store, the session "
        "security that the server demands. The step from the installed level to the release crosses such an edge.",
        "After it a rollback restores files and packages, but the server may refuse the old client until somebody "
        "runs a command there.",
        "Approve the edge by its id in approved_one_way of the settings, or in the offer. Have the cure at hand: "
        "UPDATE NODE name SESSIONSECURITY=TRANSITIONAL."},
    HelpPage{"edge-open", "The step from the installed level is not a closed one",
             "Some steps are known not to work, or nobody has written down yet what they change.",
             "An update that nobody has thought through is not done unattended.",
             "Follow the line's advice: usually an update by hand, or a level between."},
    HelpPage{"edge-prepared", "What this step needs beforehand is done",
             "Some steps ask for something first: a certificate imported, language packs removed, a server on the same "
             "machine halted, a kernel module built.",
             "Without it the installer fails, or the new client does not reach its server.",
             "Do what the line says, then check again."},
    HelpPage{"edge-known-trouble", "This step has no known trouble",
             "Something on this machine is known to have caused trouble with this step.",
             "It does not have to happen; if it does, the cause is found quickly.",
             "Read the advice now. Nothing has to be done beforehand."},
    HelpPage{
        "server-level", "The backup server is new enough for the release",
        "The server's level, where something on this machine told it, is compared with what clients of the release "
        "work with.",
        "A client that is far newer than its server may not be able to log on.",
        "Update the server first. If its level is not known here, look at QUERY STATUS there."},
    HelpPage{
        "package-requirements", "What the package's manifest asks for is there",
        "The publisher may note facts that native packages do not check themselves, such as a minimum level of the "
        "server or of the distribution.",
        "A fact that this agent does not know blocks, because it was written for a reason.",
        "Bring the machine to what is asked for, or update the agent if it does not know the fact."},
    HelpPage{
        "vendor-signature", "The vendor's signature is as the settings want it",
        "The publisher recorded in the signed metadata whether the vendor's own signature was verified, does not exist "
        "for this kind of package (deb, AIX), or was waived by a named person.",
        "It is a second lock beside the signatures of the repository.",
        "Publish the package with its signature verified, or change vendor_signature in the settings."},
    HelpPage{
        "shared-parts", "No shared part is lowered",
        "GSKit and runtimes belong to other products as well; the update must not install an older one than is there.",
        "Another product may need the newer level.",
        "Nothing usually: newer shared parts stay in place. If this shows, the plan was made from other packages than "
        "are installed now; check again."},
    HelpPage{
        "prerequisites", "The runtimes that the release needs are there",
        "On Windows a client needs runtimes that other programs share (Visual C++, Java), and its package brings their "
        "installers. One that is missing or older is installed before the client is stopped; a newer one is left "
        "alone, and so is one that does not tell its version.",
        "Without them the new client would not start. They stay if the update is led back: other programs may have "
        "come to use them, and older programs run with newer ones.",
        "Nothing usually. Where files of such a runtime wait for a restart already, restart the machine first. Where "
        "the registry cannot be read, mend that."},
    HelpPage{
        "way-back", "There is a way back to exactly what is installed",
        "The packages of the installed release are at hand and equal to what is installed: not only in version but by "
        "the digest of their headers (AIX can only tell the level).",
        "Native installers have no undo. Without the old packages a failed update could not be brought back.",
        "Publish the installed release with autodeploy-repository add --way-back-only. Who wants to go without sets "
        "allow_without_way_back."},

    // Room, file systems, native installer.
    HelpPage{"administrator-rights", "The agent has an administrator's rights",
             "The agent runs as root, or on Windows elevated or as SYSTEM.",
             "Packages and services cannot be changed otherwise.",
             "Start it as its service. Commands that change something ask the service."},
    HelpPage{
        "room", "Every file system has room for the update and the way back",
        "All that is written is added up for each file system: the package, its unpacked files, the packages for the "
        "way back, the new files beside the old ones, the package database, evidence; and spare_bytes stay free.",
        "A disk that fills up in the middle of an update is the surest way to break a client.",
        "Free the amount in the message, or move the agent's state to another file system."},
    HelpPage{
        "file-systems-writable", "What the update writes to can be written",
        "No place of the client, the package database or the agent is mounted read-only, belongs to an image (ostree), "
        "or is mounted noexec where programs must run.",
        "The native installer would fail in its middle.",
        "Mount it writable for the update. Systems that are built from images are updated by a new image."},
    HelpPage{
        "local-disks", "The client lies on disks of this machine",
        "A directory that the update writes to comes from a file server.",
        "Several machines may share it; one of them must not change it under the others.",
        "Update the machine that owns the files. If only this one uses them, lower the requirement in the settings."},
    HelpPage{
        "native-installer-ready", "The native installer is free and healthy",
        "Nobody holds the lock of rpm, dpkg, installp or MSI, and its database can be read.",
        "Two installers at once damage the database. Locks are never broken.",
        "Nothing if an update of the system is running: the deployment waits. If the lock stays, see which process "
        "holds it."},
    HelpPage{"packages-not-held", "No package of the client is held or locked",
             "apt-mark hold, versionlock and their like were looked at; on Windows the policy DisableMSI.",
             "Somebody has decided that this package shall not change.",
             "Take the hold away, or lower this requirement in the settings if the hold is meant for others only."},
    HelpPage{
        "no-pending-restart", "None of the client's files waits for a restart",
        "On Windows a file in use may be replaced at the next restart. Only the client's own paths are looked at; what "
        "other software waits for does not matter (no-restart-of-others).",
        "An update over files that are about to be replaced ends in a mixture.",
        "Restart the machine at a good time, then check again."},
    HelpPage{"no-restart-of-others", "Nothing else on this machine waits for a restart",
             "Windows' component servicing or Windows Update says that it wants a restart of its own.",
             "It keeps no update of the client from going on: none of the client's files waits.",
             "Nothing for the client's sake; restart the machine when it suits."},
    HelpPage{
        "access-control", "No access control is known to stop new programs",
        "fapolicyd allows only programs that it trusts, AIX's Trusted Execution only those in its signature database, "
        "or those there that were not changed; SELinux only needs right labels, which packages bring.",
        "New files of the client might not be allowed to run.",
        "See that fapolicyd trusts what rpm installs (its rpm plugin), or add the client's directory. On AIX look into "
        "/etc/security/tsd/tepolicies.dat, and switch its policies off for the time of the update (trustchk -p)."},
    HelpPage{
        "detection-complete", "Everything could be looked at",
        "Something could not be read; what it was and why stands in the line.",
        "What was not seen cannot be judged. Where it matters for safety, the requirement concerned blocks by itself.",
        "Make it readable for the agent."},

    // Others on the same machine.
    HelpPage{"machine-not-held", "No other tool has reserved this machine",
             "A hold file of the settings exists (default: hold beside the settings, /etc/autodeploy/hold, on Windows "
             "C:\\ProgramData\\Autodeploy\\hold).",
             "Another tool, or a person, asked the agent to keep its hands off this machine.",
             "Remove the file when they are done. The trigger refuses at once while it is there."},
    HelpPage{
        "trigger-rights", "The trigger was run with an administrator's rights",
        "A scheduled command ran the trigger as a lesser user.", "Only administrators may ask for an update.",
        "Take SCHEDCMDUSER away from the node's options, so that scheduled commands run as root. On Windows let the "
        "scheduler's service log on as Local System or as an administrator."},
    HelpPage{"vendor-deployment-idle", "The vendor's own deployment is not at work",
             "A process that looks like the vendor's deployment of client updates is running.",
             "Two tools must not update the same client at once.",
             "Wait until it has ended. To leave updates to this agent, run SET DEPLOYPKGUPDATES OFF at the server."},
    HelpPage{
        "no-cluster", "No cluster software could own the client's service",
        "Pacemaker, PowerHA, VCS or Microsoft's cluster is active, or CLUSTERNODE yes is set.",
        "A scheduler that is a cluster resource is restarted elsewhere, or its group fails over, when it is stopped.",
        "Freeze the resource (Windows: take it offline), update by hand; or lower this requirement where the scheduler "
        "is no cluster resource."},
    HelpPage{
        "api-users", "No other software has the client's libraries in use",
        "Processes of other software (Db2, Oracle, SAP …) have libApiTSM64 (Windows: tsmapi64.dll) or GSKit in their "
        "memory.",
        "They work with the old library until they are restarted, and may log errors when files of another level lie "
        "beside it (IT23533, IT23560). On Windows what is in use (as the list of loaded files and Windows' Restart "
        "Manager tell) is replaced only at a restart of the machine: where none is allowed (restart-keys), nothing is "
        "begun.",
        "Windows: end that software for the time of the update, or allow a restart. Elsewhere: plan a restart of that "
        "software after the update. Raise this requirement to blocker where that must not be."},
};

} // namespace

std::span<const HelpPage> requirement_pages() {
    return pages;
}

} // namespace autodeploy
