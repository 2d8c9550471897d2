#pragma once

#include "agent/reports/outcome.h"
#include "installer/json.h"
#include "platform/time_units.h"

#include <cstdint>
#include <string>
#include <vector>

namespace autodeploy {

/// A requirement that is not met, or that nobody can tell, as reports and `check` show it.
struct ReportedRequirement {
    std::string id;       ///< stable: "client-option-autodeploy"
    std::string state;    ///< "met", "not_met", "cannot_tell"
    std::string severity; ///< "blocker", "warning", "note"
    std::string what;     ///< the requirement and what was found, for people
    std::string evidence; ///< where that was seen: file and line, key, package
    std::string mend;     ///< what a person does about it
    bool passing = false; ///< goes away by itself: a deployment waits for it
    bool operator==(const ReportedRequirement&) const = default;
};

/// How one deployment went, from the request to the end. One line of the history.
struct Report {
    static constexpr int format = 1;

    std::string id;           ///< of the deployment
    std::string kind;         ///< "trigger", "deploy", "rollback", "probation", "recovery"
    std::string requested_by; ///< "root"
    std::string started_by;   ///< service of the client that ran the trigger: "dsmcad.service"; may be empty
    UnixTime accepted_at = 0;
    UnixTime began_at = 0; ///< of apply; 0 if it never began
    UnixTime ended_at = 0;
    Outcome outcome = Outcome::refused;
    std::string cause;     ///< stable code; empty where all is well
    std::string message;   ///< for people
    std::string to_do;     ///< what a person does now; empty: nothing
    std::string from;      ///< release before: "8.1.25.0"
    std::string to;        ///< release aimed at
    std::string direction; ///< "up", "same", "down", "" if it did not come so far
    int attempt = 0;       ///< of this release on this client; 0 if none was counted
    int attempts_allowed = 0;
    std::string mode;
    std::string channel;
    std::string change;                            ///< change number of the site
    std::vector<std::string> approvals;            ///< "alice 2026-11-28T20:00:00Z"
    std::int64_t down_ms = 0;                      ///< first stop command to last start returned
    std::vector<ReportedRequirement> requirements; ///< those that are not met or cannot be told
    std::vector<std::string> notes;
    std::string evidence; ///< folder

    bool operator==(const Report&) const = default;
};

Json report_json(const Report& report);
/// Throws Error metadata_malformed.
Report report_from_json(const Json& json);

Json requirement_json(const ReportedRequirement& requirement);
/// Whether it keeps a deployment from going on.
bool blocks(const ReportedRequirement& requirement);

/// One line: "8.1.25.0 → 8.1.27.0 updated, scheduler down 12.4 s".
std::string headline(const Report& report);
/// All of it, on several lines, for people.
std::string report_text(const Report& report);
/// "1 h 20 min", "12.4 s"
std::string duration_text(Milliseconds time);

} // namespace autodeploy
