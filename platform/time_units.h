#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace autodeploy {

using Seconds = std::chrono::seconds;
using Milliseconds = std::chrono::milliseconds;

/// Seconds since 1970 in UTC.
using UnixTime = std::int64_t;

/// "2026-11-28T20:00:00Z"
std::string utc_text(UnixTime time);
/// Exactly that form, with a day and a time that exist; nothing for anything else.
std::optional<UnixTime> parse_utc(std::string_view text);

} // namespace autodeploy
