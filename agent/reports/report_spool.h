#pragma once

#include "agent/reports/report.h"
#include "platform/file_system.h"

#include <cstddef>
#include <string>

namespace autodeploy {

/// So many reports wait for a receiver that does not come; then the oldest go. All are in the history as well.
inline constexpr std::size_t most_spooled_reports = 200;

/// Puts the report into the directory as ID.json, whole and durable, for whoever collects reports: it reads a file and
/// removes it. What is learned of a deployment later comes again under the same name. Never throws: returns why it
/// could not, or nothing.
std::string spool_report(FileSystem& files, const std::string& directory, const Report& report);

} // namespace autodeploy
