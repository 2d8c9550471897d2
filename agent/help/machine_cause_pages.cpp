#include "agent/help/help.h"

#include <array>

namespace autodeploy {

namespace {

constexpr std::array pages{
    // Files and disks.
    HelpPage{"file_not_found", "A file or directory is not there", "The message names it.",
             "It was removed, or never made.",
             "See whether somebody cleaned up; the agent's own files come back by themselves."},
    HelpPage{
        "access_denied", "The system refused access to a file, or the agent refuses the file",
        "The message names the path and the code of the system. The agent also refuses links and places that others "
        "may "
        "write to, where it must rely on what it reads.",
        "Rights are too narrow for the agent, or too wide for safety.",
        "Give root the right, or take write rights from everyone else: the whole path must be the administrator's."},
    HelpPage{"disk_full", "A file system is full", "The message says which one and how much is needed.",
             "Room is checked before an update begins; something else filled the disk, or the check refused to begin.",
             "Free room, then retry. See autodeploy explain room."},
    HelpPage{"read_only", "A file system cannot be written", "The message names the path.",
             "It is mounted read-only, or the system made it so after a fault of the disk (see dmesg).",
             "Mount it writable; after a fault check the disk first."},
    HelpPage{"file_too_large", "A file is larger than what is allowed",
             "It was not read. Limits are there so that nothing can fill the memory or the disk.",
             "A server sends endless data, or a file was overwritten.",
             "See which file; raise the limit only if it is right."},
    HelpPage{"file_in_use", "A file is in use by another program", "The message names it.",
             "A virus scanner, a backup, or another process of the agent has it open.",
             "Try again; exclude the agent's directories from scanners."},
    HelpPage{"io_error", "The disk or file system failed", "The message has the code of the system.",
             "Hardware, a network file system, or a damaged file system.",
             "See the system's log (dmesg); mend the disk first."},

    // Programs.
    HelpPage{"tool_missing", "A program that is needed is not there", "The message names it.",
             "rpm, dpkg, systemctl or the client's program was removed or lies elsewhere.",
             "Install it, or name the directory in the settings."},
    HelpPage{"tool_failed", "A program of the system failed", "The message has its name, its code and its own words.",
             "What it said is the cause.", "Run the same command by hand; mend what it names."},
    HelpPage{"not_supported", "The system has no means for what was asked", "Nothing was done.",
             "This kind of service manager or installer cannot do it.",
             "See the message for what can be done instead."},
    HelpPage{"internal", "The agent met a state that it should not meet",
             "It stopped what it did and put the client back if it had been changed.", "A fault of this program.",
             "Make a support bundle and report it."},
    HelpPage{"crypto_failed", "The cryptographic library cannot work", "Nothing that needs it was done.",
             "OpenSSL is damaged, or a policy of the system forbids an algorithm (FIPS).",
             "See OpenSSL's configuration; openssl list -digest-algorithms."},
    HelpPage{"not_administrator", "An administrator's rights are needed", "Nothing was done.",
             "Requests come from administrators only.",
             "Run it as root; for schedules see autodeploy explain trigger-rights."},
    HelpPage{"held", "A hold file keeps the agent from acting", "Nothing was done.",
             "Another tool or a person has reserved this machine.", "See autodeploy explain machine-not-held."},
    HelpPage{"usage", "The command line is not understood", "Nothing was done.",
             "An option or argument is unknown or missing.", "See autodeploy COMMAND --help."},

    // Settings and the agent's own state.
    HelpPage{"settings_missing", "There is no settings file", "The agent does not guess where its repository is.",
             "It was removed or never made.", "Write /etc/autodeploy/autodeploy.yaml; the package brings an example."},
    HelpPage{"settings_invalid", "The settings are not valid",
             "The message has file, line, what was expected and the nearest key that is known.",
             "A typing error, a wrong type, a value out of range, or a key of another version.",
             "Correct the line; autodeploy check reads the file again."},
    HelpPage{"settings_insecure", "Somebody else could change the settings", "They were not used.",
             "The file or a directory above it may be written by others, or it is a link.",
             "chown root and chmod go-w the file and its directories."},
    HelpPage{"request_malformed", "A request in the spool is no request", "It was moved to refused/ in the spool.",
             "A file that was not written by the agent lies there, or it was damaged.", "Look at it; then remove it."},
    HelpPage{"spool_busy", "The spool of requests is locked", "The request was not accepted.",
             "Another process writes to it for too long.", "Run it again."},
    HelpPage{"spool_full", "Too many requests wait", "The request was not accepted.",
             "64 requests wait: the service does not take them.", "See autodeploy service status and its log."},
    HelpPage{"journal_damaged", "The journal of an update was damaged, so everything was put back",
             "An update was interrupted, and what was found of its journal afterwards did not hold together.",
             "A failing disk or file system, or somebody wrote into the attempt's folder.",
             "Check the disk and the file system's log. The captures brought the old state back; see the notes of the "
             "report for anything that is left."},
    HelpPage{"interrupted_twice", "The update was interrupted twice, so everything was put back",
             "After the first interruption it was taken up again, and interrupted once more. It is not tried for ever.",
             "The machine was restarted, or the agent ended, in the middle of the change two times.",
             "Find out what ends it (journalctl -u autodeploy), then wait for the next trigger or use autodeploy "
             "deploy."},
    HelpPage{"journal_unreadable", "The journal of an attempt cannot be read",
             "The client is brought back from the captures, and services are started.",
             "The file or the disk is damaged.", "Read the report; keep the attempt's folder for support."},
    HelpPage{"attempt_exists", "The folder of an attempt is there already", "Nothing was changed.",
             "A leftover, or two agents.", "See that only one agent runs; then try again."},
    HelpPage{"capture_failed", "A file could not be captured",
             "Nothing was changed: what cannot be saved is not touched.",
             "The file cannot be read, or there is no room for the copy.", "The message names the file."},
    HelpPage{"capture_damaged", "What was captured is damaged",
             "That part cannot be put back by itself; the report says which.",
             "The disk failed, or somebody changed the attempt's folder.", "Put the files back from your own backup."},
    HelpPage{"path_refused", "A name is not safe as a path", "It was not used.",
             "A name from metadata, an archive or a command has \"..\", a drive, a reserved word or a character that "
             "does not belong there.",
             "Report it to the publisher: a good repository has no such name."},
    HelpPage{"not_found", "What was asked for is not in the history", "Nothing was done.",
             "The id is mistyped, or old entries were rotated away.", "See autodeploy history."},
    HelpPage{"agent_stopped", "The agent was stopped in its middle",
             "It goes on with the same deployment at its next start.",
             "An upgrade of the agent, a shutdown, or a person.", "Nothing."},
    HelpPage{"already_running", "The service runs already", "A second one did not start; the first goes on.",
             "It was started by hand beside the system's own, or `service run` was typed at a shell.",
             "Nothing; see autodeploy service status."},
    HelpPage{"busy", "Another process of the agent is at work", "Nothing was done now.",
             "A deployment refreshes, fetches or stages, or the agent's own package is being upgraded.",
             "See autodeploy status and try again."},
    HelpPage{"mode_observe", "The setting mode is observe", "Nothing of the client is changed, by whomever asked.",
             "That is what observe is for.", "Set mode: armed or follow in the settings."},
    HelpPage{"not_cancelled", "A deployment was not cancelled", "It goes on, or has ended meanwhile.",
             "What is being applied is never cut: it ends by itself, or puts everything back by itself.",
             "See autodeploy status; a release that was installed can be left with autodeploy rollback."},
    HelpPage{"not_followed", "The terminal stopped following a deployment", "The deployment goes on in the service.",
             "Ctrl-C was typed twice.", "See autodeploy status --follow."},
    HelpPage{
        "release_left", "This client was led back from that release",
        "It is not taken again by itself; another release is.",
        "A person rolled back, for a reason that the agent cannot know, or it failed in its probation.",
        "autodeploy retry --release VERSION allows it again; autodeploy deploy --release VERSION installs it now."},
    HelpPage{"restart_needed", "Only a restart of the machine completes it",
             "The report says which release runs now and which will after the restart. The scheduler runs meanwhile, "
             "and nothing else is begun.",
             "Files that were in use are replaced while the machine starts; a restart that was allowed did not come in "
             "time, or none is allowed.",
             "Restart the machine when it suits: the agent finishes and verifies after it by itself, and tells how."},
};

} // namespace

std::span<const HelpPage> machine_cause_pages() {
    return pages;
}

} // namespace autodeploy
