#pragma once

#include "agent/reports/status.h"

#include <string>

namespace autodeploy {

/// The status for Prometheus' textfile collector; names and meanings are a promise, told in agent/README.md. Says the
/// same for the same status: when it was written is the file's own time.
std::string metrics_text(const Status& status);

} // namespace autodeploy
