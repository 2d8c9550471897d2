#include "tests/agent/requirements/requirement_cases.h"

namespace autodeploy {

using enum RequirementState;
using enum Severity;

namespace {

ClientService& service(Detection& detection) {
    return detection.services.front();
}

} // namespace

std::vector<RequirementCase> service_cases() {
    using D = Detection;
    using P = PreflightInput;
    const std::string answers = "see that the service manager answers, then check again";
    const std::string start = "start the service; an acceptor needs MANAGEDSERVICES schedule in its stanza";
    const std::string see_log = "see that SCHEDLOGNAME names the log of the scheduler and that it can be read";
    return {
        {"service-manager-present", "systemd", [](D&, P&) {}, met, blocker, "systemd", ""},
        {"service-manager-present", "a container",
         [](D& d, P&) {
             d.service_manager = "none";
             d.facts["container"] = "/.dockerenv";
         },
         not_met, blocker, "no service manager was found, and this is a container (/.dockerenv)",
         "a container is updated by a new image; elsewhere run the client under the system's service manager"},
        {"service-manager-present", "it does not answer",
         [](D& d, P&) { d.unreadable["services"] = "cannot ask systemd: x"; }, cannot_tell, blocker,
         "cannot ask systemd: x", answers},

        {"scheduler-running", "runs", [](D&, P&) {}, met, blocker, "dsmcad.service", ""},
        {"scheduler-running", "stopped", [](D& d, P&) { service(d).service.running = false; }, not_met, blocker,
         "dsmcad.service is enabled but does not run", start},
        {"scheduler-running", "disabled",
         [](D& d, P&) { service(d).service.running = service(d).service.enabled = false; }, not_met, blocker,
         "dsmcad.service does not run and is not enabled", start},
        {"scheduler-running", "an acceptor without schedule",
         [](D& d, P&) {
             service(d).schedules = false;
             service(d).options.values["managedservices"].value = "webclient";
         },
         not_met, blocker,
         "dsmcad.service runs no scheduler: /opt/tivoli/tsm/client/ba/bin/dsm.sys:5: managedservices webclient", start},
        {"scheduler-running", "an acceptor without the option",
         [](D& d, P&) {
             service(d).schedules = false;
             service(d).options.values.erase("managedservices");
         },
         not_met, blocker, "dsmcad.service runs no scheduler: managedservices is not set", start},
        {"scheduler-running", "no service", [](D& d, P&) { d.services.clear(); }, not_met, blocker,
         "no service runs dsmcad or dsmc sched",
         "set up the scheduler as a service: dsmcad with MANAGEDSERVICES schedule, or dsmc sched"},
        {"scheduler-running", "one of two",
         [](D& d, P&) {
             d.services.push_back(d.services.front());
             service(d).service.running = false;
         },
         met, blocker, "dsmcad.service", ""},
        {"scheduler-running", "an acceptor whose options nobody can tell",
         [](D& d, P&) {
             service(d).schedules = false;
             service(d).options.unreadable = "cannot tell the options in force: x";
         },
         cannot_tell, warning, "dsmcad.service: cannot tell the options in force: x", "mend the options files"},
        {"scheduler-running", "services cannot be listed",
         [](D& d, P&) { d.unreadable["services"] = "cannot ask systemd: x"; }, cannot_tell, warning,
         "cannot ask systemd: x", answers},

        {"scheduler-as-service", "not on Windows", [](D&, P&) {}, met, blocker, "", ""},

        {"server-reached", "by its log", [](D&, P&) {}, met, blocker,
         "dsmcad.service had an answer at 2026-11-28T19:58:20Z (/var/log/dsmsched.log)", ""},
        {"server-reached", "by its password",
         [](D& d, P&) {
             service(d).log = {};
             service(d).password_evidence = "/etc/adsm/TSM.IDX has the node";
         },
         met, blocker, "/etc/adsm/TSM.IDX has the node", ""},
        {"server-reached", "never",
         [](D& d, P&) {
             service(d).reached_server_ever = Tell::no;
             service(d).log.why = "it has no record of the scheduler";
             service(d).password_evidence = "neither is there";
         },
         not_met, blocker, "dsmcad.service: /var/log/dsmsched.log: it has no record of the scheduler; neither is there",
         "let the client log on once (dsmc query session), so that it is known that it could before"},
        {"server-reached", "no log",
         [](D& d, P&) {
             service(d).reached_server_ever = Tell::unknown;
             service(d).log.why = "it does not exist";
             service(d).password_evidence.clear();
         },
         cannot_tell, warning, "dsmcad.service: /var/log/dsmsched.log: it does not exist", see_log},

        {"server-reached-lately", "a minute ago", [](D&, P&) {}, met, warning,
         "dsmcad.service: 2026-11-28T19:58:20Z (/var/log/dsmsched.log)", ""},
        {"server-reached-lately", "days ago", [](D& d, P&) { service(d).reached_server_lately = Tell::no; }, not_met,
         warning, "dsmcad.service: 2026-11-28T19:58:20Z (/var/log/dsmsched.log)",
         "see in its log why the server is not reached; until then an update can only be told to be unconfirmed"},
        {"server-reached-lately", "of a clock that was wrong, or prompted",
         [](D& d, P&) { service(d).reached_server_lately = Tell::unknown; }, cannot_tell, warning,
         "dsmcad.service: the newest answer in /var/log/dsmsched.log is of 2026-11-28T19:58:20Z, which does not say "
         "whether it still gets any",
         "see that the clock of this machine is right; a scheduler that the server calls (SCHEDMODE PROMPTED) asks "
         "seldom"},
        {"server-reached-lately", "no log",
         [](D& d, P&) {
             service(d).reached_server_lately = Tell::unknown;
             service(d).log.last_query_end.reset();
             service(d).log.why = "it does not exist";
         },
         cannot_tell, warning, "dsmcad.service: /var/log/dsmsched.log: it does not exist", see_log},

        {"password-stored", "stored", [](D&, P&) {}, met, warning,
         "/etc/adsm/TSM.IDX has the node WEB01 for the server SERVER1 (dsmcad.service)", ""},
        {"password-stored", "not stored",
         [](D& d, P&) {
             service(d).password_stored = Tell::no;
             service(d).password_evidence = "neither /etc/adsm/TSM.IDX nor /etc/adsm/TSM.PWD is there";
         },
         not_met, warning, "neither /etc/adsm/TSM.IDX nor /etc/adsm/TSM.PWD is there (dsmcad.service)",
         "run dsmc once as the user of the service and give the password"},
        {"password-stored", "an old store",
         [](D& d, P&) {
             service(d).password_stored = Tell::unknown;
             service(d).password_evidence = "/etc/adsm/TSM.PWD is the store of an older level";
         },
         cannot_tell, warning, "/etc/adsm/TSM.PWD is the store of an older level (dsmcad.service)",
         "nothing, if the scheduler reaches its server"},
    };
}

} // namespace autodeploy
