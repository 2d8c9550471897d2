#include "installer/detection.h"

#include "installer/detection_parts.h"
#include "platform/error.h"

namespace autodeploy {

void look(Detection& detection, const std::string& subject, const std::function<void()>& part) {
    try {
        part();
    } catch (const Error& error) {
        detection.unreadable.emplace(subject, error.what());
    }
}

Detection detect(Platform& platform, const DetectSettings& settings) {
    Detection detection;
    detection.taken_at = platform.clock.now();
    detection.host = platform.host.facts();
    detection.administrator = platform.host.is_administrator();
    detection.service_manager = platform.services.name();

    detect_program(platform, settings, detection);
    detect_packages(platform, detection);
    detect_services(platform, settings, detection);
    detect_binary_version(platform, settings, detection);
    detect_machine(platform, settings, detection);
    detect_files(platform, detection);
    return detection;
}

} // namespace autodeploy
