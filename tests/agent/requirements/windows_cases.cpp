#include "tests/agent/requirements/windows_cases.h"

namespace autodeploy {

std::vector<WindowsCase> windows_cases() {
    std::vector<WindowsCase> cases;
    for (const auto& part : {on_windows::client_cases(), on_windows::option_cases(), on_windows::service_cases(),
                             on_windows::release_cases(), on_windows::machine_cases(), on_windows::coexistence_cases()})
        cases.insert(cases.end(), part.begin(), part.end());
    return cases;
}

Detection windows_detection(StillMachine& machine) {
    DetectSettings settings;
    settings.measured_paths = {R"(C:\ProgramData\Autodeploy\state)"};
    settings.hold_files = {R"(C:\ProgramData\Autodeploy\hold)"};
    Detection detection = detect(machine.platform(), settings);
    for (Volume& volume : detection.volumes)
        if (volume.free_bytes) volume.free_bytes = std::uint64_t(4) << 30;
    return detection;
}

} // namespace autodeploy
