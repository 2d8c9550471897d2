#include "agent/reports/status.h"

#include "agent/reports/json_members.h"
#include "agent/version.h"
#include "platform/error.h"

#include <algorithm>
#include <array>
#include <utility>

namespace autodeploy {
namespace {

constexpr std::array<const char*, 9> phases{"preflight", "refresh", "choose", "fetch", "stage",
                                            "wait",      "plan",    "apply",  "report"};

Phase phase_from(const std::string& text) {
    const auto* const found = std::find(phases.begin(), phases.end(), text);
    return found == phases.end() ? Phase::preflight : Phase(found - phases.begin());
}

Json deployment_json(const ActiveDeployment& deployment) {
    return Json::Object{{"id", deployment.id},
                        {"kind", deployment.kind},
                        {"from", deployment.from},
                        {"to", deployment.to},
                        {"phase", text(deployment.phase)},
                        {"since", deployment.since},
                        {"accepted_at", deployment.accepted_at},
                        {"deadline", deployment.deadline},
                        {"waiting_for", deployment.waiting_for},
                        {"next_look", deployment.next_look},
                        {"doing", deployment.doing},
                        {"done", deployment.done},
                        {"total", deployment.total}};
}

ActiveDeployment deployment_from_json(const Json& json) {
    return {.id = text_member(json, "id"),
            .kind = text_member(json, "kind"),
            .from = text_member(json, "from"),
            .to = text_member(json, "to"),
            .phase = phase_from(text_member(json, "phase")),
            .since = number_member(json, "since"),
            .accepted_at = number_member(json, "accepted_at"),
            .deadline = number_member(json, "deadline"),
            .waiting_for = texts_member(json, "waiting_for"),
            .next_look = number_member(json, "next_look"),
            .doing = text_member(json, "doing"),
            .done = std::uint64_t(number_member(json, "done")),
            .total = std::uint64_t(number_member(json, "total"))};
}

Json problems_json(const std::vector<Problem>& problems) {
    Json::Array list;
    for (const Problem& problem : problems)
        list.emplace_back(problem.text);
    return list;
}

Json problem_times_json(const std::vector<Problem>& problems) {
    Json::Array list;
    for (const Problem& problem : problems)
        list.emplace_back(Json::Object{{"since", problem.since}, {"last", problem.last}});
    return list;
}

std::vector<Problem> problems_from_json(const Json& status) {
    std::vector<Problem> problems;
    for (std::string& text : texts_member(status, "problems"))
        problems.push_back({std::move(text), 0, 0});
    const Json* times = status.find("problem_times"); // an older agent wrote none
    if (times == nullptr || times->is_null()) return problems;
    for (std::size_t i = 0; i < problems.size() && i < times->array().size(); ++i) {
        problems[i].since = number_member(times->array()[i], "since");
        problems[i].last = number_member(times->array()[i], "last");
    }
    return problems;
}

Json metadata_json(const MetadataAge& metadata, UnixTime now) {
    const auto warning = expiry_warning(metadata, now);
    Json::Array parts;
    for (const MetadataPart& part : metadata.parts)
        parts.emplace_back(Json::Object{{"role", part.role},
                                        {"expires_at", part.expires_at},
                                        {"days_left", (part.expires_at - now) / 86400},
                                        {"lifetime_seconds", part.lifetime.count()}});
    return Json::Object{{"refreshed_at", metadata.refreshed_at},
                        {"parts", parts},
                        {"age_seconds", metadata.refreshed_at ? now - metadata.refreshed_at : 0},
                        {"expires_at", metadata.expires_at},
                        {"expires_first", metadata.expires_first},
                        {"days_left", metadata.expires_at ? (metadata.expires_at - now) / 86400 : 0},
                        {"warning", warning ? warning->text : ""},
                        {"time_floor", metadata.time_floor},
                        {"source", metadata.source},
                        {"problem", metadata.problem}};
}

MetadataAge metadata_from_json(const Json& json) {
    std::vector<MetadataPart> parts;
    if (const Json* list = json.find("parts"); list && !list->is_null())
        for (const Json& part : list->array())
            parts.push_back({text_member(part, "role"), number_member(part, "expires_at"),
                             Seconds(number_member(part, "lifetime_seconds"))});
    return {.refreshed_at = number_member(json, "refreshed_at"),
            .parts = std::move(parts),
            .expires_at = number_member(json, "expires_at"),
            .expires_first = text_member(json, "expires_first"),
            .time_floor = number_member(json, "time_floor"),
            .source = text_member(json, "source"),
            .problem = text_member(json, "problem")};
}

std::string ago(UnixTime now, UnixTime then) {
    return duration_text(Seconds(std::max<UnixTime>(0, now - then))) + " ago";
}

std::string state_of(const Status& status) {
    if (!status.deployment) return status.pending > 0 ? "working" : "idle";
    if (!status.deployment->waiting_for.empty()) return "waiting";
    return status.deployment->phase == Phase::apply ? "applying" : "working";
}

std::string deployment_text(const ActiveDeployment& deployment, UnixTime now) {
    std::string text = deployment.from.empty() ? "" : deployment.from;
    if (!deployment.to.empty()) text += (text.empty() ? "to " : " → ") + deployment.to;
    text += (text.empty() ? "" : ": ") + autodeploy::text(deployment.phase) + "\n";
    text += "  deployment   " + deployment.id + ", by " + deployment.kind + ", accepted " +
            utc_text(deployment.accepted_at) + "\n";
    for (const std::string& what : deployment.waiting_for)
        text += "  waiting for  " + what + "\n";
    if (!deployment.waiting_for.empty()) {
        if (deployment.next_look > now)
            text += "  next look    in " + duration_text(Seconds(deployment.next_look - now)) + "\n";
        text += "  at most until " + utc_text(deployment.deadline) + "\n";
    }
    if (!deployment.doing.empty()) text += "  now          " + deployment.doing + "\n";
    if (deployment.total > 0)
        text += "  done         " + std::to_string(deployment.done * 100 / deployment.total) + " % of " +
                std::to_string(deployment.total / 1000000) + " MB\n";
    return text;
}

void tell(ToldProgress& told, const ActiveDeployment& deployment) {
    constexpr std::size_t kept = 50;
    if (told.deployment != deployment.id) told = {deployment.id, 0, {}};
    const std::string line = progress_line(deployment, false);
    if (!told.lines.empty() && told.lines.back() == line) return;
    told.lines.push_back(line);
    if (told.lines.size() <= kept) return;
    told.lines.erase(told.lines.begin());
    ++told.dropped;
}

} // namespace

std::string text(Phase phase) {
    return phases.at(std::size_t(phase));
}

std::optional<ExpiryWarning> expiry_warning(const MetadataAge& metadata, UnixTime now) {
    std::optional<ExpiryWarning> most_urgent;
    for (const MetadataPart& part : metadata.parts) {
        const UnixTime left = part.expires_at - now;
        const UnixTime life = part.lifetime.count();
        if (left > UnixTime(90) * 86400 || (life > 0 && left > life / 4)) continue;
        const int priority = left <= UnixTime(7) * 86400 ? 3 : left <= UnixTime(30) * 86400 ? 4 : 6;
        if (most_urgent && most_urgent->priority <= priority) continue;
        most_urgent = {priority,
                       "the repository's metadata expires in " + duration_text(Seconds(left)) + " (" + part.role + ")"};
        if (left <= 0)
            return ExpiryWarning{3, "the repository's metadata has expired on " + utc_text(part.expires_at) + " (" +
                                        part.role + "): nothing is updated until it is refreshed; the client runs on"};
    }
    return most_urgent;
}

std::string progress_line(const ActiveDeployment& deployment, bool percent) {
    std::string line;
    for (const std::string& what : deployment.waiting_for)
        line += (line.empty() ? "waiting for " : "; ") + what;
    if (!line.empty()) return line;
    line = text(deployment.phase);
    if (!deployment.doing.empty()) line += ": " + deployment.doing;
    if (percent && deployment.total > 0) line += " " + std::to_string(deployment.done * 100 / deployment.total) + " %";
    return line;
}

std::vector<std::string> new_lines(const ToldProgress& before, const ToldProgress& now) {
    std::int64_t known = 0;
    if (before.deployment == now.deployment) known = before.dropped + std::int64_t(before.lines.size()) - now.dropped;
    known = std::clamp(known, std::int64_t(0), std::int64_t(now.lines.size()));
    return {now.lines.begin() + known, now.lines.end()};
}

void take_report(Status& status, const Report& report) {
    status.last = report;
    if (report.outcome == Outcome::needs_attention || report.outcome == Outcome::needs_restart)
        status.unsettled = report;
    else if (exit_code(report.outcome) != exit_codes::untouched)
        status.unsettled.reset();
}

Json status_json(const Status& status, UnixTime now) {
    return Json::Object{{"format", Status::format},
                        {"agent_version", agent_version},
                        {"written_at", status.written_at},
                        {"state", state_of(status)},
                        {"exit_code", exit_code(status)},
                        {"mode", status.mode},
                        {"channel", status.channel},
                        {"installed", status.installed},
                        {"deployment", status.deployment ? deployment_json(*status.deployment) : Json()},
                        {"progress", Json::Object{{"deployment", status.told.deployment},
                                                  {"dropped", status.told.dropped},
                                                  {"lines", status.told.lines}}},
                        {"last", status.last ? report_json(*status.last) : Json()},
                        {"unsettled", status.unsettled ? report_json(*status.unsettled) : Json()},
                        {"metadata", status.metadata ? metadata_json(*status.metadata, now) : Json()},
                        {"probation", status.probation ? probation_json(*status.probation) : Json()},
                        {"rollback_to", status.rollback_to},
                        {"pending", status.pending},
                        {"next", status.next},
                        {"problems", problems_json(status.problems)},
                        {"problem_times", problem_times_json(status.problems)}};
}

Status status_from_json(const Json& json) {
    Status status;
    status.written_at = number_member(json, "written_at");
    status.mode = text_member(json, "mode");
    status.channel = text_member(json, "channel");
    status.installed = text_member(json, "installed");
    if (const Json* deployment = json.find("deployment"); deployment && !deployment->is_null())
        status.deployment = deployment_from_json(*deployment);
    if (const Json* progress = json.find("progress")) {
        status.told.deployment = text_member(*progress, "deployment");
        status.told.dropped = number_member(*progress, "dropped");
        status.told.lines = texts_member(*progress, "lines");
    }
    if (const Json* last = json.find("last"); last && !last->is_null()) status.last = report_from_json(*last);
    if (const Json* unsettled = json.find("unsettled"); unsettled && !unsettled->is_null())
        status.unsettled = report_from_json(*unsettled);
    if (const Json* metadata = json.find("metadata"); metadata && !metadata->is_null())
        status.metadata = metadata_from_json(*metadata);
    if (const Json* probation = json.find("probation"); probation && !probation->is_null())
        status.probation = probation_from_json(*probation);
    status.rollback_to = text_member(json, "rollback_to");
    status.pending = int(number_member(json, "pending"));
    status.next = text_member(json, "next");
    status.problems = problems_from_json(json);
    return status;
}

int exit_code(const Status& status) {
    if (status.deployment || status.pending > 0) return exit_codes::waiting;
    const int last = status.last ? exit_code(status.last->outcome) : exit_codes::good;
    if (last != exit_codes::good && last != exit_codes::untouched) return last;
    // Whatever was asked since and had nothing to do, or was refused: it mended nothing and proved nothing.
    if (status.unsettled) return exit_code(status.unsettled->outcome);
    if (status.probation && !status.probation->failed.empty()) return exit_code(Outcome::needs_attention);
    return last == exit_codes::good && status.probation && status.probation->unconfirmed
               ? exit_code(Outcome::unconfirmed)
               : last;
}

std::string way_back_text(const Status& status) {
    if (!status.rollback_to.empty()) return "way back: `autodeploy rollback` leads to " + status.rollback_to;
    return status.probation ? "way back: none, " + status.probation->from + " is not kept any more" : "";
}

std::string status_text(const Status& status, UnixTime now) {
    std::string text = "client " + (status.installed.empty() ? "(not looked at yet)" : status.installed);
    if (!status.mode.empty()) text += ", mode " + status.mode;
    if (!status.channel.empty()) text += ", channel " + status.channel;
    text += "\n";
    if (status.deployment)
        text += deployment_text(*status.deployment, now);
    else if (status.pending > 0)
        text += "requests waiting to be taken up: " + std::to_string(status.pending) + "\n";
    else
        text += "no deployment goes on\n";
    if (status.last) text += "last, " + ago(now, status.last->ended_at) + ": " + report_text(*status.last);
    if (status.unsettled && (!status.last || status.last->id != status.unsettled->id))
        text += "still needs a person, since " + ago(now, status.unsettled->ended_at) + ": " +
                report_text(*status.unsettled);
    if (status.probation) text += probation_text(*status.probation) + "\n";
    if (const std::string way = way_back_text(status); !way.empty()) text += way + "\n";
    if (!status.next.empty()) text += "next: " + status.next + "\n";
    if (status.metadata) {
        if (status.metadata->refreshed_at)
            text += "repository: metadata " + ago(now, status.metadata->refreshed_at) +
                    (status.metadata->expires_at ? ", valid until " + utc_text(status.metadata->expires_at) : "") +
                    (status.metadata->source.empty() ? "" : ", from " + status.metadata->source) + "\n";
        if (!status.metadata->problem.empty()) text += "  problem: " + status.metadata->problem + "\n";
        if (const auto warning = expiry_warning(*status.metadata, now)) text += "  warning: " + warning->text + "\n";
    }
    for (const Problem& problem : status.problems)
        text += problem_text(problem, now) + "\n";
    return text;
}

Progress::Progress(FileSystem& files, Clock& clock, ServiceHost& host, std::string path)
    : files_(files), clock_(clock), host_(host), path_(std::move(path)) {}

void Progress::change(const std::function<void(Status&)>& how) {
    {
        const std::lock_guard guard(mutex_);
        const Status before = status_;
        how(status_);
        if (status_.deployment) tell(status_.told, *status_.deployment);
        if (status_ == before || std::exchange(changed_, true)) return;
    }
    host_.interrupt();
}

void Progress::doing(const std::string& line) {
    change([&](Status& status) {
        if (status.deployment) status.deployment->doing = line;
    });
}

Status Progress::current() {
    const std::lock_guard guard(mutex_);
    return status_;
}

std::optional<Milliseconds> Progress::flush(bool at_once) {
    constexpr Milliseconds shortest{1000};
    Status status;
    {
        const std::lock_guard guard(mutex_);
        if (!changed_) return std::nullopt;
        const Milliseconds now = clock_.elapsed();
        if (!at_once && written_ && now - *written_ < shortest) return shortest - (now - *written_);
        written_ = now;
        changed_ = false;
        status_.written_at = clock_.now();
        status = status_;
    }
    try {
        files_.write_durably(path_, pretty_json(status_json(status, status.written_at)) + "\n");
    } catch (const Error&) {
        // A full disk under /run is no reason to stop work; the next change tries again.
    }
    std::string line = status.deployment ? text(status.deployment->phase) : "idle";
    if (status.deployment && !status.deployment->waiting_for.empty())
        line = "waiting for " + status.deployment->waiting_for.front();
    else if (status.deployment && !status.deployment->doing.empty())
        line += ": " + status.deployment->doing;
    if (std::exchange(told_, line) != line) host_.status(line);
    return std::nullopt;
}

} // namespace autodeploy
