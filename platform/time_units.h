#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace autodeploy {

using Seconds = std::chrono::seconds;
using Milliseconds = std::chrono::milliseconds;

/// Seconds since 1970 in UTC.
using UnixTime = std::int64_t;

/// "2026-11-28T20:00:00Z"
std::string utc_text(UnixTime time);

} // namespace autodeploy
