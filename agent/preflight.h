#pragma once

#include "agent/reports/report.h"
#include "agent/settings.h"
#include "installer/detection.h"
#include "installer/package/keep.h"
#include "installer/package/manifest.h"
#include "installer/package/prerequisites.h"
#include "platform/package.h"
#include "platform/standard_paths.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

enum class RequirementState { met, not_met, cannot_tell };

/// One requirement, looked at on this machine.
struct Requirement {
    std::string id;   ///< stable, kebab-case: "client-option-autodeploy"; `autodeploy explain ID` has its page
    std::string what; ///< the requirement as a sentence
    RequirementState state = RequirementState::met;
    Severity severity = Severity::blocker; ///< what it weighs here, the site's wish counted
    std::string evidence;                  ///< where that was seen: file and line, key, package; and what was seen
    std::string mend;                      ///< what a person does about it; empty where it is met
    bool passing = false;                  ///< goes away by itself: a deployment waits for it

    bool operator==(const Requirement&) const = default;
};

/// Bytes that a deployment still writes below a path.
struct RoomNeed {
    std::string path;
    std::uint64_t bytes = 0;
    std::string what; ///< "the package", "the way back", …
    bool operator==(const RoomNeed&) const = default;
};

/// Who ran the trigger.
struct TriggerCaller {
    std::string user;
    bool administrator = false;
    bool operator==(const TriggerCaller&) const = default;
};

/// What is wanted, beside what was found. Plain data, so that a preflight is a function of its arguments.
struct PreflightInput {
    // From the settings.
    std::map<std::string, Severity> severities; ///< by id; what is a matter of safety cannot be lowered
    bool allow_without_way_back = false;
    std::vector<std::string> approved_one_way; ///< ids of edges: of the settings and of the offer
    SignaturePolicy vendor_signature = SignaturePolicy::as_published;
    RestartPolicy restart = RestartPolicy::never;
    std::uint64_t spare_bytes = 0;    ///< left free on each file system beyond what is needed
    bool retrieved_by_client = false; ///< packages come through the client's own restore
    std::string trigger_command;      ///< as a schedule has it

    std::optional<TriggerCaller> caller; ///< nothing where no schedule had a part in it

    // The release; without it the requirements on releases are told as not yet to be told.
    std::optional<Manifest> release;
    bool way_down_allowed = false;    ///< a signed recall, a rollback or a return in probation
    std::optional<PackageSet> target; ///< what the native installer shall bring about, once that is chosen
    std::optional<WayBack> way_back;  ///< nothing: not looked for yet
    std::vector<RoomNeed> needs;      ///< what is still to be written; see room_needs
    /// What the machine has of the release's prerequisites; nothing: not looked for yet.
    std::optional<std::vector<FoundPrerequisite>> prerequisites;
};

/// The part of the input that settings and places decide.
PreflightInput preflight_input(const Settings& settings, const StandardPaths& paths);

/// Every requirement, all of them looked at, in the order of the table. Pure.
std::vector<Requirement> preflight(const Detection& detection, const PreflightInput& input);

/// Those that keep a deployment from going on.
std::vector<Requirement> blockers(const std::vector<Requirement>& requirements);

/// Whether an update may restart the machine: two keys, the setting and the client option autodeploy of every service
/// that reads options; one that cannot be read forbids it. Only on Windows does any update ask for it.
bool may_restart(const Detection& detection, RestartPolicy setting);

/// For reports and `check`.
ReportedRequirement reported(const Requirement& requirement);

/// Where our own files lie, and what of the package is there already.
struct RoomPlaces {
    std::string downloads;
    std::string staging;
    std::string keep;
    std::string state;
    std::uint64_t package_bytes = 0;  ///< of the package's file, as far as it is still to be fetched
    std::uint64_t staged_bytes = 0;   ///< still to be unpacked
    std::uint64_t way_back_bytes = 0; ///< of the installed release's packages, file and unpacked, still to be fetched
    std::uint64_t evidence_bytes = 0; ///< journal, captures, evidence of one attempt
    std::uint64_t prerequisite_bytes = 0; ///< of runtimes that are to be installed first
};
/// Everything that a deployment of this release writes: our own files, and what the native installer needs while both
/// the old and the new files are there.
std::vector<RoomNeed> room_needs(const Detection& detection, const std::optional<Manifest>& release,
                                 const RoomPlaces& places);

} // namespace autodeploy
