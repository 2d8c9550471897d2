#include "agent/refused_trigger.h"

#include "agent/requests.h"

namespace autodeploy {
namespace {

constexpr std::uint64_t largest = 65536;

} // namespace

void leave_refused_trigger(Platform& platform, const StandardPaths& paths, const std::string& caller,
                           const Error& refusal) {
    Request request;
    request.requested_by = caller;
    request.accepted_at = platform.clock.now();
    request.id = compact_time(request.accepted_at) + "-trigger";
    Report report = report_of(request, request.accepted_at);
    report.outcome = Outcome::refused;
    report.cause = refusal.cause();
    report.message = refusal.what();
    platform.files.make_private_directory(paths.state);
    platform.files.write_durably(paths.refused_trigger(), compact_json(report_json(report)) + "\n");
}

std::optional<Report> refused_trigger(FileSystem& files, const StandardPaths& paths) {
    try {
        return report_from_json(parse_json(files.read(paths.refused_trigger(), largest)));
    } catch (const Error&) {
        return std::nullopt;
    }
}

} // namespace autodeploy
