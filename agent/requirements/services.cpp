#include "agent/requirements/requirement_table.h"

#include "installer/client/ascii.h"

#include <algorithm>
#include <array>

namespace autodeploy {

namespace {

void manager_present(const Detection& detection, const PreflightInput&, Findings& findings) {
    if (const std::string* why = unreadable(detection, "services")) {
        findings.cannot_tell(*why, "see that the service manager answers, then check again");
    } else if (detection.service_manager.empty() || detection.service_manager == "none") {
        const auto container = detection.facts.find("container");
        findings.not_met(container == detection.facts.end()
                             ? "no service manager was found"
                             : "no service manager was found, and this is a container (" + container->second + ")",
                         "a container is updated by a new image; elsewhere run the client under the system's service "
                         "manager");
    } else {
        findings.met(detection.service_manager == "scm" ? "Windows' service control manager"
                                                        : detection.service_manager);
    }
}

/// Why this service starts no scheduler, for people.
std::string why_no_scheduler(const ClientService& service) {
    const std::string& name = service.service.name;
    if (!service.schedules) {
        const EffectiveOption* managed = service.options.find("managedservices");
        return managed == nullptr
                   ? name + " runs no scheduler: managedservices is not set"
                   : name + " runs no scheduler: " + managed->evidence + ": managedservices " + managed->value;
    }
    return name + (service.service.enabled ? " is enabled but does not run" : " does not run and is not enabled");
}

void scheduler_running(const Detection& detection, const PreflightInput&, Findings& findings) {
    std::vector<std::string> running;
    std::vector<std::string> unknown;
    std::vector<std::string> others;
    std::string to_start;
    bool by_itself = false;
    for (const ClientService& service : detection.services) {
        if (service.schedules && service.service.running) {
            running.push_back(service.service.name);
        } else if (service.service.running && !service.options.unreadable.empty()) {
            unknown.push_back(service.service.name + ": " + service.options.unreadable);
        } else if (service.role == ServiceRole::acceptor || service.role == ServiceRole::scheduler) {
            others.push_back(why_no_scheduler(service));
            if (to_start.empty() || (service.service.enabled && !by_itself)) {
                to_start = service.service.name;
                by_itself = service.service.enabled;
            }
        }
    }
    if (const std::string* why = unreadable(detection, "services")) {
        findings.cannot_tell(*why, "see that the service manager answers, then check again");
    } else if (!running.empty()) {
        findings.met(listed(running));
    } else if (!unknown.empty()) {
        findings.cannot_tell(listed(unknown), "mend the options files");
    } else if (others.empty()) {
        findings.not_met(is_windows(detection) ? "no service runs dsmcsvc.exe or dsmcad.exe"
                                               : "no service runs dsmcad or dsmc sched",
                         set_up_scheduler(detection));
    } else {
        findings.not_met(listed(others),
                         is_windows(detection)
                             ? "start the service that starts by itself: dsmcutil start /name:\"" + to_start +
                                   "\"; an acceptor needs MANAGEDSERVICES schedule in its dsm.opt"
                             : "start the service; an acceptor needs MANAGEDSERVICES schedule in its stanza");
    }
}

void scheduler_as_service(const Detection& detection, const PreflightInput&, Findings& findings) {
    if (!is_windows(detection)) return;
    if (const std::string* why = unreadable(detection, "processes"))
        findings.cannot_tell(*why, "see that the process table can be read");
    for (const ClientProcess& process : detection.processes) {
        const std::vector<std::string>& arguments = process.process.arguments;
        const bool scheduler = std::any_of(arguments.begin(), arguments.end(), [](const std::string& argument) {
            return same_ignoring_case(argument, "sched") || same_ignoring_case(argument, "schedule");
        });
        if (!process.maps_api && process.service.empty() && scheduler)
            findings.not_met("process " + std::to_string(process.process.id) + " (" + process.process.program +
                                 ") runs a scheduler that is no service",
                             "end that process, and " + set_up_scheduler(detection));
    }
}

void server_reached(const Detection& detection, const PreflightInput&, Findings& findings) {
    for (const ClientService& service : detection.services) {
        if (!service.schedules || !in_use(detection, service)) continue;
        const std::string& name = service.service.name;
        const std::string log = service.log.path + (service.log.why.empty() ? "" : ": " + service.log.why);
        if (service.reached_server_ever == Tell::yes) {
            findings.met(service.log.last_query_end
                             ? name + " had an answer at " + utc_text(*service.log.last_query_end) + " (" +
                                   service.log.path + ")"
                         : service.password_stored == Tell::yes ? service.password_evidence
                                                                : log);
        } else if (service.reached_server_ever == Tell::no) {
            findings.not_met(
                name + ": " + log + "; " + service.password_evidence,
                "let the client log on once (dsmc query session), so that it is known that it could before");
        } else {
            findings.cannot_tell(name + ": " + log +
                                     (service.password_evidence.empty() ? "" : "; " + service.password_evidence),
                                 "see that SCHEDLOGNAME names the log of the scheduler and that it can be read");
        }
    }
}

void server_reached_lately(const Detection& detection, const PreflightInput&, Findings& findings) {
    for (const ClientService& service : detection.services) {
        if (!service.schedules || !service.service.running) continue;
        const std::string& name = service.service.name;
        const std::string last =
            service.log.last_query_end ? utc_text(*service.log.last_query_end) : "no answer in its log";
        if (service.reached_server_lately == Tell::yes) {
            findings.met(name + ": " + last + " (" + service.log.path + ")");
        } else if (service.reached_server_lately == Tell::no) {
            findings.not_met(name + ": " + last + " (" + service.log.path + ")",
                             "see in its log why the server is not reached; until then an update can only be told to "
                             "be unconfirmed");
        } else if (service.log.last_query_end) {
            findings.cannot_tell(name + ": the newest answer in " + service.log.path + " is of " + last +
                                     ", which does not say whether it still gets any",
                                 "see that the clock of this machine is right; a scheduler that the server calls "
                                 "(SCHEDMODE PROMPTED) asks seldom");
        } else {
            findings.cannot_tell(name + ": " + service.log.path + ": " + service.log.why,
                                 "see that SCHEDLOGNAME names the log of the scheduler and that it can be read");
        }
    }
}

void password_stored(const Detection& detection, const PreflightInput&, Findings& findings) {
    for (const ClientService& service : detection.services) {
        if (!service.schedules || !in_use(detection, service) || !service.options.unreadable.empty()) continue;
        const std::string evidence = service.password_evidence + " (" + service.service.name + ")";
        if (service.password_stored == Tell::yes) findings.met(evidence);
        if (service.password_stored == Tell::no)
            findings.not_met(evidence, is_windows(detection)
                                           ? "store it: " + store_password(service)
                                           : "run dsmc once as the user of the service and give the password");
        if (service.password_stored == Tell::unknown)
            findings.cannot_tell(evidence, "nothing, if the scheduler reaches its server");
    }
}

constexpr std::array table{
    RequirementRow{"service-manager-present", "the client's services can be stopped and started", Severity::blocker,
                   true, false, false, manager_present},
    RequirementRow{"scheduler-running", "a scheduler of the client runs", Severity::blocker, false, false, false,
                   scheduler_running},
    RequirementRow{"scheduler-as-service", "no scheduler runs outside of the service manager", Severity::blocker, false,
                   false, false, scheduler_as_service},
    RequirementRow{"server-reached", "the client has reached its server at least once", Severity::blocker, false, false,
                   false, server_reached},
    RequirementRow{"server-reached-lately", "the scheduler had an answer of its server within two poll periods",
                   Severity::warning, false, false, false, server_reached_lately},
    RequirementRow{"password-stored", "the password of every scheduler is stored", Severity::warning, false, false,
                   false, password_stored},
};

} // namespace

std::span<const RequirementRow> service_requirements() {
    return table;
}

} // namespace autodeploy
