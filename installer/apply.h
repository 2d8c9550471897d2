#pragma once

#include "installer/journal.h"
#include "installer/step.h"

#include <cstdint>
#include <string>
#include <vector>

namespace autodeploy {

enum class Applied {
    committed,        ///< the new release runs, read back
    unconfirmed,      ///< committed; but the server cannot be reached by anyone from here
    rolled_back,      ///< the old release runs, everything as before, read back
    busy,             ///< as before; another package tool was at work: try again later, no failed attempt
    untouched,        ///< interrupted before anything of the client was changed: make a new attempt
    awaiting_restart, ///< the machine must be restarted, which is allowed; then call apply again
    needs_attention,  ///< a person is needed; message and notes say exactly what for
    needs_restart,    ///< put back, but only a restart, which nobody asks for, completes that; then call apply again
};

struct ApplyResult {
    Applied applied = Applied::untouched;
    std::string cause; ///< stable code of what went wrong first; empty if nothing did
    std::string message;
    std::vector<std::string> notes; ///< warnings, files left to the administrator, failures of an undo
    std::int64_t down_ms = 0;       ///< first stop command to last start returned; 0 if nothing was stopped

    bool operator==(const ApplyResult&) const = default;
};

/// Performs the plan of the journal, from where the journal says it stands: a fresh attempt, one that was interrupted
/// at any point, one that waited for a restart, or one that has ended, whose result it returns again. There is no
/// second path for recovery. Forward until a step throws; then back over every step, carrying on past an undo that
/// fails; whatever happens, the last thing is to have the services of the rescue list running. Blocks until the end.
/// The caller holds the instance lock. Throws Error only if the attempt could not even be begun (nothing was changed)
/// or could not be finished in the journal (call it again).
/// An attempt that needs a restart of the machine leaves its services running as far as they can, held, and does not
/// end: called again it does nothing until the machine was restarted.
ApplyResult apply(Journal& journal, StepContext& context);

/// Goes back from waiting for a restart. Else as apply().
ApplyResult give_up_restart(Journal& journal, StepContext& context, const std::string& cause,
                            const std::string& message);

Json apply_result_json(const ApplyResult& result);
ApplyResult apply_result_from_json(const Json& json);

} // namespace autodeploy
