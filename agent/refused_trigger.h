#pragma once

#include "agent/reports/report.h"
#include "platform/error.h"
#include "platform/platform.h"
#include "platform/standard_paths.h"

#include <optional>
#include <string>

namespace autodeploy {

// A trigger that was refused never reaches the service's spool, and is an outcome all the same: whoever looks at this
// client afterwards, by a second schedule or in the history, is to hear of it. The trigger leaves one file behind (the
// newest refusal; a later one takes its place); the service takes it into the history as soon as it runs.

/// Durable when it returns. Throws Error as FileSystem does: a lesser user cannot write here.
void leave_refused_trigger(Platform& platform, const StandardPaths& paths, const std::string& caller,
                           const Error& refusal);

/// What was left and is not in the history yet. No file is nothing, and so is a damaged one.
std::optional<Report> refused_trigger(FileSystem& files, const StandardPaths& paths);

} // namespace autodeploy
