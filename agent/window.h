#pragma once

#include "platform/local_time.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// On these days from one local time to another. Not later than from: it ends on the next day.
struct WindowRule {
    unsigned days = 0x7f; ///< of the opening; bit 0 is Monday, bit 6 Sunday
    int from = 0;         ///< minutes since midnight, 0 to 1439
    int to = 1440;        ///< minutes since midnight, 1 to 1440
    bool operator==(const WindowRule&) const = default;
};

/// When the client may be changed. No rules: at any time.
struct MaintenanceWindow {
    std::vector<WindowRule> rules;
    bool operator==(const MaintenanceWindow&) const = default;
};

/// "mon-fri 20:00-04:00", "sat,sun 00:00-24:00", "daily 22:00-05:00". Throws Error settings_invalid.
WindowRule parse_window_rule(std::string_view text);
std::string text(const WindowRule& rule);
/// The rules with ", " between them, or "any".
std::string text(const MaintenanceWindow& window);

/// A stretch of time in which the window is open without a gap.
struct Opening {
    UnixTime from = 0;
    UnixTime to = 0; ///< exclusive
    bool operator==(const Opening&) const = default;
};

/// The opening that holds now, or else the next one; rules that touch are one opening. Nothing if none comes within 15
/// days. Of an opening that began long ago, from may be as late as a day before now. When the clock is put forward, a
/// time of day that does not exist is taken as the moment of the change; when it is put back, a window opens at the
/// first and closes at the second of two equal times: it is never shorter than written on account of a change that it
/// spans only in part. Pure.
std::optional<Opening> opening_at_or_after(const MaintenanceWindow& window, UnixTime now, const LocalOffset& offset);

bool is_open(const MaintenanceWindow& window, UnixTime now, const LocalOffset& offset);

/// 0 to longest, always the same for the same name: spreads clients that share a window or a schedule.
Seconds stable_jitter(std::string_view node_name, Seconds longest);

} // namespace autodeploy
