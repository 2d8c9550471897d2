#include "installer/attempt_findings.h"

#include "platform/error.h"
#include "platform/platform.h"

#include <algorithm>
#include <optional>

namespace autodeploy {

Captures captures_of(std::size_t step, const Journal& journal, StepContext& context) {
    return Captures(context.platform.files,
                    context.folder + "/captures/" + std::to_string(step) + "-" + kind_of(journal.plan().steps[step]));
}

void add_findings(ApplyResult& result, const Journal& journal, StepContext& context) {
    std::optional<std::int64_t> first_stop;
    std::int64_t last_start = 0;
    std::int64_t ran_meanwhile = 0;
    for (std::size_t i = 0; i < journal.plan().steps.size(); ++i) {
        try {
            const Captures captures = captures_of(i, journal, context);
            for (const char* name : {"notes", "kept"})
                if (const auto notes = captures.load(name))
                    for (const Json& note : notes->array())
                        result.notes.push_back(note.string());
            if (const auto stopped = captures.load("stopped-at")) first_stop = stopped->integer();
            if (const auto started = captures.load("started-at")) last_start = std::max(last_start, started->integer());
            const auto from = captures.load("ran-from"), until = captures.load("ran-until");
            if (from && until) ran_meanwhile = until->integer() - from->integer();
            if (from && !until) last_start = std::max(last_start, from->integer());
        } catch (const Error& error) {
            result.notes.emplace_back(error.what());
        }
    }
    // A clock that was put back in between would make nonsense of it.
    if (first_stop && last_start > *first_stop)
        result.down_ms = std::max<std::int64_t>(last_start - *first_stop - ran_meanwhile, 0);
}

bool server_was_unreachable(const Journal& journal, StepContext& context) {
    for (std::size_t i = 0; i < journal.plan().steps.size(); ++i)
        if (captures_of(i, journal, context).load("unconfirmed")) return true;
    return false;
}

bool was_begun(const Journal& journal, StepContext& context) {
    for (std::size_t i = 0; i < journal.plan().steps.size(); ++i)
        for (const char* trace : {"confirmed", "stopped-at"})
            if (captures_of(i, journal, context).has(trace)) return true;
    return false;
}

} // namespace autodeploy
