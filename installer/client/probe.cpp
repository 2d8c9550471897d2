#include "installer/client/probe.h"

#include "installer/detection_parts.h"
#include "platform/error.h"
#include "platform/platform.h"

#include <utility>

namespace autodeploy {

DetectingProbe::DetectingProbe(Platform& platform, DetectSettings settings)
    : platform_(platform), settings_(std::move(settings)) {}

std::optional<std::string> DetectingProbe::version() {
    const Detection detection = detect(platform_, settings_);
    if (!detection.binary_version) return std::nullopt;
    return text(*detection.binary_version);
}

std::optional<bool> DetectingProbe::reached_server(const Service& service, UnixTime since) {
    const HostFacts host = platform_.host.facts();
    const EffectiveOptions options = service_options(platform_, host, service);
    if (!runs_schedules(service, options)) return std::nullopt;
    const std::string path = scheduler_log_path(platform_, host, service, options);
    SchedulerContext context;
    context.now = platform_.clock.now();
    context.local_offset = platform_.clock.local_offset(context.now);
    const SchedulerLog log = read_scheduler_log(platform_.files, path, settings_.log_limit, context);
    if (log.last_query_end) return *log.last_query_end >= since;
    // Nothing written yet is no contact yet; a log that cannot be read tells nothing.
    if (log.modified) return false;
    try {
        if (!platform_.files.status(path)) return false;
    } catch (const Error&) {
        // The same as for a log that is there and cannot be read.
    }
    return std::nullopt;
}

} // namespace autodeploy
