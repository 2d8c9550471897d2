#include "agent/preflight.h"

#include "agent/requirements/requirement_table.h"
#include "installer/client/layout.h"

#include <algorithm>
#include <utility>

namespace autodeploy {

namespace {

bool weighs_more(Severity a, Severity b) {
    return static_cast<int>(a) < static_cast<int>(b);
}

Severity severity_of(const RequirementRow& row, const Findings::Finding& finding, const PreflightInput& input) {
    Severity severity = row.severity;
    if (finding.state == RequirementState::cannot_tell)
        severity = row.safety ? Severity::blocker : std::max(row.severity, Severity::warning);
    if (finding.weight) severity = *finding.weight;
    const auto wish = input.severities.find(std::string(row.id));
    if (wish == input.severities.end()) return severity;
    // Safety may be raised, never lowered.
    return row.safety && weighs_more(severity, wish->second) ? severity : wish->second;
}

/// The gravest finding first: not met before cannot tell where they weigh the same.
int gravity(const Findings::Finding& finding, Severity severity) {
    if (finding.state == RequirementState::met) return 0;
    const int weight = severity == Severity::blocker ? 3 : severity == Severity::warning ? 2 : 1;
    return weight * 2 + (finding.state == RequirementState::not_met ? 1 : 0);
}

Requirement judge(const RequirementRow& row, const Findings& findings, const PreflightInput& input) {
    Requirement requirement;
    requirement.id = row.id;
    requirement.what = row.what;
    requirement.severity = severity_of(row, {}, input);
    int gravest = 0;
    for (const Findings::Finding& finding : findings.all())
        gravest = std::max(gravest, gravity(finding, severity_of(row, finding, input)));

    std::vector<std::string> evidence;
    std::vector<std::string> mends;
    for (const Findings::Finding& finding : findings.all()) {
        const Severity severity = severity_of(row, finding, input);
        if (gravity(finding, severity) != gravest) continue;
        requirement.state = finding.state;
        requirement.severity = severity;
        if (!finding.evidence.empty()) evidence.push_back(finding.evidence);
        if (!finding.mend.empty() && std::find(mends.begin(), mends.end(), finding.mend) == mends.end())
            mends.push_back(finding.mend);
    }
    requirement.evidence = listed(evidence);
    requirement.mend = listed(mends);
    requirement.passing = row.passing && requirement.state == RequirementState::not_met;
    return requirement;
}

} // namespace

PreflightInput preflight_input(const Settings& settings, const StandardPaths& paths) {
    PreflightInput input;
    const bool blank = paths.program.find(' ') != std::string::npos;
    input.trigger_command = (blank ? "\"" + paths.program + "\"" : paths.program) + " trigger";
    input.severities = settings.requirements;
    input.allow_without_way_back = settings.allow_without_way_back;
    input.approved_one_way = settings.approved_one_way;
    input.vendor_signature = settings.vendor_signature;
    input.restart = settings.restart;
    input.spare_bytes = settings.limits.spare_bytes;
    const std::vector<std::string>& mirrors = settings.repository.mirrors;
    input.retrieved_by_client = std::find(mirrors.begin(), mirrors.end(), "retrieve") != mirrors.end();
    return input;
}

std::vector<Requirement> preflight(const Detection& detection, const PreflightInput& input) {
    std::vector<Requirement> requirements;
    for (const RequirementRow* row : requirement_table()) {
        Findings findings;
        if (row->on_release && !input.release) {
            findings.cannot_tell("no release is chosen yet", "", Severity::note);
        } else {
            row->look(detection, input, findings);
        }
        requirements.push_back(judge(*row, findings, input));
    }
    return requirements;
}

std::vector<Requirement> blockers(const std::vector<Requirement>& requirements) {
    std::vector<Requirement> blocking;
    std::copy_if(requirements.begin(), requirements.end(), std::back_inserter(blocking), [](const Requirement& found) {
        return found.state != RequirementState::met && found.severity == Severity::blocker;
    });
    return blocking;
}

ReportedRequirement reported(const Requirement& requirement) {
    ReportedRequirement result;
    result.id = requirement.id;
    result.state = requirement.state == RequirementState::met       ? "met"
                   : requirement.state == RequirementState::not_met ? "not_met"
                                                                    : "cannot_tell";
    result.severity = requirement.severity == Severity::blocker   ? "blocker"
                      : requirement.severity == Severity::warning ? "warning"
                                                                  : "note";
    result.what = requirement.what;
    result.evidence = requirement.evidence;
    result.mend = requirement.mend;
    result.passing = requirement.passing;
    return result;
}

std::vector<RoomNeed> room_needs(const Detection& detection, const std::optional<Manifest>& release,
                                 const RoomPlaces& places) {
    std::vector<RoomNeed> needs;
    const auto need = [&needs](const std::string& path, std::uint64_t bytes, const char* what) {
        if (bytes > 0 && !path.empty()) needs.push_back({path, bytes, what});
    };
    need(places.downloads, places.package_bytes, "the package");
    need(places.staging, places.staged_bytes, "its unpacked files");
    need(places.keep, places.way_back_bytes, "the way back");
    need(places.state, places.evidence_bytes, "journal, captures and evidence");
    if (!release) return needs;

    std::uint64_t installed = 0;
    for (const Payload& payload : release->payloads) {
        const bool present =
            std::any_of(detection.packages.begin(), detection.packages.end(),
                        [&payload](const InstalledPackage& package) { return package.id.name == payload.id.name; });
        if (payload.use == PayloadUse::required || present) installed += payload.installed_bytes;
    }
    // The native installers write all new files before the old ones go.
    const std::vector<std::string> usual = client_directories(detection.host.system, ClientPlace::program);
    const std::string program = usual.empty() ? "" : in_directory(usual.front(), client_program(detection.host.system));
    need(directory_of(detection.program.empty() ? program : detection.program), installed,
         "the new files beside the old ones");
    constexpr std::uint64_t database_bytes = 32 << 20;
    if (detection.installer == "rpm") need("/var/lib/rpm", database_bytes, "the package database");
    if (detection.installer == "dpkg") need("/var/lib/dpkg", database_bytes + installed / 8, "the package database");
    if (detection.installer == "installp") need("/usr", database_bytes, "the package database");
    // Windows keeps a copy of each package, its files included.
    if (detection.installer == "msi") {
        need("C:\\Windows\\Installer", database_bytes + release->staged_bytes(), "Windows' copy of the package");
        need("C:\\Windows\\Installer", places.prerequisite_bytes, "what has to be installed first");
    }
    return needs;
}

} // namespace autodeploy
