#pragma once

#include "installer/detection.h"
#include "installer/json.h"
#include "installer/plan.h"
#include "platform/file_system.h"
#include "platform/standard_paths.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// Who asks for a rollback where nobody did: the policy verify.after_failed_probation.
inline constexpr const char* probation_requester = "probation";

/// A service that has to do its work under the new release.
struct WatchedService {
    std::string name;
    bool reached = false;     ///< its scheduler reached its server, before the update or since
    std::int64_t process = 0; ///< as last seen
    int absences = 0;         ///< looks in a row that found it not running
    int changes = 0;          ///< looks in a row that found another process
    int silences = 0;         ///< looks in a row that found it without contact, though we could connect
    bool operator==(const WatchedService&) const = default;
};

/// The days after an update, in which the way back is held and the new client is looked at; probation.json. One at a
/// time: the next update begins its own.
struct Probation {
    static constexpr int format = 1;
    std::string id; ///< of the deployment
    std::string from;
    std::string to;
    UnixTime since = 0;
    UnixTime until = 0;
    bool unconfirmed = false; ///< nobody reached the server since; it goes on past its end until somebody does
    std::string boot;         ///< as last seen
    std::vector<WatchedService> services;
    std::string first_backup; ///< "NIGHTLY ended well, 2026-11-28T22:14:00Z"; empty until it was seen
    bool first_backup_failed = false;
    std::string failed; ///< why, once it has failed; empty: it has not
    bool operator==(const Probation&) const = default;
};

/// Of an attempt that was committed now.
Probation begin_probation(const std::string& id, const Plan& plan, bool unconfirmed, UnixTime now, Seconds length);

/// What one look found, beyond what it noted down in the probation itself.
struct ProbationLook {
    std::vector<std::string> notes; ///< new, for the report of the deployment
    bool alarming = false;          ///< one of the notes is bad news
    bool confirmed = false;         ///< the server was reached: the deployment is no longer unconfirmed
    std::string cause;              ///< it has failed now, and why; empty: it has not
    std::string message;
    bool over = false; ///< nothing is left to be looked at
};

struct ProbationNow {
    UnixTime time = 0;
    std::string boot;
    /// Whether a connection of our own to this server comes about.
    std::function<bool(const std::string& address, int port)> reaches;
};

/// Two looks in a row without the service, three in a row with another process each, or two in a row without contact
/// to a server that we can connect to are a failure. A restart of the machine counts for nothing.
ProbationLook look_at(Probation& probation, const Detection& found, const ProbationNow& now);

std::string probation_path(const StandardPaths& paths);
/// Nothing if there is none. Throws Error io_error, metadata_malformed.
std::optional<Probation> load_probation(FileSystem& files, const std::string& path);
/// Durable when it returns.
void save_probation(FileSystem& files, const std::string& path, const Probation& probation);

Json probation_json(const Probation& probation);
/// Throws Error metadata_malformed.
Probation probation_from_json(const Json& json);
/// "probation of 8.1.27.0 until 2026-12-05T20:00:00Z: no backup seen yet"
std::string probation_text(const Probation& probation);

} // namespace autodeploy
