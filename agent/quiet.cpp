#include "agent/quiet.h"

#include "installer/client/ascii.h"
#include "installer/client/layout.h"

#include <algorithm>
#include <optional>

namespace autodeploy {

namespace {

class Verdict {
  public:
    void busy(const std::string& reason) {
        result_.activity = Activity::busy;
        result_.reasons.push_back(reason);
    }
    void unknown(const std::string& reason) {
        if (result_.activity == Activity::quiet) result_.activity = Activity::unknown;
        result_.reasons.push_back(reason);
    }
    void note(const std::string& note) { result_.notes.push_back(note); }
    ClientActivity take() { return std::move(result_); }

  private:
    ClientActivity result_{Activity::quiet, {}, {}};
};

bool may_schedule(const ClientService& service) {
    return service.role == ServiceRole::acceptor || service.role == ServiceRole::scheduler;
}

void judge_log(const ClientService& service, Verdict& verdict) {
    if (!service.service.running || !may_schedule(service)) return;
    if (!service.options.unreadable.empty()) {
        verdict.unknown(service.service.name + ": " + service.options.unreadable);
        return;
    }
    if (!service.schedules) return;
    const std::string seen = service.service.name + ": " + service.log.path + ": " + service.log.why;
    if (service.log.activity == Activity::busy) verdict.busy(seen);
    if (service.log.activity == Activity::unknown) verdict.unknown(seen);
}

/// The daemons themselves, and a scheduler that waits, are no work; their logs tell of it.
bool is_daemon(const ClientProcess& process) {
    std::string name = lower_case(file_name(process.process.program));
    if (name.ends_with(".exe")) name.resize(name.size() - 4);
    if (name == "dsmcad" || name == "dsmcsvc" || name == "tsmjbbd" || name == "jbbsvc") return true;
    return !process.service.empty() && (name == "dsmc" || name == "dsmagent" || name == "rc.dsmcad");
}

void judge_process(const ClientProcess& process, const QuietInput& input, Verdict& verdict) {
    const std::string seen = process.process.program + " (process " + std::to_string(process.process.id) + ")";
    const auto is_ours = [&input](std::int64_t id) {
        return std::find(input.own_processes.begin(), input.own_processes.end(), id) != input.own_processes.end();
    };
    if (process.maps_api) {
        verdict.note(seen + " has the client's libraries in its memory");
    } else if (is_ours(process.process.id) || is_ours(process.process.parent)) {
        verdict.note(seen + " was started by the agent");
    } else if (!is_daemon(process)) {
        verdict.busy(seen + " is at work");
    }
}

const ClientProcess* find_process(const Detection& detection, const TriggerOrigin& origin) {
    for (const ClientProcess& process : detection.processes)
        if (process.process.id == origin.process && process.process.started == origin.started) return &process;
    return nullptr;
}

/// The event is reported once its scheduler has ended, or once its log has gone on since and says that it is over.
void judge_origin(const Detection& detection, const TriggerOrigin& origin, Verdict& verdict) {
    const ClientProcess* process = find_process(detection, origin);
    if (origin.process != 0 && process == nullptr && !detection.unreadable.contains("processes")) return;
    bool log_went_on = false;
    bool runs = false;
    for (const ClientService& service : detection.services) {
        const bool concerned = process == nullptr || process->service == service.service.name;
        if (!concerned || !service.service.running || !service.schedules) continue;
        runs = true;
        log_went_on = log_went_on || (service.log.modified && *service.log.modified >= origin.accepted_at);
    }
    // A log that is busy or unknown was told already.
    if (runs && !log_went_on)
        verdict.unknown("nothing was written to the scheduler's log since the trigger of " +
                        utc_text(origin.accepted_at) + ", so its event may not be reported to the server yet");
}

} // namespace

ClientActivity client_activity(const Detection& detection, const QuietInput& input) {
    Verdict verdict;
    for (const char* subject : {"services", "processes"}) {
        const auto found = detection.unreadable.find(subject);
        if (found != detection.unreadable.end()) verdict.unknown(found->second);
    }
    for (const ClientService& service : detection.services)
        judge_log(service, verdict);
    for (const ClientProcess& process : detection.processes)
        judge_process(process, input, verdict);
    for (const TriggerOrigin& origin : input.origins)
        judge_origin(detection, origin, verdict);
    return verdict.take();
}

} // namespace autodeploy
