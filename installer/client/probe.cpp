#include "installer/client/probe.h"

#include "installer/detection_parts.h"
#include "platform/error.h"
#include "platform/platform.h"

#include <algorithm>
#include <utility>

namespace autodeploy {

DetectingProbe::DetectingProbe(Platform& platform, DetectSettings settings)
    : platform_(platform), settings_(std::move(settings)) {}

std::optional<std::string> DetectingProbe::version() {
    const Detection detection = detect(platform_, settings_);
    if (!detection.binary_version) return std::nullopt;
    return text(*detection.binary_version);
}

ContactMark DetectingProbe::contact_mark(const Service& service) {
    ContactMark mark{platform_.clock.now(), 0};
    try {
        const HostFacts host = platform_.host.facts();
        const EffectiveOptions options = service_options(platform_, host, service);
        const std::string path = scheduler_log_path(platform_, host, service, options);
        if (!path.empty()) mark.log_end = read_scheduler_log(platform_.files, path, 0, {}).end;
    } catch (const Error&) {
        // The time remains.
    }
    return mark;
}

std::optional<bool> DetectingProbe::reached_server(const Service& service, const ContactMark& since) {
    const HostFacts host = platform_.host.facts();
    const EffectiveOptions options = service_options(platform_, host, service);
    if (!runs_schedules(service, options)) return std::nullopt;
    const std::string path = scheduler_log_path(platform_, host, service, options);
    if (path.empty()) return std::nullopt;
    SchedulerContext context;
    context.now = platform_.clock.now();
    context.local_offset = [this](UnixTime at) { return platform_.clock.local_offset(at); };
    // What was appended since; of one that was pruned or begun anew meanwhile, all.
    const std::int64_t fresh = read_scheduler_log(platform_.files, path, 0, context).end - since.log_end;
    const std::uint64_t limit =
        fresh < 0 ? settings_.log_limit : std::min(settings_.log_limit, static_cast<std::uint64_t>(fresh));
    const SchedulerLog log = read_scheduler_log(platform_.files, path, limit, context);
    if (log.last_query_end) return *log.last_query_end >= since.at;
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
