#include "agent/reports/report.h"

#include "agent/reports/json_members.h"
#include "platform/error.h"

#include <cstdio>

namespace autodeploy {

namespace {

ReportedRequirement requirement_from_json(const Json& json) {
    return {.id = text_member(json, "id"),
            .state = text_member(json, "state"),
            .severity = text_member(json, "severity"),
            .what = text_member(json, "what"),
            .evidence = text_member(json, "evidence"),
            .mend = text_member(json, "mend"),
            .passing = flag_member(json, "passing")};
}

} // namespace

Json requirement_json(const ReportedRequirement& requirement) {
    return Json::Object{
        {"id", requirement.id},          {"state", requirement.state},       {"severity", requirement.severity},
        {"what", requirement.what},      {"evidence", requirement.evidence}, {"mend", requirement.mend},
        {"passing", requirement.passing}};
}

bool blocks(const ReportedRequirement& requirement) {
    return requirement.severity == "blocker" && requirement.state != "met";
}

Json report_json(const Report& report) {
    Json::Array requirements;
    for (const ReportedRequirement& requirement : report.requirements)
        requirements.push_back(requirement_json(requirement));
    return Json::Object{{"format", Report::format},
                        {"id", report.id},
                        {"kind", report.kind},
                        {"requested_by", report.requested_by},
                        {"started_by", report.started_by},
                        {"accepted_at", report.accepted_at},
                        {"began_at", report.began_at},
                        {"ended_at", report.ended_at},
                        {"outcome", text(report.outcome)},
                        {"exit_code", exit_code(report.outcome)},
                        {"cause", report.cause},
                        {"message", report.message},
                        {"to_do", report.to_do},
                        {"from", report.from},
                        {"to", report.to},
                        {"direction", report.direction},
                        {"attempt", report.attempt},
                        {"attempts_allowed", report.attempts_allowed},
                        {"mode", report.mode},
                        {"channel", report.channel},
                        {"change", report.change},
                        {"approvals", report.approvals},
                        {"down_ms", report.down_ms},
                        {"requirements", requirements},
                        {"notes", report.notes},
                        {"evidence", report.evidence}};
}

Report report_from_json(const Json& json) {
    Report report;
    report.id = text_member(json, "id");
    report.kind = text_member(json, "kind");
    report.requested_by = text_member(json, "requested_by");
    report.started_by = text_member(json, "started_by");
    report.accepted_at = number_member(json, "accepted_at");
    report.began_at = number_member(json, "began_at");
    report.ended_at = number_member(json, "ended_at");
    const auto outcome = parse_outcome(json.at("outcome").string());
    if (!outcome)
        throw Error("metadata_malformed", "cannot read the report: unknown outcome " + json.at("outcome").string());
    report.outcome = *outcome;
    report.cause = text_member(json, "cause");
    report.message = text_member(json, "message");
    report.to_do = text_member(json, "to_do");
    report.from = text_member(json, "from");
    report.to = text_member(json, "to");
    report.direction = text_member(json, "direction");
    report.attempt = int(number_member(json, "attempt"));
    report.attempts_allowed = int(number_member(json, "attempts_allowed"));
    report.mode = text_member(json, "mode");
    report.channel = text_member(json, "channel");
    report.change = text_member(json, "change");
    report.approvals = texts_member(json, "approvals");
    report.down_ms = number_member(json, "down_ms");
    if (const Json* requirements = json.find("requirements"))
        for (const Json& requirement : requirements->array())
            report.requirements.push_back(requirement_from_json(requirement));
    report.notes = texts_member(json, "notes");
    report.evidence = text_member(json, "evidence");
    return report;
}

std::string duration_text(Milliseconds time) {
    char text[64];
    const long long seconds = time.count() / 1000;
    if (seconds < 60)
        std::snprintf(text, sizeof text, "%.1f s", double(time.count()) / 1000);
    else if (seconds < 3600)
        std::snprintf(text, sizeof text, "%lld min %lld s", seconds / 60, seconds % 60);
    else if (seconds < 2 * 86400)
        std::snprintf(text, sizeof text, "%lld h %lld min", seconds / 3600, seconds / 60 % 60);
    else
        std::snprintf(text, sizeof text, "%lld days", seconds / 86400);
    return text;
}

std::string headline(const Report& report) {
    std::string line;
    if (!report.from.empty()) line += report.from;
    if (!report.to.empty() && report.to != report.from) line += (line.empty() ? "to " : " → ") + report.to;
    line += (line.empty() ? "" : ": ") + readable(report.outcome);
    if (report.down_ms > 0) line += ", scheduler down " + duration_text(Milliseconds(report.down_ms));
    if (!report.cause.empty()) line += " (" + report.cause + ")";
    return line;
}

std::string report_text(const Report& report) {
    std::string text = headline(report) + "\n";
    const auto line = [&text](const char* name, const std::string& value) {
        if (value.empty()) return;
        char start[32];
        std::snprintf(start, sizeof start, "  %-13s", name);
        text += start + value + "\n";
    };
    line("deployment", report.id + (report.kind.empty() ? "" : ", by " + report.kind) +
                           (report.requested_by.empty() ? "" : " of " + report.requested_by) +
                           (report.started_by.empty() ? "" : ", started by " + report.started_by));
    line("accepted", utc_text(report.accepted_at));
    if (report.began_at) line("began", utc_text(report.began_at));
    line("ended", utc_text(report.ended_at));
    line("why", report.message);
    line("to do", report.to_do);
    if (report.attempt)
        line("attempt", std::to_string(report.attempt) + " of " + std::to_string(report.attempts_allowed));
    line("mode", report.mode);
    line("channel", report.channel);
    line("change", report.change);
    for (const std::string& approval : report.approvals)
        line("approved by", approval);
    for (const ReportedRequirement& requirement : report.requirements) {
        // Notes are for machines and `check`: they keep nobody from anything.
        if (requirement.severity == "note") continue;
        const bool told = !requirement.evidence.empty();
        line(requirement.severity.c_str(), requirement.id +
                                               (requirement.state == "cannot_tell" ? ", cannot tell: " : ": ") +
                                               (told ? requirement.evidence : requirement.what));
        if (told) line("  required", requirement.what);
        line("  mend", requirement.mend);
    }
    for (const std::string& note : report.notes)
        line("note", note);
    line("evidence", report.evidence);
    if (!report.cause.empty()) line("more", "autodeploy explain " + report.cause);
    return text;
}

} // namespace autodeploy
