#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace autodeploy {

/// Time of a log line in the machine's local time, seconds since 1970 as if it were UTC; nothing where no known form of
/// date begins the line. day_first decides what 11/12/2026 is.
std::optional<std::int64_t> log_line_time(std::string_view line, bool day_first);

} // namespace autodeploy
