#pragma once

#include "installer/client/effective_options.h"
#include "installer/client/scheduler_log.h"
#include "installer/client/versions.h"
#include "installer/json.h"
#include "installer/tell.h"
#include "platform/host_facts.h"
#include "platform/package.h"
#include "platform/process.h"
#include "platform/service.h"
#include "platform/time_units.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

struct Platform;

/// The order is the order of stopping; starting goes backwards.
enum class ServiceRole {
    acceptor,     ///< dsmcad
    scheduler,    ///< dsmc sched, dsmcsvc
    remote_agent, ///< dsmagent
    journal,      ///< tsmjbbd: never ended the hard way
    other,        ///< another program of the client's directories
};

/// A service that runs a program of the client.
struct ClientService {
    Service service;
    ServiceRole role = ServiceRole::other;
    EffectiveOptions options;
    /// It is, or starts, a scheduler: dsmc sched, dsmcsvc, or an acceptor whose MANAGEDSERVICES has schedule.
    bool schedules = false;
    SchedulerLog log; ///< of its scheduler; empty path where it has none
    /// A stored password for the server and node of these options.
    Tell password_stored = Tell::unknown;
    std::string password_evidence; ///< the store that was looked into
    /// It had an answer of its server within two poll periods.
    Tell reached_server_lately = Tell::unknown;
    /// It had an answer of its server at any time: the log says so, or a password is stored.
    Tell reached_server_ever = Tell::unknown;
    /// For a connection of our own.
    std::string server_address;
    int server_port = 1500;
    std::string node_name; ///< as set, else the host's name in upper case

    bool operator==(const ClientService&) const = default;
};

/// A file or directory that belongs to the administrator, or that only the client can make anew: captured before
/// anything changes.
struct ClientFile {
    std::string path;
    std::string kind; ///< "options", "include list", "certificate", "password store", "service definition", "link", …
    bool secret = false; ///< never in an evidence folder or support bundle
    bool live = false;   ///< the running scheduler may still change it: captured again after the stop

    bool operator==(const ClientFile&) const = default;
};

/// Other software that is not the backup-archive client but of its family.
struct OtherProduct {
    std::string name;     ///< "Data Protection for Oracle", or the package's name where we do not know it
    std::string evidence; ///< package, directory or key
    bool operator==(const OtherProduct&) const = default;
};

/// A process of the client, or one that has its libraries mapped.
struct ClientProcess {
    Process process;
    std::string service;   ///< of which it is the main process or a descendant; empty if none
    bool maps_api = false; ///< it is somebody else's program with the client's library in it
    std::string library;   ///< which one
    bool operator==(const ClientProcess&) const = default;
};

/// One place that an update writes to.
struct Volume {
    std::string path; ///< as asked for
    std::uint64_t device = 0;
    std::optional<std::uint64_t> free_bytes;
    std::vector<std::string> properties; ///< "read-only", "noexec", "nfs", "ostree"
    bool operator==(const Volume&) const = default;
};

/// The machine as found. Plain data: everything that is decided is decided from this.
struct Detection {
    UnixTime taken_at = 0;
    HostFacts host;
    bool administrator = false;
    /// Of packages that fit: "linux-x86_64", "linux-x86_64-deb", "aix", "windows-x64"; empty where no client was found
    /// and more than one could be.
    std::string platform;
    std::string service_manager;

    /// The client's program, links resolved: "/opt/tivoli/tsm/client/ba/bin/dsmc"; empty if there is none.
    std::string program;
    int bits = 0;                     ///< of the program: 32 or 64; 0 where it cannot be told
    std::string program_architecture; ///< "x86_64", "i386", "ppc64le", "s390x", … as its header says
    /// The native installer whose database owns the program ("rpm", "dpkg"); empty where none does.
    std::string installer;
    std::string owner_package;

    /// Of the known set of the backup-archive client, shared parts (GSKit) included; in the order of installing.
    std::vector<InstalledPackage> packages;
    std::optional<ClientVersion> database_version; ///< of the client's main package
    std::optional<ClientVersion> binary_version;   ///< what the program says of itself
    std::string binary_evidence;                   ///< its line, or why it could not be asked
    std::optional<ClientVersion> server_version;   ///< the backup server's, where something told it

    std::vector<ClientService> services; ///< in the order of stopping
    std::vector<OtherProduct> other_products;
    std::vector<ClientProcess> processes;
    std::vector<Volume> volumes;

    std::optional<std::string> installer_busy; ///< who holds the native installer, or why it cannot work
    std::vector<std::string> pinned;
    std::vector<std::string> cluster_software;
    std::vector<std::string> pending_renames;
    std::vector<std::string> hold_files; ///< of those asked for that are there, as hold_file_text

    /// Further facts by a stable name, for requirements that need one more: "selinux" → "enforcing".
    std::map<std::string, std::string> facts;

    std::vector<ClientFile> files;
    /// What could not be read, by subject: "packages" → "cannot …". A requirement that depends on it cannot be told.
    std::map<std::string, std::string> unreadable;

    bool client_found() const { return !program.empty() || database_version.has_value(); }
    bool operator==(const Detection&) const = default;
};

struct DetectSettings {
    std::vector<std::string> client_directories; ///< further ones, where a site keeps the client elsewhere
    std::vector<std::string> measured_paths;     ///< our own places: state, staging, keep
    std::vector<std::string> hold_files;         ///< a file here means that another tool owns the machine now
    std::string program_files;                   ///< where this Windows keeps programs; empty: not told, or a Unix
    bool run_client = true;                      ///< the program may be run to ask for its version
    Milliseconds client_deadline{10000};
    std::uint64_t log_limit = 4 << 20; ///< bytes read from the end of each scheduler log
    Seconds event_settled{60};         ///< an ended event is over after this time
};

/// Looks at the machine; reads only, may run at any time, takes seconds at most. What cannot be read is told in
/// `unreadable`, so this throws for nothing but a lost machine (Error io_error of Host::facts).
Detection detect(Platform& platform, const DetectSettings& settings);

/// For evidence, reports and tests; a Detection is never applied from a file, it is taken anew.
Json detection_json(const Detection& detection);
/// Throws Error metadata_malformed for anything but what detection_json wrote.
Detection detection_from_json(const Json& json);

} // namespace autodeploy
