#include "agent/help/help.h"

#include <array>

namespace autodeploy {

namespace {

constexpr std::array pages{
    // Files of the client.
    HelpPage{
        "options_file_malformed", "A file that should hold client options holds something else",
        "The file is larger than 1 MiB, has too many or too long lines, or binary data. Nothing was changed.",
        "Wrong lines in an options file are told as a requirement; this is about files that are no options files at "
        "all: overwritten, damaged, or named by mistake in DSM_CONFIG.",
        "Restore the file from a backup or write it anew; the message names file and line."},
    HelpPage{"password_store_malformed", "The index of stored passwords cannot be read",
             "TSM.IDX does not consist of whole records of the form that is known.",
             "It is being written, damaged, or of a level of the client that the agent does not know. It is only read, "
             "to see "
             "for whom passwords are stored.",
             "Check again. If the client itself asks for its password, run dsmc once and give it."},
    HelpPage{"client_option_autodeploy", "The trigger was refused by the client option autodeploy",
             "The service that ran the trigger uses an options file that says autodeploy no.",
             "The machine's owner does not want updates by the server.",
             "See autodeploy explain client-option-autodeploy."},
    HelpPage{"client_option_passwordaccess", "The trigger was refused: passwordaccess is not generate",
             "The service that ran the trigger would have to ask for its password after an update.",
             "It could not log on by itself.", "See autodeploy explain client-option-passwordaccess."},
    HelpPage{"client_options_unreadable", "The trigger was refused: the client options cannot be told",
             "The options files of the service that ran the trigger cannot be read, or do not fit each other.",
             "Without them nobody knows whether an update is allowed.", "See autodeploy explain options-readable."},
    HelpPage{"requirements_not_met", "The deployment was refused by requirements that are not met",
             "The client is untouched. The report lists each blocker with where it was seen and how to mend it.",
             "An update starts only where nothing that is known stands in its way.",
             "Mend what the report names; autodeploy check shows it again at any time."},

    // Packages.
    HelpPage{"nothing_installed", "There is no client to update", "No package database knows an installed client.",
             "The agent updates, it does not install anew.", "See autodeploy explain client-present."},
    HelpPage{"no_client", "There is no client to update", "No installed client was found, so no release was chosen.",
             "The agent updates, it does not install anew.", "See autodeploy explain client-present."},
    HelpPage{"wrong_release", "A release's name is not of the form V.R.M.F", "Nothing was changed.",
             "Levels are written as four numbers: 8.1.27.0.", "Correct the command or the settings."},
    HelpPage{
        "no_way_back", "The packages of the installed release are not at hand",
        "Nothing was changed. Without them a failed update could not be brought back.",
        "Neither the last deployment kept them nor does the repository have them, or they are not equal to what is "
        "installed.",
        "Publish them with autodeploy-repository add --way-back-only; see autodeploy explain way-back."},
    HelpPage{"package_database_damaged", "The native package database is damaged",
             "Reading it failed for a reason that does not go away by waiting.",
             "An interrupted installation, a full disk, or a fault of the disk.",
             "rpm: rpm --rebuilddb. dpkg: dpkg --audit and dpkg --configure -a. Then check again."},
    HelpPage{"package_unreadable", "A package file cannot be read by the native tool",
             "The header of a package in staging does not say what it should.",
             "The file is damaged or no package. It was not installed.",
             "Let it be fetched again (autodeploy retry); if that fails, the publisher must add the package anew."},
    HelpPage{
        "package_install_failed", "The native installer could not bring about the wanted packages",
        "What happened then stands in the report: usually everything was brought back (rolled_back).",
        "A scriptlet failed, a file was in use, the disk was full. The tool's own words are in the evidence. On "
        "Windows the message has msiexec's code: 1602 cancelled, 1625 forbidden by a policy, 1603 failed and led back "
        "by "
        "itself, 1618 another installation at work, 1619 and 1620 no readable package, 1638 another release of the "
        "same product, 1604 and 1704 an installation that was broken off before.",
        "Read the tool's output in the evidence folder; on Windows msi-N.log, above \"return value 3\". 1604 and "
        "1704: finish or undo that other installation first. After mending the cause, autodeploy retry."},
    HelpPage{"package_files_differ", "Installed files differ from their packages",
             "After the update files of the client were not as the packages have them; it was brought back.",
             "Something else writes to the client's files, or the disk failed.",
             "See which file the message names and who changed it."},
    HelpPage{
        "wrong_package_state", "A package is not in the state that was promised",
        "After the installer ended, the database did not say the wanted version, or not healthy; it was brought back.",
        "The installer's exit code said success, but its database says otherwise.",
        "Read the tool's output in the evidence folder."},
    HelpPage{
        "wrong_client_version", "The client's program says another version than its package",
        "The update was brought back.",
        "The package holds another program than it says, or dsmc could not be run: a missing library, for example.",
        "Run dsmc help by hand with the new package on a test machine; report it to the publisher."},
    HelpPage{"installer_busy", "Another package tool is at work",
             "Nothing was changed. The deployment waits and tries again.",
             "Locks of other tools are waited for and never broken.",
             "Nothing; if it lasts, see autodeploy explain native-installer-ready."},
    HelpPage{"changed_meanwhile", "The machine is not as it was when the plan was made",
             "Nothing was changed. A new plan is made.",
             "Between planning and applying somebody installed, removed or repaired a package of the client.",
             "Nothing, if it was meant."},
    HelpPage{"old_state_not_restored", "The state before could not be brought back completely",
             "A person is needed: the report says what differs. The scheduler was started if it can be.",
             "The way back failed, or something else changed packages at the same time.",
             "Install the release named as \"from\" again from the keep folder with the native tool, then run "
             "autodeploy check."},
    HelpPage{"files_not_restored", "Files of the administrator could not be put back",
             "A person is needed: the report names the files. Their captured content lies in the attempt's folder.",
             "The file system refused, or somebody changed them at the same time.",
             "Compare with the captures and put them back by hand."},
    HelpPage{"settings_not_restored", "Settings of the client in the registry could not be put back",
             "A person is needed: the report names the keys. As they were they lie in the attempt's folder, "
             "captures/…-back-up-settings/stopped.json.",
             "The registry refused, or somebody changed the keys at the same time.",
             "Compare with the capture and put them back by hand (options files of services, dsmcutil query)."},

    // Services.
    HelpPage{"service_not_found", "A service of the client is gone", "The service manager does not know it any more.",
             "A scriptlet removed its definition, or somebody did.",
             "See the captured definition in the attempt's folder; put it back and reload the service manager."},
    HelpPage{"service_start_failed", "A service of the client could not be started",
             "If this happened after an update, it was brought back.",
             "The new client dies at its start, an option is invalid, a port is in use. The service's own log tells.",
             "See journalctl -u NAME and dsmerror.log; correct the cause and start it."},
    HelpPage{
        "service_stop_failed", "A service of the client did not stop in time",
        "Nothing was changed; the services run on.", "A process of it hangs, often in a network file system.",
        "See which process is left. The settings apply.stop_deadline and apply.kill_at_deadline decide how long is "
        "waited and what then."},
    HelpPage{"service_manager_failed", "The service manager did not do what it was asked",
             "The message has its own words.", "systemd was restarted, a unit is masked or broken.",
             "Try the same by hand (systemctl status NAME)."},
    HelpPage{"service_did_not_stay_up", "A service was started and ended again",
             "The update was brought back, because the new client did not stay at work.",
             "The new release crashes on this machine, or its options do not suit it.",
             "See the client's log excerpts in the evidence. Try the release by hand on a test machine."},
    HelpPage{"services_not_restored", "Services could not be brought back to where they were",
             "A person is needed: the report names each service and what differs.",
             "Stopping or starting failed on the way back as well.",
             "Start what should run (systemctl start NAME); the list stands in restart-services in the agent's state."},
    HelpPage{"client_process_remains", "A process of the client is still there after its services were stopped",
             "Nothing was changed; the services run again.", "Somebody works with the client, or a process hangs.",
             "End it, or set apply.remaining_processes to wait or end."},
    HelpPage{"scriptlet_failed", "A scriptlet of the new packages failed, and that is not accepted here",
             "The old release was put back, though the files of the new one were all in place.",
             "The setting apply.failed_scriptlet is roll_back; with verify the client that runs would have decided.",
             "Read the tool's output in the evidence. If what failed is harmless here, set apply.failed_scriptlet to "
             "verify."},
    HelpPage{"server_not_reached", "The new client's scheduler does not reach its server",
             "It could before, and a connection from this machine comes about: so the update was brought back.",
             "A certificate or password does not suit the new release, or the session security of the node does not.",
             "See the scheduler's log in the evidence (ANS1592E, ANS1353E, ANR0428W). If the old client cannot log on "
             "either: UPDATE NODE name SESSIONSECURITY=TRANSITIONAL at the server. If the new one hangs at its logon, "
             "the certificate stores are of an old level (IT41127): do the same and move dsmcert.kdb and dsmcert.sth "
             "away."},
    HelpPage{
        "unconfirmed", "Nobody reaches the server from this machine now",
        "The new release runs, but neither its scheduler nor our own connection reaches the server. It was kept; the "
        "way back is held.",
        "The server or the network is down, which is not the client's fault.",
        "Nothing. It is looked at again; autodeploy rollback goes back if you want to."},
    HelpPage{
        "probation_failed", "The new client became sick after the update was finished",
        "In the days after an update its service crashes again and again, or does not reach its server any more.",
        "Some faults show only under work.",
        "autodeploy rollback returns to the kept release; with verify.after_failed_probation go_back this happens by "
        "itself."},

    // Attempts.
    HelpPage{"attempts_used_up", "The release was tried as often as is allowed",
             "It is not tried again on this client until somebody says so; another release is.",
             "Each attempt failed and was brought back. Trying for ever would stop the scheduler again and again.",
             "Mend the cause of the last attempt (autodeploy history), then autodeploy retry."},
    HelpPage{
        "deadline_passed", "The time to wait is over",
        "The client is untouched: it was never quiet inside the window, or something else kept the deployment waiting "
        "until wait.deadline.",
        "Backups run around the clock, the window is too short, or the scheduler's log cannot be read.",
        "See in status what it waited for. Widen the window or the deadline, or choose what at_deadline does."},
    HelpPage{"cancelled", "A person withdrew the request", "The client is untouched.",
             "autodeploy cancel was run, or Ctrl-C in deploy.", "Nothing."},
    HelpPage{
        "not_idle", "The client is at work", "The deployment waits; nothing was changed.",
        "A schedule's event runs, a person works with dsmc, or the event of the trigger itself is not yet reported.",
        "Nothing: it goes on when the client rests."},
    HelpPage{"dry_run_failed", "The native installer's dry run refuses the update",
             "Nothing was changed: rpm --test or dpkg --dry-run said why.",
             "A dependency is missing, or packages conflict.", "Read its words in the report and mend what they name."},
    HelpPage{"prerequisite_failed", "A runtime that the release needs could not be installed",
             "The client was not stopped and is as it was.",
             "The installer of Visual C++ or Java, which the vendor's package brings, did not reach its end, or the "
             "registry does not show what it should have installed.",
             "Read its log in the attempt's evidence folder (…-prerequisite-N.log), or install that runtime by hand; "
             "then retry."},
    HelpPage{"prerequisite_unknown", "It cannot be told whether a runtime is there", "Nothing was changed.",
             "The registry, where runtimes are found, could not be read.",
             "Run autodeploy check and mend what it names, then retry."},
    HelpPage{"restart_not_allowed", "The update would need a restart that is not allowed",
             "It was brought back, or not begun: a runtime that the release needs may ask for it before the client is "
             "stopped, and the client is then untouched.",
             "A restart needs two keys: the client option autodeploy and the setting restart.",
             "Allow it with both, or close what has the client's files in use, then retry."},
    HelpPage{"restart_not_enough", "A restart did not complete the update",
             "The machine was restarted once for it, which is all that is allowed.",
             "Something kept the files from being replaced at the restart.",
             "Read the report; a person decides about another restart."},
    HelpPage{"restart_did_not_come", "The restart that the update needed did not come, so everything was put back",
             "Services of the client did not run without it, and nobody waits for it while they are down.",
             "Somebody called it off, was logged on for too long, or the window closed.",
             "See apply.restart_logged_on and apply.restart_delay in the settings, then wait for the next trigger."},
    HelpPage{"restart_refused", "The system refuses to restart the machine",
             "It is asked again until apply.restart_deadline; the client's services run meanwhile.",
             "A policy, a right that the agent's service lacks, or a system on which the agent restarts nothing.",
             "Restart the machine by hand: the update is finished after it."},
    HelpPage{"restart_needed_to_go_back", "Going back is completed only by a restart",
             "A person is needed, because the machine is not restarted unasked.",
             "Files of the old release wait to be put in place at the next restart.",
             "Restart the machine at a good time, then see autodeploy status."},
};

} // namespace

std::span<const HelpPage> client_cause_pages() {
    return pages;
}

} // namespace autodeploy
