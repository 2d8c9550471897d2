#pragma once

#include "installer/apply.h"
#include "installer/captures.h"

#include <cstddef>

namespace autodeploy {

// What the steps of an attempt left in their captures for others than their own undo: apply() and its report read it.
// Which step leaves what stands in step.h. All calls throw Error as Captures does, but for add_findings.

/// The captures of one step; each has a folder of its own.
Captures captures_of(std::size_t step, const Journal& journal, StepContext& context);

/// Adds notes, and how long services were down. Nothing of it is worth a failure: what cannot be read is a note.
void add_findings(ApplyResult& result, const Journal& journal, StepContext& context);

/// Whether the new release runs, and nobody here reaches the server.
bool server_was_unreachable(const Journal& journal, StepContext& context);

/// Whether anything of the client can have been changed. A journal that lost its marks looks like one of an attempt
/// that never began; what the steps left tells better.
bool was_begun(const Journal& journal, StepContext& context);

} // namespace autodeploy
