#pragma once

#include "installer/json.h"
#include "platform/package.h"
#include "platform/prerequisite.h"
#include "platform/service.h"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace autodeploy {

// Each kind of step is a struct of values here and a file of the same name in steps/, where prepare, perform and undo
// stand side by side. The order of steps in a plan is the order of performing; undo goes the other way.

/// Performing only looks whether the machine still is as it was when the plan was made. Its undo comes last on the way
/// back and proves that the old state is there again.
struct ConfirmBefore {
    std::string installer;                  ///< "rpm", "dpkg", …
    std::vector<InstalledPackage> packages; ///< all of the client's, as found
    std::vector<std::string> names;         ///< theirs and those that the target would bring
    bool operator==(const ConfirmBefore&) const = default;
};

/// Brings runtimes that the new client needs and that are missing or older, while the client still works. Undo leaves
/// them: other programs may have come to use them, and older programs run with newer runtimes.
struct InstallPrerequisites {
    std::vector<PrerequisiteFile> prerequisites;
    std::int64_t overrun_ms = 0;         ///< after this an installer is reported as overrunning
    std::int64_t scriptlet_limit_ms = 0; ///< after this what it has started is ended
    bool operator==(const InstallPrerequisites&) const = default;
};

/// Captures the administrator's files before anything stops; performing captures again what the scheduler itself may
/// have changed until it was stopped. Undo puts back what is not as it was.
struct BackUpFiles {
    std::vector<std::string> paths;
    bool operator==(const BackUpFiles&) const = default;
};

/// Holds the services against any other start and stops those that run, in this order.
struct StopServices {
    std::vector<Service> services;                ///< acceptors before schedulers; those that do not run are held only
    std::int64_t deadline_ms = 0;                 ///< for each
    bool kill_at_deadline = false;                ///< policy; never set for the journal daemon
    std::vector<std::string> program_directories; ///< no process of a program below these may be left
    bool end_remaining = false;                   ///< policy for such processes: end them, or give up
    bool await_remaining = false;                 ///< or give up only if they do not end by themselves
    std::int64_t process_deadline_ms = 0;         ///< for all of them together, however they end
    bool operator==(const StopServices&) const = default;
};

/// Brings the native packages to the target; undo brings them to the way back.
struct ConvergePackages {
    std::string installer;
    PackageSet target;
    PackageSet way_back;
    std::vector<std::string> stopped_services; ///< stopped again where something has started them all the same (SysV)
    std::int64_t overrun_ms = 0;               ///< after this the tool is reported as overrunning
    std::int64_t scriptlet_limit_ms = 0;       ///< after this its hung scriptlets are ended
    bool scriptlets_must_succeed = false;      ///< policy; else the files decide
    bool operator==(const ConvergePackages&) const = default;
};

/// The administrator's files that the packages' scriptlets changed get their content and rights back.
struct SettleFiles {
    std::vector<std::string> paths; ///< the administrator's: out of those in BackUpFiles
    std::vector<std::string>
        definitions; ///< of services: a release may change them, but where one vanished it comes back
    bool operator==(const SettleFiles&) const = default;
};

/// A file of the administrator's, of the 32-bit client, and its place with the 64-bit one.
struct FileMove {
    std::string from;
    std::string to;
    bool operator==(const FileMove&) const = default;
};

/// Files are brought to where a client of another word size looks for them; links stay links. The old ones stay as
/// well, since options name files by their paths; they are the way back.
struct RelocateFiles {
    std::vector<FileMove> files;
    bool operator==(const RelocateFiles&) const = default;
};

/// Points services to programs and directories of the 64-bit client: one of each pair is in force.
struct RepointServices {
    std::vector<Service> before;
    std::vector<Service> after; ///< in the same order
    bool operator==(const RepointServices&) const = default;
};

/// Captures settings of the client's that are no files (Windows' registry) before anything stops, and again behind the
/// stop. Undo makes them exactly so.
struct BackUpSettings {
    std::vector<std::string> keys; ///< with all below them
    bool operator==(const BackUpSettings&) const = default;
};

/// Settings as they were behind the stop, where the new client looks for them: in the same key, where the packages'
/// scripts may have taken them, or in that of the other word size, with the directories of the other client in them.
/// What the packages brought beside them stays.
struct SettleSettings {
    std::vector<FileMove> keys;
    std::vector<FileMove> directories; ///< what is named in a text is named by its new place
    bool operator==(const SettleSettings&) const = default;
};

/// After the commit: takes away what only a client of the other word size used. Until then nothing is done, so that
/// there is nothing to be undone.
struct ClearOldPlaces {
    std::vector<std::string> files;       ///< each unless an options file names it
    std::vector<std::string> directories; ///< each if it is empty, deepest first
    std::vector<std::string> options;     ///< options files in force
    std::vector<std::string> settings;    ///< keys, with all below them
    bool operator==(const ClearOldPlaces&) const = default;
};

/// Starts exactly the services that ran before, in this order, with their settings as before.
struct StartServices {
    std::vector<Service> services;
    std::int64_t deadline_ms = 0; ///< for each
    bool operator==(const StartServices&) const = default;
};

/// A scheduler that must reach its server, and where that is: one that did so before, or all where none did.
struct ServerContact {
    std::string service;
    std::string address; ///< for our own connection; empty if unknown, and where none reached its server before
    int port = 0;
    bool operator==(const ServerContact&) const = default;
};

/// Proves that the new client works.
struct Verify {
    std::string installer;
    std::vector<PackageId> packages;
    std::string version;                  ///< that the client's program must say: "8.1.27.0"
    std::vector<Service> services;        ///< that ran before and must stay up
    std::int64_t watch_ms = 0;            ///< at least so long after the start
    std::int64_t contact_deadline_ms = 0; ///< until then these schedulers must have reached their servers again
    std::vector<ServerContact> contacts;
    bool operator==(const Verify&) const = default;
};

using Step =
    std::variant<ConfirmBefore, InstallPrerequisites, BackUpFiles, BackUpSettings, StopServices, ConvergePackages,
                 SettleFiles, RelocateFiles, SettleSettings, RepointServices, StartServices, Verify, ClearOldPlaces>;

enum class Direction { up, same, down };

/// What apply will do, as plain data: printed it is the dry run, stored it is the head of the journal.
struct Plan {
    std::int64_t format = 1;
    std::string attempt;      ///< id of the deployment's attempt; also the name of its folder
    std::string from_release; ///< "8.1.25.0"
    std::string to_release;
    Direction direction = Direction::up;
    bool restart_allowed = false;              ///< both keys were there when the plan was made
    std::vector<std::string> restart_services; ///< rescue list: to be running whatever happens
    std::vector<Step> steps;
    bool operator==(const Plan&) const = default;
};

/// The name of a step's kind, as in journals and printed plans: "stop-services".
std::string kind_of(const Step& step);

/// Throws Error metadata_malformed on anything that plan_json did not write.
Json plan_json(const Plan& plan);
Plan plan_from_json(const Json& json);

/// For people: each step on a numbered line, its undo below it. No captured content, no secrets.
std::string plan_text(const Plan& plan);

/// What the settings say about how to do it. Times in milliseconds.
struct PlanPolicy {
    std::int64_t stop_deadline_ms = 180000;
    std::int64_t start_deadline_ms = 180000;
    bool kill_at_deadline = false;
    bool end_remaining = false;
    bool await_remaining = false;
    std::int64_t process_deadline_ms = 120 * 1000;
    bool scriptlets_must_succeed = false;
    std::int64_t overrun_ms = 15 * 60 * 1000;
    std::int64_t scriptlet_limit_ms = 45 * 60 * 1000;
    std::int64_t watch_ms = 60 * 1000;
    std::int64_t contact_deadline_ms = 600 * 1000;
    bool restart_allowed = false;
    bool allow_without_way_back = false;
};

/// Where to go: packages in private staging, and those that lead back.
struct PlanTarget {
    std::string attempt;
    std::string release; ///< "8.1.27.0"
    int bits = 64;       ///< of its programs
    PackageSet target;
    PackageSet way_back;
    std::vector<PrerequisiteFile> prerequisites; ///< those of the release that are missing here, or older
};

struct Detection;

/// A function of its arguments: reads no file, no clock, no machine. Throws Error no_way_back, nothing_installed,
/// wrong_release where no plan can be made of them.
Plan make_plan(const Detection& detection, const PlanTarget& target, const PlanPolicy& policy);

} // namespace autodeploy
