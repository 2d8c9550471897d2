#include "tests/agent/requirements/requirement_cases.h"
#include "tests/fakes/still_machine.h"

namespace autodeploy {

std::vector<RequirementCase> requirement_cases() {
    std::vector<RequirementCase> cases;
    for (auto& part :
         {client_cases(), option_cases(), service_cases(), release_cases(), machine_cases(), coexistence_cases()})
        cases.insert(cases.end(), part.begin(), part.end());
    return cases;
}

Detection good_detection(const std::string& installer) {
    StillMachine machine;
    put_client(machine, installer);
    DetectSettings settings;
    settings.measured_paths = {"/var/lib/autodeploy"};
    Detection detection = detect(machine.platform(), settings);
    detection.server_version = ClientVersion{8, 1, 20, 0};
    for (Volume& volume : detection.volumes)
        volume.free_bytes = std::uint64_t(4) << 30;
    return detection;
}

PreflightInput good_input(const Detection& detection) {
    PreflightInput input;
    input.trigger_command = "/usr/bin/autodeploy trigger";
    input.spare_bytes = std::uint64_t(200) << 20;
    Manifest release;
    release.product = "backup-archive-client";
    release.release = {8, 1, 27, 0};
    release.platform = detection.platform;
    release.installer = detection.installer;
    release.signature = {SignatureResult::verified, "key E58157A3", "", ""};
    PackageSet target;
    for (const InstalledPackage& package : detection.packages) {
        Payload payload;
        payload.id = package.id;
        const bool aix = detection.installer == "installp";
        payload.shared = package.id.name.find("gsk") != std::string::npos;
        payload.id.version = payload.shared ? (aix ? "8.0.60.4" : "8.0-60.4") : (aix ? "8.1.27.0" : "8.1.27-0");
        payload.installed_bytes = std::uint64_t(100) << 20;
        release.payloads.push_back(payload);
        PackageFile file;
        file.id = payload.id;
        target.present.push_back(file);
    }
    input.release = release;
    input.target = target;
    input.way_back = WayBack{};
    RoomPlaces places;
    places.downloads = places.staging = places.keep = places.state = "/var/lib/autodeploy";
    places.package_bytes = std::uint64_t(600) << 20;
    places.staged_bytes = std::uint64_t(300) << 20;
    input.needs = room_needs(detection, input.release, places);
    return input;
}

} // namespace autodeploy
