#include "agent/commands/commands.h"
#include "agent/reports/history.h"
#include "agent/trigger.h"
#include "platform/error.h"

#include <algorithm>

namespace autodeploy {

Request ask_service(CommandContext& context, Request request) {
    context.need_administrator();
    request.requested_by = context.host.caller();
    Requests requests(context.platform.files, context.platform.clock, context.paths.requests());
    request = requests.add(request);
    try {
        wake_service(context.platform, context.host, context.paths);
    } catch (const Error& error) {
        requests.remove(request.id);
        throw Error(error.cause(), std::string("cannot ask the service, which does not run: ") + error.what());
    }
    return request;
}

std::string progress_line(const ActiveDeployment& deployment) {
    if (!deployment.waiting_for.empty()) {
        std::string line;
        for (const std::string& what : deployment.waiting_for)
            line += (line.empty() ? "waiting for " : "; ") + what;
        return line;
    }
    std::string line = text(deployment.phase);
    if (!deployment.doing.empty()) line += ": " + deployment.doing;
    if (deployment.total > 0) line += " " + std::to_string(deployment.done * 100 / deployment.total) + " %";
    return line;
}

Report follow(CommandContext& context, const Request& request) {
    const History history(context.platform.files, context.paths.history());
    std::string shown;
    int stops = 0;
    for (;;) {
        const History::Content content = history.read();
        const auto report = std::find_if(content.reports.rbegin(), content.reports.rend(),
                                         [&](const Report& other) { return other.id == request.id; });
        if (report != content.reports.rend()) return *report;
        const Status status = present_status(context);
        // A request that joined another deployment ends with it.
        if (!status.deployment && status.pending == 0 && status.last && status.last->ended_at >= request.accepted_at)
            return *status.last;
        const std::string line = status.deployment ? progress_line(*status.deployment) : "waiting to be taken up";
        if (line != shown) context.say(line);
        shown = line;
        if (context.host.wait(Milliseconds(500)) != Wake::stop) continue;
        if (++stops > 1)
            throw Error("not_followed",
                        "cannot follow " + request.id + " any more, as was asked; it goes on: see `autodeploy status`");
        Request cancel;
        cancel.kind = RequestKind::cancel;
        ask_service(context, cancel);
        context.say("asked to cancel; Ctrl-C once more stops following");
    }
}

} // namespace autodeploy
