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

Report follow(CommandContext& context, const Request& request) {
    const History history(context.platform.files, context.paths.history());
    ToldProgress seen;
    std::string shown;
    int stops = 0;
    for (;;) {
        // Read before the status: what was told before the report is then seen.
        const History::Content content = history.read();
        const Status status = present_status(context);
        if (status.deployment || status.told.deployment == request.id) {
            for (const std::string& line : new_lines(seen, status.told))
                context.say(line);
            seen = status.told;
        }
        const auto report = std::find_if(content.reports.rbegin(), content.reports.rend(),
                                         [&](const Report& other) { return other.id == request.id; });
        if (report != content.reports.rend()) return *report;
        // A request that joined another deployment ends with it.
        if (!status.deployment && status.pending == 0 && status.last && status.last->ended_at >= request.accepted_at)
            return *status.last;
        std::string line = shown;
        if (!status.deployment) line = "waiting to be taken up";
        if (status.deployment && status.deployment->total > 0) line = progress_line(*status.deployment);
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
