#include "agent/preflight.h"

#include "agent/requirements/requirement_table.h"
#include "installer/client/ascii.h"
#include "tests/agent/requirements/requirement_cases.h"
#include "tests/fakes/fake_file_system.h"
#include "tests/installer/client/options_case.h"

#include <doctest/doctest.h>

#include <set>
#include <utility>
#include <vector>

using namespace autodeploy;

namespace {

std::string filled(std::string text, const Detection& detection) {
    using Words = std::vector<std::pair<std::string, std::string>>; // in this order
    const bool dpkg = detection.installer == "dpkg" || detection.platform == "linux-x86_64-deb";
    static const Words of_dpkg{
        {"{main}", "tivsm-ba"}, {"{api}", "tivsm-api64"}, {"{tool}", "dpkg"}, {"{platform}", "linux-x86_64-deb"}};
    static const Words of_rpm{
        {"{main}", "TIVsm-BA"}, {"{api}", "TIVsm-API64"}, {"{tool}", "rpm"}, {"{platform}", "linux-x86_64"}};
    static const Words of_aix{{"{main}", "tivoli.tsm.client.ba.64bit.base"},
                              {"{api}", "tivoli.tsm.client.api.64bit"},
                              {"{tool}", "installp"},
                              {"{platform}", "aix"},
                              {"/opt/tivoli/tsm/client/ba/bin", "/usr/tivoli/tsm/client/ba/bin64"},
                              {"/opt/tivoli", "/usr"},
                              {"/etc/adsm", "/etc/security/adsm"},
                              {"dsmcad.service", "dsmcad"},
                              {"systemd", "src"},
                              {"linux-remove-first", "aix-remove-first"},
                              {"gskcrypt64 8", "GSKit8.gskcrypt64.ppc.rte 8"},
                              {"gskssl64 8", "GSKit8.gskssl64.ppc.rte 8"},
                              {"8 files", "7 files"}, // it has no unit file
                              {"8.0-", "8.0."},
                              {"8.1.24-0", "8.1.24.0"},
                              {"8.1.25-0", "8.1.25.0"}};
    for (const auto& [word, value] : detection.host.system == "aix" ? of_aix : dpkg ? of_dpkg : of_rpm)
        for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + value.size()))
            text.replace(at, word.size(), value);
    return text;
}

const Requirement& find(const std::vector<Requirement>& requirements, const std::string& id) {
    for (const Requirement& requirement : requirements)
        if (requirement.id == id) return requirement;
    FAIL("no requirement " << id);
    return requirements.front();
}

} // namespace

TEST_CASE("each requirement is met, not met and cannot be told as its cases say, with rpm, dpkg and installp") {
    for (const std::string installer : {"rpm", "dpkg", "installp"})
        for (const RequirementCase& requirement_case : requirement_cases()) {
            const std::string system = installer == "installp" ? "aix" : "linux";
            if (!requirement_case.only.empty() && requirement_case.only != system) continue;
            CAPTURE(installer);
            CAPTURE(requirement_case.id);
            CAPTURE(requirement_case.name);
            Detection detection = good_detection(installer);
            PreflightInput input = good_input(detection);
            requirement_case.change(detection, input);
            const Requirement found = find(preflight(detection, input), requirement_case.id);
            CHECK(found.state == requirement_case.state);
            CHECK(found.severity == requirement_case.severity);
            CHECK(filled(found.evidence, detection) == filled(requirement_case.evidence, detection));
            CHECK(filled(found.mend, detection) == filled(requirement_case.mend, detection));
        }
}

TEST_CASE("on a machine where everything is in order nothing blocks and nothing is warned of") {
    for (const std::string installer : {"rpm", "dpkg", "installp"}) {
        const Detection detection = good_detection(installer);
        const std::vector<Requirement> requirements = preflight(detection, good_input(detection));
        CHECK(requirements.size() == requirement_table().size());
        for (const Requirement& requirement : requirements) {
            CAPTURE(requirement.id);
            if (requirement.id == "edge-known-trouble") continue; // old certificates are there
            CHECK((requirement.state == RequirementState::met || requirement.severity == Severity::note));
        }
        CHECK(blockers(requirements).empty());
    }
}

TEST_CASE("ids are unique, in kebab case, and what is a sentence") {
    std::set<std::string_view> ids;
    for (const RequirementRow* row : requirement_table()) {
        CAPTURE(row->id);
        CHECK(ids.insert(row->id).second);
        CHECK(row->id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos);
        CHECK_FALSE(row->what.empty());
        CHECK(find_requirement(row->id) == row);
        // What waits by itself must keep a deployment from going on, else nobody would wait.
        if (row->passing) CHECK(row->severity == Severity::blocker);
    }
    CHECK(find_requirement("no-such-thing") == nullptr);
}

TEST_CASE("a site may raise anything and lower what is no matter of safety") {
    Detection detection = good_detection("dpkg");
    detection.cluster_software = {"Pacemaker"};
    detection.facts["fapolicyd"] = "running";
    detection.administrator = false;
    PreflightInput input = good_input(detection);
    input.severities = {{"no-cluster", Severity::note},
                        {"access-control", Severity::blocker},
                        {"administrator-rights", Severity::note}};
    const std::vector<Requirement> requirements = preflight(detection, input);
    CHECK(find(requirements, "no-cluster").severity == Severity::note);
    CHECK(find(requirements, "access-control").severity == Severity::blocker);
    CHECK(find(requirements, "administrator-rights").severity == Severity::blocker);
    CHECK(blockers(requirements).size() == 2);
}

TEST_CASE("what passes by itself is told, so that a deployment waits for it") {
    Detection detection = good_detection("dpkg");
    CHECK_FALSE(find(preflight(detection, good_input(detection)), "native-installer-ready").passing);
    detection.installer_busy = "apt-get holds the lock";
    CHECK(find(preflight(detection, good_input(detection)), "native-installer-ready").passing);
}

TEST_CASE("a machine without a client is refused for that, and not for a dozen things that follow from it") {
    Detection detection;
    detection.host = {"web01", "linux", "x86_64", "debian 12", true};
    detection.administrator = true;
    detection.service_manager = "systemd";
    std::vector<std::string> ids;
    for (const Requirement& requirement : blockers(preflight(detection, {})))
        ids.push_back(requirement.id);
    CHECK(ids == std::vector<std::string>{"client-present", "scheduler-running"});
}

TEST_CASE("each options file of the collection ends in the verdict that its case says") {
    const std::set<std::string> subjects{"options-readable", "client-option-passwordaccess", "client-option-autodeploy",
                                         "schedule-allowed", "scheduler-running"};
    for (const OptionsCase& options_case : read_options_cases()) {
        CAPTURE(options_case.name);
        FakeFileSystem files;
        for (const auto& [path, content] : options_case.files)
            files.put(path, content);
        Detection detection = good_detection("rpm");
        detection.host.system = options_case.sources.system;
        ClientService& service = detection.services.front();
        service.options = effective_options(files, options_case.sources);
        const bool acceptor = options_case.sources.arguments.empty() && options_case.sources.system == "linux";
        service.role = acceptor ? ServiceRole::acceptor : ServiceRole::scheduler;
        service.schedules =
            !acceptor || lower_case(service.options.value("managedservices")).find("schedule") != std::string::npos;
        std::string verdict;
        for (const Requirement& requirement : preflight(detection, good_input(detection)))
            if (requirement.state == RequirementState::not_met && subjects.contains(requirement.id))
                verdict += requirement.id + "\n";
        CHECK(verdict == options_case.verdict);
    }
}

TEST_CASE("room is asked for the old and the new files at once, for what is installed only") {
    const Detection detection = good_detection("rpm");
    Manifest release = *good_input(detection).release;
    Payload optional;
    optional.id.name = "TIVsm-JBB";
    optional.use = PayloadUse::if_installed;
    optional.installed_bytes = std::uint64_t(1) << 40;
    release.payloads.push_back(optional);
    RoomPlaces places;
    places.downloads = "/d";
    places.staging = "/s";
    places.keep = "/k";
    places.state = "/e";
    places.package_bytes = 1;
    places.staged_bytes = 2;
    places.way_back_bytes = 3;
    places.evidence_bytes = 4;
    CHECK(room_needs(detection, release, places) ==
          std::vector<RoomNeed>{
              {"/d", 1, "the package"},
              {"/s", 2, "its unpacked files"},
              {"/k", 3, "the way back"},
              {"/e", 4, "journal, captures and evidence"},
              {"/opt/tivoli/tsm/client/ba/bin", std::uint64_t(400) << 20, "the new files beside the old ones"},
              {"/var/lib/rpm", std::uint64_t(32) << 20, "the package database"}});
}
