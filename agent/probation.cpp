#include "agent/probation.h"

#include "agent/reports/json_members.h"
#include "platform/error.h"

#include <algorithm>

namespace autodeploy {
namespace {

constexpr int absences_allowed = 1;
constexpr int changes_allowed = 2;
constexpr int silences_allowed = 1;
constexpr UnixTime a_day = 86400;

void fail(ProbationLook& look, const std::string& cause, const std::string& message) {
    if (!look.cause.empty()) return;
    look.cause = cause;
    look.message = message;
}

/// Where the service's manager names no main process (init scripts, forking units): the newest daemon of its program.
/// One that a person runs has his shell for a parent.
std::int64_t process_of(const ClientService& service, const Detection& found) {
    if (service.service.process != 0) return service.service.process;
    std::int64_t newest = 0;
    for (const ClientProcess& candidate : found.processes)
        if (candidate.process.program == service.service.program && candidate.process.parent == 1)
            newest = std::max(newest, candidate.process.id);
    return newest;
}

void look_at_process(WatchedService& watched, const ClientService* service, const Detection& found, bool same_boot,
                     ProbationLook& look) {
    if (!same_boot) watched.process = watched.absences = watched.changes = 0;
    if (service == nullptr || !service->service.running) {
        watched.changes = 0;
        if (++watched.absences > absences_allowed)
            fail(look, "service_did_not_stay_up", "the service " + watched.name + " does not run any more");
        return;
    }
    watched.absences = 0;
    const std::int64_t process = process_of(*service, found);
    if (process == 0) return;
    watched.changes = watched.process != 0 && watched.process != process ? watched.changes + 1 : 0;
    watched.process = process;
    if (watched.changes > changes_allowed)
        fail(look, "service_did_not_stay_up",
             "the service " + watched.name + " ends and is started again and again by its manager");
}

/// A line of the log that was written while a clock was wrong counts for nothing.
bool is_since(const std::optional<UnixTime>& written, const Probation& probation, const ProbationNow& now) {
    return written && *written >= probation.since && *written <= now.time + a_day;
}

bool reached_since(const ClientService& service, const Probation& probation, const ProbationNow& now) {
    return is_since(service.log.last_query_end, probation, now) ||
           std::any_of(service.log.events.begin(), service.log.events.end(),
                       [&](const ScheduledEvent& event) { return is_since(event.began_at, probation, now); });
}

/// What its scheduler's log says. True if it reached its server since the update.
bool look_at_contact(WatchedService& watched, const ClientService& service, const Probation& probation,
                     const ProbationNow& now, ProbationLook& look) {
    if (reached_since(service, probation, now)) watched.reached = true;
    const bool lost = watched.reached && service.reached_server_lately == Tell::no;
    // A server that is down is nobody's fault here.
    if (!lost || service.server_address.empty() || !now.reaches(service.server_address, service.server_port)) {
        watched.silences = 0;
    } else if (++watched.silences > silences_allowed) {
        fail(look, "server_not_reached",
             "the scheduler of " + watched.name + " has not reached its server " + service.server_address +
                 " for more than two of its poll periods, though a connection from here comes about");
    }
    return reached_since(service, probation, now);
}

void look_for_backup(Probation& probation, const ClientService& service, const ProbationNow& now, ProbationLook& look) {
    for (const ScheduledEvent& event : service.log.events) {
        if (!probation.first_backup.empty() || !event.over || !is_backup(event) ||
            !is_since(event.began_at, probation, now))
            continue;
        probation.first_backup_failed = event.failed;
        probation.first_backup = event.name + (event.failed ? " failed, " : " ended well, ") +
                                 utc_text(event.ended_at.value_or(*event.began_at));
        look.alarming = look.alarming || event.failed;
        look.notes.push_back("first scheduled backup after the update: " + probation.first_backup);
    }
}

Json service_json(const WatchedService& service) {
    return Json::Object{{"name", service.name},         {"reached", service.reached}, {"process", service.process},
                        {"absences", service.absences}, {"changes", service.changes}, {"silences", service.silences}};
}

WatchedService service_from_json(const Json& json) {
    return {text_member(json, "name"),           flag_member(json, "reached"),
            number_member(json, "process"),      int(number_member(json, "absences")),
            int(number_member(json, "changes")), int(number_member(json, "silences"))};
}

} // namespace

Probation begin_probation(const std::string& id, const Plan& plan, bool unconfirmed, UnixTime now, Seconds length) {
    Probation probation;
    probation.id = id;
    probation.from = plan.from_release;
    probation.to = plan.to_release;
    probation.since = now;
    probation.until = now + length.count();
    probation.unconfirmed = unconfirmed;
    for (const std::string& name : plan.restart_services)
        probation.services.push_back({name, false, 0, 0, 0, 0});
    for (const Step& step : plan.steps)
        if (const auto* verify = std::get_if<Verify>(&step))
            for (const ServerContact& contact : verify->contacts)
                for (WatchedService& service : probation.services)
                    if (service.name == contact.service) service.reached = true;
    return probation;
}

ProbationLook look_at(Probation& probation, const Detection& found, const ProbationNow& now) {
    ProbationLook look;
    if (!found.database_version || text(*found.database_version) != probation.to) {
        look.over = true;
        return look;
    }
    const bool same_boot = probation.boot.empty() || probation.boot == now.boot;
    probation.boot = now.boot;
    bool all_reached = true;
    for (WatchedService& watched : probation.services) {
        const auto service =
            std::find_if(found.services.begin(), found.services.end(),
                         [&watched](const ClientService& candidate) { return candidate.service.name == watched.name; });
        look_at_process(watched, service == found.services.end() ? nullptr : &*service, found, same_boot, look);
        if (service == found.services.end() || !service->schedules) continue;
        const bool expected = watched.reached;
        const bool reached = look_at_contact(watched, *service, probation, now, look);
        all_reached = all_reached && (reached || !expected);
        look_for_backup(probation, *service, now, look);
    }
    if (probation.unconfirmed && all_reached && look.cause.empty()) {
        probation.unconfirmed = false;
        look.confirmed = true;
        look.notes.push_back("the server was reached again, seen " + utc_text(now.time));
    }
    if (!probation.failed.empty()) look.cause.clear(); // told once
    if (!look.cause.empty()) probation.failed = look.message;
    if (now.time >= probation.until && !probation.unconfirmed) {
        look.over = true;
        if (probation.failed.empty())
            look.notes.push_back("probation passed, " + utc_text(now.time) +
                                 (probation.first_backup.empty() ? "; no scheduled backup was seen in it" : ""));
    }
    return look;
}

std::string probation_path(const StandardPaths& paths) {
    return paths.state + "/probation.json";
}

std::optional<Probation> load_probation(FileSystem& files, const std::string& path) {
    try {
        return probation_from_json(parse_json(files.read(path, 1 << 20)));
    } catch (const Error&) {
        if (!files.status(path)) return std::nullopt;
        throw;
    }
}

void save_probation(FileSystem& files, const std::string& path, const Probation& probation) {
    files.write_durably(path, pretty_json(probation_json(probation)) + "\n");
}

Json probation_json(const Probation& probation) {
    Json::Array services;
    for (const WatchedService& service : probation.services)
        services.push_back(service_json(service));
    return Json::Object{{"format", Probation::format},
                        {"id", probation.id},
                        {"from", probation.from},
                        {"to", probation.to},
                        {"since", probation.since},
                        {"until", probation.until},
                        {"unconfirmed", probation.unconfirmed},
                        {"boot", probation.boot},
                        {"services", services},
                        {"first_backup", probation.first_backup},
                        {"first_backup_failed", probation.first_backup_failed},
                        {"failed", probation.failed}};
}

Probation probation_from_json(const Json& json) {
    Probation probation;
    if (json.at("format").integer() != Probation::format)
        throw Error("metadata_malformed", "cannot use what was noted of the probation: it is of another format");
    probation.id = text_member(json, "id");
    probation.from = text_member(json, "from");
    probation.to = text_member(json, "to");
    probation.since = number_member(json, "since");
    probation.until = number_member(json, "until");
    probation.unconfirmed = flag_member(json, "unconfirmed");
    probation.boot = text_member(json, "boot");
    for (const Json& service : json.at("services").array())
        probation.services.push_back(service_from_json(service));
    probation.first_backup = text_member(json, "first_backup");
    probation.first_backup_failed = flag_member(json, "first_backup_failed");
    probation.failed = text_member(json, "failed");
    return probation;
}

std::string probation_text(const Probation& probation) {
    std::string text = "probation of " + probation.to + " until " + utc_text(probation.until) + ": ";
    if (!probation.failed.empty())
        text += "FAILED, " + probation.failed;
    else
        text += probation.first_backup.empty() ? "no backup seen yet" : "first backup " + probation.first_backup;
    if (probation.unconfirmed) text += "; its server was not reached yet";
    return text;
}

} // namespace autodeploy
