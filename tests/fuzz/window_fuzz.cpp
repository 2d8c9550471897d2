// Covers agent/window.cpp
#include "agent/window.h"
#include "platform/error.h"
#include "tests/fuzz/fuzz.h"

using namespace autodeploy;

/// Two bytes for the offsets before and after a change of the clock, four for now, then a rule on each line.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 6) return 0;
    const Seconds before(std::int64_t(data[0] % 105) * 900 - 12 * 3600);
    const Seconds after = before + Seconds(std::int64_t(data[1] % 5) * 1800 - 3600);
    std::uint32_t moved = 0;
    for (std::size_t i = 2; i < 6; ++i)
        moved = moved << 8 | data[i];
    constexpr UnixTime change = 1792890000;
    const UnixTime now = change + UnixTime(moved % (40 * 86400)) - 20 * 86400;
    const LocalOffset offset = [&](UnixTime at) { return at < change ? before : after; };
    MaintenanceWindow window;
    for (const std::string& line : fuzz::lines_of(fuzz::text_of(data + 6, size - 6)))
        try {
            window.rules.push_back(parse_window_rule(line));
            fuzz::require(parse_window_rule(text(window.rules.back())) == window.rules.back());
        } catch (const Error& error) {
            fuzz::require(error.cause() == "settings_invalid");
        }
    const auto opening = opening_at_or_after(window, now, offset);
    fuzz::require(is_open(window, now, offset) == (opening && opening->from <= now));
    if (!opening) return 0;
    fuzz::require(opening->from < opening->to && now < opening->to);
    if (opening->from > now) fuzz::require(!is_open(window, opening->from - 1, offset));
    fuzz::require(is_open(window, opening->from, offset) && is_open(window, opening->to - 1, offset));
    return 0;
}
