#include "agent/deployment.h"
#include "agent/preflight.h"

// What is said of this client and its settings to those who choose a release and make the plan.

namespace autodeploy {

ChoiceInput choice_input(const Settings& settings, const Detection& found, const std::string& wanted, UnixTime now) {
    ChoiceInput input;
    input.platform = found.platform;
    input.installed = found.database_version;
    for (const ClientService& service : found.services)
        if (!service.node_name.empty()) input.node_names.push_back(service.node_name);
    if (input.node_names.empty()) input.node_names.push_back(found.host.name);
    input.channel = settings.channel;
    input.pin = settings.pin;
    input.wanted = parse_client_version(wanted);
    input.approved_one_way = settings.approved_one_way;
    input.mode = settings.mode;
    input.now = now;
    return input;
}

PlanPolicy plan_policy(const Settings& settings, const Detection& detection) {
    PlanPolicy policy;
    policy.stop_deadline_ms = settings.apply.stop_deadline.count();
    policy.start_deadline_ms = settings.apply.start_deadline.count();
    policy.kill_at_deadline = settings.apply.kill_at_deadline;
    policy.end_remaining = settings.apply.remaining_processes == ProcessPolicy::end;
    policy.await_remaining = settings.apply.remaining_processes == ProcessPolicy::wait;
    policy.process_deadline_ms = settings.apply.process_deadline.count();
    policy.scriptlets_must_succeed = settings.apply.failed_scriptlet == ScriptletPolicy::roll_back;
    policy.overrun_ms = settings.apply.tool_overrun.count();
    policy.scriptlet_limit_ms = settings.apply.scriptlet_limit.count();
    policy.watch_ms = Milliseconds(settings.verify.watch).count();
    policy.contact_deadline_ms = Milliseconds(settings.verify.contact_deadline).count();
    policy.allow_without_way_back = settings.allow_without_way_back;
    policy.restart_allowed = may_restart(detection, settings.restart);
    return policy;
}

} // namespace autodeploy
