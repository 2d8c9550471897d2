#include "agent/requirements/requirement_table.h"

#include "installer/client/layout.h"

#include <array>

namespace autodeploy {

namespace {

void not_held(const Detection& detection, const PreflightInput&, Findings& findings) {
    for (const std::string& hold : detection.hold_files)
        findings.not_met(hold, "remove the file when the tool or person that made it is done");
    if (const std::string* why = unreadable(detection, "hold files"))
        findings.cannot_tell(*why, "make the directory readable for the agent");
}

void trigger_rights(const Detection& detection, const PreflightInput& input, Findings& findings) {
    if (!input.caller) return;
    if (input.caller->administrator) {
        findings.met("run by " + input.caller->user);
    } else {
        findings.not_met("the trigger was run by " + input.caller->user,
                         is_windows(detection)
                             ? "let the scheduler's service log on as Local System or as an administrator"
                             : "let the schedule run as root: take SCHEDCMDUSER away from the node's options");
    }
}

void vendor_idle(const Detection& detection, const PreflightInput&, Findings& findings) {
    const auto running = detection.facts.find("vendor-deployment");
    if (running != detection.facts.end())
        findings.not_met(running->second, "wait until it has ended; to leave updates to this agent alone, run "
                                          "SET DEPLOYPKGUPDATES OFF at the server");
    if (const std::string* why = unreadable(detection, "processes"))
        findings.cannot_tell(*why, "see that the process table can be read");
}

void no_cluster(const Detection& detection, const PreflightInput&, Findings& findings) {
    const std::string mend =
        is_windows(detection)
            ? "see in Failover Cluster Manager whether a Generic Service resource is the client's scheduler; if so, "
              "update by hand with that resource offline, else lower this requirement in the settings"
            : "freeze the client's resource in the cluster first, and set the severity of this requirement "
              "for the machines where the scheduler is no cluster resource";
    for (const std::string& software : detection.cluster_software)
        findings.not_met(software + " is active here and could own the client's service", mend);
    for (const ClientService& service : detection.services)
        if (service.options.keyword("clusternode", "no") == "yes")
            findings.not_met(service.options.find("clusternode")->evidence + ": clusternode yes", mend);
    if (const std::string* why = unreadable(detection, "cluster software"))
        findings.cannot_tell(*why, "see that the cluster's tools can be asked");
}

void judge_users(const std::string& users, const Detection& detection, const PreflightInput& input,
                 Findings& findings) {
    if (!is_windows(detection)) {
        findings.not_met(users + " has the client's libraries in its memory",
                         "plan a restart of that software after the update: until then it works with the old library, "
                         "and messages in its log may show that");
    } else if (may_restart(detection, input.restart)) {
        findings.not_met(users + " has files of the client in use",
                         "end that software for the time of the update, or leave it: what is in use is replaced at a "
                         "restart of the machine, which is allowed");
    } else {
        findings.not_met(users + " has files of the client in use",
                         "end that software for the time of the update: what is in use is replaced only at a restart "
                         "of the machine, which is not allowed (see restart-keys)",
                         Severity::blocker);
    }
}

void api_users(const Detection& detection, const PreflightInput& input, Findings& findings) {
    std::vector<std::string> users;
    for (const ClientProcess& process : detection.processes)
        if (process.maps_api)
            users.push_back(process.process.program + " (process " + std::to_string(process.process.id) + ")");
    if (!users.empty()) judge_users(listed(users), detection, input, findings);
    if (const std::string* why = unreadable(detection, "processes"))
        findings.cannot_tell(*why, "see that the process table can be read");
}

constexpr std::array table{
    RequirementRow{"machine-not-held", "no other tool has reserved this machine", Severity::blocker, true, false, false,
                   not_held},
    RequirementRow{"trigger-rights", "the trigger was run with an administrator's rights", Severity::blocker, true,
                   false, false, trigger_rights},
    RequirementRow{"vendor-deployment-idle", "the vendor's own deployment is not at work", Severity::blocker, true,
                   true, false, vendor_idle},
    RequirementRow{"no-cluster", "no cluster software could own the client's service", Severity::blocker, false, false,
                   false, no_cluster},
    RequirementRow{"api-users", "no other software has the client's libraries in use", Severity::warning, false, false,
                   false, api_users},
};

} // namespace

std::span<const RequirementRow> coexistence_requirements() {
    return table;
}

} // namespace autodeploy
