#include "platform/clock.h"

#include <array>
#include <cstdio>

namespace autodeploy {

std::string utc_text(UnixTime time) {
    const std::chrono::sys_seconds moment{Seconds(time)};
    const auto day = std::chrono::floor<std::chrono::days>(moment);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(moment - day);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02ld:%02ld:%02ldZ", int(date.year()),
                  unsigned(date.month()), unsigned(date.day()), long(clock.hours().count()),
                  long(clock.minutes().count()), long(clock.seconds().count()));
    return text.data();
}

} // namespace autodeploy
