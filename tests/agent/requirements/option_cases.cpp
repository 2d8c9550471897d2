#include "tests/agent/requirements/requirement_cases.h"

namespace autodeploy {

using enum RequirementState;
using enum Severity;

namespace {

EffectiveOptions& options(Detection& detection) {
    return detection.services.front().options;
}

void set(Detection& detection, const std::string& name, const std::string& value, const std::string& problem = "") {
    options(detection).values[name] = {value, problem.empty() ? value : "", "/x/dsm.sys:9", problem};
}

void unused(Detection& detection) {
    detection.services.front().service.enabled = false;
    detection.services.front().service.running = false;
}

} // namespace

std::vector<RequirementCase> option_cases() {
    using D = Detection;
    using P = PreflightInput;
    const std::string no_service = "no service of the client was found, so nobody knows which options files are used";
    const std::string set_up = "set up the scheduler as a service: dsmcad with MANAGEDSERVICES schedule, or dsmc sched";
    const std::string generate = "set PASSWORDACCESS generate in the server's stanza of dsm.sys, without quotes, and "
                                 "run dsmc once to store the password";
    const std::string allow = "set AUTODEPLOY noreboot (or yes) in this file if this client may be updated; one no "
                              "refuses the whole client";
    const std::string stanza = "/opt/tivoli/tsm/client/ba/bin/dsm.sys:1, stanza SERVER1";
    return {
        {"options-readable", "readable", [](D&, P&) {}, met, blocker,
         "/opt/tivoli/tsm/client/ba/bin/dsm.opt, directory of the program (dsmcad.service)", ""},
        {"options-readable", "a stanza is missing",
         [](D& d, P&) { options(d).unreadable = "cannot tell the options in force: x"; }, not_met, blocker,
         "cannot tell the options in force: x (dsmcad.service)",
         "mend the options files: the client itself cannot start with them"},
        {"options-readable", "of a leftover",
         [](D& d, P&) {
             options(d).unreadable = "cannot tell the options in force: x";
             unused(d);
         },
         not_met, warning, "cannot tell the options in force: x (dsmcad.service)",
         "mend the options files: the client itself cannot start with them"},
        {"options-readable", "the environment of the service cannot be read",
         [](D& d, P&) {
             d.unreadable["options of " + d.services.front().service.name] = "cannot read /proc/100/environ: x";
         },
         cannot_tell, blocker, "cannot read /proc/100/environ: x", "make the options files readable for the agent"},
        {"options-readable", "no service", [](D& d, P&) { d.services.clear(); }, cannot_tell, blocker, no_service,
         set_up},
        {"options-readable", "services cannot be listed",
         [](D& d, P&) {
             d.services.clear();
             d.unreadable["services"] = "cannot ask systemd: x";
         },
         cannot_tell, blocker, "cannot ask systemd: x", "see that the service manager answers, then check again"},

        {"options-valid", "valid", [](D&, P&) {}, met, warning, "", ""},
        {"options-valid", "an unknown option",
         [](D& d, P&) { options(d).problems = {"/x/dsm.sys:7: unknown option \"foo\""}; }, not_met, warning,
         "/x/dsm.sys:7: unknown option \"foo\"",
         "correct these lines: with an invalid one the client may refuse to start again"},
        {"options-valid", "an include list that is not there",
         [](D& d, P&) { options(d).referenced_files = {"/etc/tsm/none"}; }, not_met, warning,
         "inclexcl names /etc/tsm/none, which is not there (dsmcad.service)",
         "make the file or take the line away: the client refuses to start without it"},

        {"options-valid", "options unreadable",
         [](D& d, P&) { options(d).unreadable = "cannot tell the options in force: x"; }, cannot_tell, warning,
         "cannot tell the options in force: x", "mend the options files"},

        {"client-option-passwordaccess", "generate", [](D&, P&) {}, met, blocker,
         "/opt/tivoli/tsm/client/ba/bin/dsm.sys:4: passwordaccess generate (dsmcad.service)", ""},
        {"client-option-passwordaccess", "prompt", [](D& d, P&) { set(d, "passwordaccess", "prompt"); }, not_met,
         blocker, "/x/dsm.sys:9: passwordaccess prompt (dsmcad.service)", generate},
        {"client-option-passwordaccess", "in quotes",
         [](D& d, P&) { set(d, "passwordaccess", "generate", "the value of passwordaccess must not stand in quotes"); },
         not_met, blocker,
         "/x/dsm.sys:9: passwordaccess generate (dsmcad.service), and the value of passwordaccess must not stand in "
         "quotes",
         generate},
        {"client-option-passwordaccess", "absent", [](D& d, P&) { options(d).values.erase("passwordaccess"); }, not_met,
         blocker, "passwordaccess is not set in " + stanza + " (dsmcad.service); its default is prompt", generate},
        {"client-option-passwordaccess", "prompt in a leftover",
         [](D& d, P&) {
             set(d, "passwordaccess", "prompt");
             unused(d);
         },
         not_met, warning, "/x/dsm.sys:9: passwordaccess prompt (dsmcad.service)", generate},
        {"client-option-passwordaccess", "a leftover beside a good one",
         [](D& d, P&) {
             d.services.push_back(d.services.front());
             set(d, "passwordaccess", "prompt");
             unused(d);
         },
         not_met, warning, "/x/dsm.sys:9: passwordaccess prompt (dsmcad.service)", generate},
        {"client-option-passwordaccess", "one of two in use",
         [](D& d, P&) {
             d.services.push_back(d.services.front());
             d.services.back().service.name = "second.service";
             set(d, "passwordaccess", "prompt");
         },
         not_met, blocker, "/x/dsm.sys:9: passwordaccess prompt (dsmcad.service)", generate},
        {"client-option-passwordaccess", "options unreadable",
         [](D& d, P&) { options(d).unreadable = "cannot tell the options in force: x"; }, cannot_tell, blocker,
         "cannot tell the options in force: x", "mend the options files"},

        {"client-option-autodeploy", "absent", [](D&, P&) {}, met, blocker,
         "autodeploy is not set in " + stanza + " (dsmcad.service), which means yes", ""},
        {"client-option-autodeploy", "yes", [](D& d, P&) { set(d, "autodeploy", "yes"); }, met, blocker,
         "/x/dsm.sys:9: autodeploy yes (dsmcad.service)", ""},
        {"client-option-autodeploy", "noreboot", [](D& d, P&) { set(d, "autodeploy", "noreboot"); }, met, blocker,
         "/x/dsm.sys:9: autodeploy noreboot (dsmcad.service)", ""},
        {"client-option-autodeploy", "no", [](D& d, P&) { set(d, "autodeploy", "no"); }, not_met, blocker,
         "/x/dsm.sys:9: autodeploy no (dsmcad.service)", allow},
        {"client-option-autodeploy", "no in the file of the wrong kind",
         [](D& d, P&) {
             set(d, "autodeploy", "no");
             options(d).system_file = "/x/dsm.sys";
             options(d).user_file = "/x/dsm.opt";
         },
         not_met, blocker, "/x/dsm.sys:9: autodeploy no (dsmcad.service)",
         "take this line away and set AUTODEPLOY noreboot (or yes) in /x/dsm.opt if this client may be updated; one no "
         "refuses the whole client"},
        {"client-option-autodeploy", "nonsense",
         [](D& d, P&) { set(d, "autodeploy", "maybe", "\"maybe\" is no value of autodeploy"); }, not_met, blocker,
         "/x/dsm.sys:9: autodeploy maybe (dsmcad.service), and \"maybe\" is no value of autodeploy", allow},
        {"client-option-autodeploy", "no in a leftover",
         [](D& d, P&) {
             set(d, "autodeploy", "no");
             unused(d);
         },
         not_met, warning, "/x/dsm.sys:9: autodeploy no (dsmcad.service)", allow},
        {"client-option-autodeploy", "options unreadable",
         [](D& d, P&) { options(d).unreadable = "cannot tell the options in force: x"; }, cannot_tell, blocker,
         "cannot tell the options in force: x", "mend the options files"},

        {"restart-keys", "never", [](D&, P&) {}, met, note,
         "the machine is never restarted: the setting restart is never", ""},
        {"restart-keys", "both keys", [](D&, P& p) { p.restart = RestartPolicy::in_window; }, met, note,
         "the machine is never restarted: no package of this system needs that, though the setting restart is "
         "in_window",
         ""},
        {"restart-keys", "noreboot",
         [](D& d, P& p) {
             p.restart = RestartPolicy::at_once;
             set(d, "autodeploy", "noreboot");
         },
         met, note,
         "the machine is never restarted: no package of this system needs that, though the setting restart is at_once",
         ""},

        {"restart-keys", "options unreadable",
         [](D& d, P& p) {
             p.restart = RestartPolicy::at_once;
             options(d).unreadable = "cannot tell the options in force: x";
         },
         cannot_tell, note, "the machine is never restarted: cannot tell the options in force: x (dsmcad.service)",
         "mend the options files"},

        {"schedule-allowed", "not disabled", [](D&, P&) {}, met, warning, "", ""},
        {"schedule-allowed", "disabled", [](D& d, P&) { set(d, "schedcmddisabled", "yes"); }, not_met, warning,
         "/x/dsm.sys:9: schedcmddisabled yes (dsmcad.service), and no exception is exactly the trigger",
         "add SCHEDCMDEXCEPTION \"/usr/bin/autodeploy trigger\" to the stanza and restart the scheduler"},
        {"schedule-allowed", "with an exception",
         [](D& d, P&) {
             set(d, "schedcmddisabled", "yes");
             options(d).repeated["schedcmdexception"] = {{"/usr/bin/autodeploy trigger", "", "/x/dsm.sys:10", ""}};
         },
         met, warning, "/x/dsm.sys:9: schedcmddisabled yes (dsmcad.service), with an exception for the trigger", ""},
        {"schedule-allowed", "retrieving is disabled",
         [](D& d, P& p) {
             set(d, "schedrestretrdisabled", "yes");
             p.retrieved_by_client = true;
         },
         not_met, warning,
         "/x/dsm.sys:9: schedrestretrdisabled yes (dsmcad.service), and packages come through the client",
         "use the retrieve command of the settings and no RETRIEVE schedule, or take the line away"},

        {"schedule-allowed", "options unreadable",
         [](D& d, P&) { options(d).unreadable = "cannot tell the options in force: x"; }, cannot_tell, warning,
         "cannot tell the options in force: x", "mend the options files"},

        {"server-options-unseen", "always", [](D&, P&) {}, cannot_tell, note,
         "options that the server forces through a client option set stand in no file here",
         "look at QUERY CLOPTSET for this node at the server"},
    };
}

} // namespace autodeploy
