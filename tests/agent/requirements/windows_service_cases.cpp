#include "tests/agent/requirements/windows_cases.h"

namespace autodeploy::on_windows {

using enum RequirementState;
using enum Severity;

std::vector<WindowsCase> service_cases() {
    const std::string start = "start the service that starts by itself: dsmcutil start /name:\"TSM Client Scheduler\"; "
                              "an acceptor needs MANAGEDSERVICES schedule in its dsm.opt";
    const std::string see_log = "see that SCHEDLOGNAME names the log of the scheduler and that it can be read";
    const auto without_passwords = [](M& m) {
        m.files.remove_tree(R"(C:\ProgramData\Tivoli)");
        m.files.put(scheduler_log, "nothing of the scheduler's\r\n");
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
         "TSM Client Scheduler had an answer at 2026-11-28T19:58:20Z (" + scheduler_log + ")"},
        {"server-reached",
         "by its password",
         [](M& m) { m.files.remove_durably(scheduler_log); },
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
         "TSM Client Scheduler: " + scheduler_log + ": it has no record of the scheduler; " + no_store,
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
         "TSM Client Scheduler: " + scheduler_log + ": it has no record of the scheduler; " + base +
             R"(Nodes\WEB01 is the store of an older level)",
         see_log},

        {"server-reached-lately",
         "a minute ago",
         {},
         {},
         met,
         warning,
         "TSM Client Scheduler: 2026-11-28T19:58:20Z (" + scheduler_log + ")"},
        {"server-reached-lately",
         "days ago",
         [](M& m) {
             m.files.put(scheduler_log, "11/20/2026 19:58:20 --- SCHEDULEREC QUERY BEGIN\r\n"
                                        "11/20/2026 19:58:20 --- SCHEDULEREC QUERY END\r\n");
         },
         {},
         not_met,
         warning,
         "TSM Client Scheduler: 2026-11-20T19:58:20Z (" + scheduler_log + ")",
         "see in its log why the server is not reached; until then an update can only be told to be unconfirmed"},
        {"server-reached-lately",
         "no log",
         [](M& m) { m.files.remove_durably(scheduler_log); },
         {},
         cannot_tell,
         warning,
         "TSM Client Scheduler: " + scheduler_log + ": it does not exist",
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

} // namespace autodeploy::on_windows
