#include "agent/preflight.h"
#include "platform/standard_paths.h"
#include "tests/agent/requirements/requirement_cases.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

PreflightInput windows_input(const Detection& detection) {
    PreflightInput input = good_input(detection);
    input.trigger_command = R"("C:\Program Files\Autodeploy\autodeploy.exe" trigger)";
    RoomPlaces places;
    places.downloads = places.staging = places.keep = places.state = R"(C:\ProgramData\Autodeploy\state)";
    places.package_bytes = std::uint64_t(600) << 20;
    input.needs = room_needs(detection, input.release, places);
    return input;
}

} // namespace

TEST_CASE("each requirement is met, not met and cannot be told on Windows as its cases say, in Windows' own words") {
    for (const WindowsCase& windows_case : windows_cases()) {
        CAPTURE(windows_case.id);
        CAPTURE(windows_case.name);
        StillMachine machine;
        put_windows_client(machine);
        if (windows_case.machine) windows_case.machine(machine);
        const Detection detection = windows_detection(machine);
        PreflightInput input = windows_input(detection);
        if (windows_case.wanted) windows_case.wanted(input);
        bool found = false;
        for (const Requirement& requirement : preflight(detection, input)) {
            // Nothing that only a Unix has.
            for (const char* word : {"systemctl", "dsm.sys", "/etc/", "/opt/", "root", "apt-mark", "rpm "})
                CHECK(requirement.mend.find(word) == std::string::npos);
            if (requirement.id != windows_case.id) continue;
            found = true;
            CHECK(requirement.state == windows_case.state);
            CHECK(requirement.severity == windows_case.severity);
            CHECK(requirement.evidence == windows_case.evidence);
            CHECK(requirement.mend == windows_case.mend);
        }
        CHECK(found);
    }
}

TEST_CASE("on a Windows where everything is in order nothing blocks and nothing is warned of") {
    StillMachine machine;
    put_windows_client(machine);
    const Detection detection = windows_detection(machine);
    CHECK(detection.unreadable.empty());
    CHECK(detection.platform == "windows-x64");
    CHECK(detection.installer == "msi");
    for (const Requirement& requirement : preflight(detection, windows_input(detection))) {
        CAPTURE(requirement.id);
        CAPTURE(requirement.evidence);
        CHECK((requirement.state == RequirementState::met || requirement.severity == Severity::note));
    }
}

TEST_CASE("room on Windows is asked for on the client's drive and for the copy that Windows keeps of a package") {
    StillMachine machine;
    put_windows_client(machine);
    const Detection detection = windows_detection(machine);
    Manifest release = *good_input(detection).release;
    release.payloads.front().path = "client.msi";
    release.payloads.front().size = std::uint64_t(300) << 20;
    CHECK(room_needs(detection, release, {}) ==
          std::vector<RoomNeed>{{windows_client, std::uint64_t(100) << 20, "the new files beside the old ones"},
                                {R"(C:\Windows\Installer)", std::uint64_t(332) << 20, "Windows' copy of the package"}});
    RoomPlaces with_runtime;
    with_runtime.prerequisite_bytes = std::uint64_t(75) << 20;
    CHECK(room_needs(detection, release, with_runtime).back() ==
          RoomNeed{R"(C:\Windows\Installer)", std::uint64_t(75) << 20, "what has to be installed first"});
    Detection without_client;
    without_client.host = detection.host;
    CHECK(room_needs(without_client, release, {}).front().path == windows_client);
}

TEST_CASE("a Windows whose programs lie where nobody would look is refused for that, in plain words") {
    for (const char* programs : {R"(c:\program files)", R"(D:\Program Files)"}) {
        CAPTURE(programs);
        StillMachine machine;
        put_windows_client(machine);
        DetectSettings settings;
        settings.program_files = programs;
        const Detection detection = detect(machine.platform(), settings);
        const bool usual = programs[0] == 'c';
        bool told = false;
        for (const Requirement& requirement : blockers(preflight(detection, windows_input(detection))))
            told = told || (requirement.id == "file-systems-writable" &&
                            requirement.evidence == R"(programs lie in D:\Program Files here, and this agent knows )"
                                                    R"(C:\Program Files only: it would look at other places and )"
                                                    "measure them" &&
                            requirement.mend == "update this client by hand");
        CHECK(told == !usual);
    }
}

TEST_CASE("the trigger's command is told as a schedule of this system has it") {
    StandardPaths paths;
    paths.program = "/usr/bin/autodeploy";
    CHECK(preflight_input({}, paths).trigger_command == "/usr/bin/autodeploy trigger");
    paths.program = R"(C:\Program Files\Autodeploy\autodeploy.exe)";
    CHECK(preflight_input({}, paths).trigger_command == R"("C:\Program Files\Autodeploy\autodeploy.exe" trigger)");
}
