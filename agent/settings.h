#pragma once

#include "agent/window.h"
#include "installer/client/versions.h"
#include "installer/package/offers.h"
#include "platform/file_system.h"
#include "platform/time_units.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

struct StandardPaths;

/// One of the two keys to a restart of the machine; the other is the client option autodeploy.
enum class RestartPolicy { never, in_window, at_once };
/// When waiting for quiet has lasted too long. "unknown": nothing says that the client works, and nothing says that
/// not.
enum class DeadlinePolicy { give_up, proceed_if_unknown, proceed };
/// A maintenance window passed while the machine was off or the client busy.
enum class MissedWindowPolicy { wait_for_next, go_at_once };
/// Processes of the client that are left when its services were stopped.
enum class ProcessPolicy { give_up, wait, end };
/// A new client that crash-loops or loses its server after the commit.
enum class ProbationPolicy { report, go_back };
/// A package's scriptlet failed, but its files are all there.
enum class ScriptletPolicy { verify, roll_back };
/// What the vendor's own signature must be, beyond ours.
enum class SignaturePolicy {
    as_published, ///< as the publisher recorded it: verified, none for this kind, or waived by name
    no_waiver,    ///< verified, or none for this kind of package
    verified,     ///< verified
};
/// People who are logged on when the machine is to be restarted.
enum class LoggedOnPolicy { wait, go_on };
enum class Severity { blocker, warning, note };
enum class LogLevel { error, warning, information, debug };

struct RepositorySettings {
    /// Tried in order: "https://host:8443/path", an absolute path of a folder, or "retrieve" (what the command below
    /// brings). "http://" is refused but for loopback.
    std::vector<std::string> mirrors;
    std::string ca_file;            ///< empty: the system's
    std::string client_certificate; ///< PEM; empty: none
    std::string client_key;
    std::string proxy; ///< "http://host:port"; empty: none
    std::vector<std::string> no_proxy;
    Milliseconds connect_timeout{15000};
    Milliseconds idle_timeout{60000};
    Milliseconds total_timeout{6 * 3600 * 1000};
    std::uint64_t bytes_per_second = 0; ///< 0: no limit
    int attempts = 5;                   ///< of one download, over all mirrors
    Milliseconds first_pause{1000};
    Milliseconds longest_pause{60000};
    Seconds refresh_every{12 * 3600}; ///< metadata, also without a trigger; 0: only when triggered
    /// Program and arguments; {directory} stands for the private folder that it fills.
    std::vector<std::string> retrieve_command;
    Milliseconds retrieve_deadline{2 * 3600 * 1000};
    bool operator==(const RepositorySettings&) const = default;
};

struct WaitSettings {
    MaintenanceWindow window;
    Seconds jitter{0}; ///< at most this long after the opening, the same for the same node
    MissedWindowPolicy missed_window = MissedWindowPolicy::wait_for_next;
    Seconds deadline{24 * 3600}; ///< from accepting to the first stop
    DeadlinePolicy at_deadline = DeadlinePolicy::give_up;
    Seconds look_every{30};
    Seconds event_settled{60}; ///< an ended event is over after this time at the latest
    bool operator==(const WaitSettings&) const = default;
};

struct ApplySettings {
    Milliseconds stop_deadline{180000};
    Milliseconds start_deadline{180000};
    bool kill_at_deadline = false; ///< a service that does not stop is ended the hard way (never the journal daemon)
    ProcessPolicy remaining_processes = ProcessPolicy::give_up;
    Milliseconds process_deadline{120000};
    ScriptletPolicy failed_scriptlet = ScriptletPolicy::verify;
    Milliseconds tool_overrun{15 * 60 * 1000};
    Milliseconds scriptlet_limit{45 * 60 * 1000};
    // Of a restart of the machine, where `restart` and the client option autodeploy allow one.
    Seconds restart_delay{300}; ///< from the announcement on
    LoggedOnPolicy restart_logged_on = LoggedOnPolicy::wait;
    Seconds restart_deadline{24 * 3600}; ///< until then it must have come
    bool operator==(const ApplySettings&) const = default;
};

struct VerifySettings {
    Seconds watch{60};             ///< at least so long after the start
    Seconds contact_deadline{600}; ///< until then the scheduler must have reached its server, if it could before
    Seconds probation{7 * 24 * 3600};
    ProbationPolicy after_failed_probation = ProbationPolicy::report;
    bool operator==(const VerifySettings&) const = default;
};

struct RetrySettings {
    int attempts = 3;    ///< of one release; then it waits for `retry` by a person or for another release
    Seconds pause{3600}; ///< between attempts; doubled each time
    Seconds longest_pause{24 * 3600};
    bool operator==(const RetrySettings&) const = default;
};

struct LimitSettings {
    std::uint64_t package_bytes = std::uint64_t(8) << 30;
    std::uint64_t unpacked_bytes = std::uint64_t(16) << 30;
    std::uint64_t archive_entries = 20000;
    std::uint64_t archive_ratio = 200;                         ///< unpacked to packed
    std::uint64_t dictionary_bytes = std::uint64_t(128) << 20; ///< memory for an xz, 7z or zstd dictionary
    std::uint64_t evidence_bytes = std::uint64_t(32) << 20;    ///< of one attempt
    int keep_attempts = 20;                                    ///< folders of finished attempts
    std::uint64_t spare_bytes = std::uint64_t(200) << 20;      ///< left free on each file system beyond what is needed
    bool operator==(const LimitSettings&) const = default;
};

struct ReportSettings {
    LogLevel log_level = LogLevel::information;
    std::string textfile; ///< Prometheus textfile; empty: none
    bool operator==(const ReportSettings&) const = default;
};

/// What the administrator decides. The defaults are safe and complete: an empty file is valid but for the mirrors.
struct Settings {
    Mode mode = Mode::follow;
    std::string channel = "stable";
    std::optional<ClientVersion> pin; ///< this release and no other
    RestartPolicy restart = RestartPolicy::never;
    bool allow_without_way_back = false;
    std::vector<std::string> approved_one_way; ///< ids of one-way edges
    SignaturePolicy vendor_signature = SignaturePolicy::as_published;
    RepositorySettings repository;
    WaitSettings wait;
    ApplySettings apply;
    VerifySettings verify;
    RetrySettings retry;
    LimitSettings limits;
    ReportSettings report;
    std::map<std::string, Severity> requirements; ///< by id; what is a matter of safety cannot be lowered
    std::vector<std::string> client_directories;  ///< further ones, where a site keeps the client elsewhere
    std::vector<std::string> hold_files; ///< a file here: hands off this machine; its default is a matter of the system
    bool operator==(const Settings&) const = default;
};

/// What is in force where the file says nothing else.
Settings default_settings(const StandardPaths& paths);

/// Strict: an unknown key, a wrong type, a value out of range, a key that stands twice throw Error settings_invalid
/// with "file:line", what was expected, what was found, and the nearest known key. file is for messages only.
Settings parse_settings(std::string_view yaml, const std::string& file, const Settings& defaults = {});

/// Reads the file, which must be a regular file of the administrator's that nobody else may write to (Error
/// settings_insecure), at most 1 MiB. Error settings_missing if there is none: it is never guessed.
Settings load_settings(FileSystem& files, const std::string& path, const Settings& defaults);

/// One line of the documentation, in the order of the file.
struct SettingDescription {
    std::string key;           ///< "wait.deadline"
    std::string type;          ///< "duration", "size", "text", "one of never, in_window, at_once", …
    std::string default_value; ///< as it would be written in the file
    std::string range;         ///< "1s to 30d"; empty where the type says it all
    std::string meaning;
};
std::vector<SettingDescription> describe_settings(const Settings& defaults);

/// Every setting as it is in force, as a file with the meanings as comments: parse_settings reads it back.
std::string settings_yaml(const Settings& settings);

} // namespace autodeploy
