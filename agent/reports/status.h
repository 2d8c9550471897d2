#pragma once

#include "agent/probation.h"
#include "agent/reports/problems.h"
#include "agent/reports/report.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/service_host.h"

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// Where a deployment stands, in the order of the story.
enum class Phase { preflight, refresh, choose, fetch, stage, wait, plan, apply, report };
std::string text(Phase phase);

/// The deployment that goes on.
struct ActiveDeployment {
    std::string id;
    std::string kind;
    std::string from; ///< may be empty until it is known
    std::string to;
    Phase phase = Phase::preflight;
    UnixTime since = 0; ///< of the phase
    UnixTime accepted_at = 0;
    UnixTime deadline = 0;                ///< of the first stop
    std::vector<std::string> waiting_for; ///< for people; empty while it does not wait
    UnixTime next_look = 0;               ///< when waiting ends or is looked at again; 0 while it does not wait
    std::string doing;                    ///< one line of progress
    std::uint64_t done = 0;               ///< bytes, of
    std::uint64_t total = 0;              ///< bytes; 0 where there is no such count
    bool operator==(const ActiveDeployment&) const = default;
};

/// "waiting for the window, until 20:00", "apply: stop services", "stage 40 %". percent: with how far it is.
std::string progress_line(const ActiveDeployment& deployment, bool percent = true);

/// What was told of the deployment that goes on, or of the last one: nothing is lost between two looks at the file.
struct ToldProgress {
    std::string deployment;
    std::int64_t dropped = 0;       ///< lines before these; at most 50 are kept
    std::vector<std::string> lines; ///< oldest first, without percentages
    bool operator==(const ToldProgress&) const = default;
};
/// The lines of now that somebody who has seen before does not know.
std::vector<std::string> new_lines(const ToldProgress& before, const ToldProgress& now);

/// A part of the repository's metadata, and how long it is good.
struct MetadataPart {
    std::string role;
    UnixTime expires_at = 0;
    Seconds lifetime{0}; ///< from its making to its end; 0: not known
    bool operator==(const MetadataPart&) const = default;
};

/// Of the repository, as last verified.
struct MetadataAge {
    UnixTime refreshed_at = 0;
    std::vector<MetadataPart> parts;
    UnixTime expires_at = 0;   ///< the first of its parts
    std::string expires_first; ///< "timestamp"
    UnixTime time_floor = 0;   ///< the clock is not believed if it is before this
    std::string source;        ///< "https://updates.example:8443/client"
    std::string problem;       ///< why the last refresh failed; empty if it did not
    bool operator==(const MetadataAge&) const = default;
};

/// "the repository's metadata expires in 28 days (root)", from 90, 30 and 7 days on by rising urgency; nothing before.
/// The timestamp and the snapshot are made anew all the time: they count once less than a quarter of their life is
/// left. The most urgent part is told. priority as in Host::log.
struct ExpiryWarning {
    int priority = 6;
    std::string text;
};
std::optional<ExpiryWarning> expiry_warning(const MetadataAge& metadata, UnixTime now);

struct Status {
    static constexpr int format = 1;

    UnixTime written_at = 0;
    std::string mode; ///< of the settings, or what is in force once signed metadata told it
    std::string channel;
    std::string installed; ///< release of the client as last seen
    std::optional<ActiveDeployment> deployment;
    ToldProgress told;
    std::optional<Report> last; ///< the deployment that ended last
    /// The newest that needs a person, until a later one finds a client that may be updated.
    std::optional<Report> unsettled;
    std::optional<MetadataAge> metadata;
    std::optional<Probation> probation; ///< of the release that is installed
    std::string rollback_to;            ///< the kept release that `autodeploy rollback` leads to; empty: none is kept
    int pending = 0;                    ///< requests that are not taken up yet
    std::string next;                   ///< what happens next and when, for people
    std::vector<Problem> problems;
    bool operator==(const Status&) const = default;
};

/// report is now the last. One that changed nothing and was refused, gave up or was cancelled settles nothing.
void take_report(Status& status, const Report& report);

Json status_json(const Status& status, UnixTime now);
/// Throws Error metadata_malformed.
Status status_from_json(const Json& json);
/// For people.
std::string status_text(const Status& status, UnixTime now);
/// One line, or empty where nothing is to be told of it.
std::string way_back_text(const Status& status);
/// `status --exit-code`.
int exit_code(const Status& status);

/// The one sink of progress. Whoever works changes it; it writes the status file, whole and at most once a second, and
/// tells the manager of services. No failure to write ever reaches the one who works.
class Progress {
  public:
    Progress(FileSystem& files, Clock& clock, ServiceHost& host, std::string path);

    /// From any thread. The file follows within a second if somebody calls flush().
    void change(const std::function<void(Status&)>& how);
    /// One line of what the deployment that goes on does now; from any thread.
    void doing(const std::string& line);
    Status current();
    /// Writes if there is something new and a second has passed, or at once if so said. How long until it has to be
    /// called again; nothing while all is written.
    std::optional<Milliseconds> flush(bool at_once = false);

  private:
    FileSystem& files_;
    Clock& clock_;
    ServiceHost& host_;
    std::string path_;
    std::mutex mutex_;
    Status status_;
    bool changed_ = true;
    std::optional<Milliseconds> written_;
    std::string told_;
};

} // namespace autodeploy
