#include "agent/window.h"

#include "platform/error.h"

#include <doctest/doctest.h>

#include <set>

using namespace autodeploy;

namespace {

const LocalOffset utc = [](UnixTime) { return Seconds(0); };

/// Central Europe in 2026: UTC+1, UTC+2 from 29 March 01:00 UTC to 25 October 01:00 UTC.
constexpr UnixTime spring = 1774746000;
constexpr UnixTime autumn = 1792890000;
const LocalOffset berlin = [](UnixTime at) { return Seconds(at >= spring && at < autumn ? 7200 : 3600); };

/// 2026-11-28 is a Saturday.
constexpr UnixTime saturday = 1795824000;
constexpr UnixTime hour = 3600;
constexpr UnixTime day = 86400;

MaintenanceWindow window(std::initializer_list<const char*> rules) {
    MaintenanceWindow window;
    for (const char* rule : rules)
        window.rules.push_back(parse_window_rule(rule));
    return window;
}

} // namespace

TEST_CASE("rules are read and written") {
    const std::pair<const char*, const char*> table[] = {
        {"mon-fri 20:00-04:00", "mon-fri 20:00-04:00"}, {"sat,sun 00:00-24:00", "sat,sun 00:00-24:00"},
        {"daily 22:00-05:00", "daily 22:00-05:00"},     {"FRI-MON 01:30-02:00", "mon,fri-sun 01:30-02:00"},
        {"tue 12:00-00:00", "tue 12:00-24:00"},
    };
    for (const auto& [written, expected] : table) {
        CHECK(text(parse_window_rule(written)) == expected);
        CHECK(parse_window_rule(expected) == parse_window_rule(written));
    }
    CHECK(text(window({})) == "any");
    CHECK(text(window({"mon 01:00-02:00", "tue 01:00-02:00"})) == "mon 01:00-02:00, tue 01:00-02:00");
}

TEST_CASE("bad rules are told with what is wrong") {
    const std::pair<const char*, const char*> table[] = {
        {"", "missing"},
        {"mon", "missing"},
        {"20:00-04:00", "missing"},
        {"monday 20:00-04:00", "\"monday\" is no day"},
        {"mon-xyz 20:00-04:00", "\"xyz\" is no day"},
        {"mon, 20:00-04:00", "\"\" is no day"},
        {"mon 20:00", "no end"},
        {"mon 8:00-10:00", "\"8:00\" is no time"},
        {"mon 20:60-22:00", "\"20:60\" is no time of a day"},
        {"mon 25:00-26:00", "\"25:00\" is no time of a day"},
        {"mon 24:00-02:00", "24:00 cannot be a beginning"},
        {"mon 20:00-20:00", "it is empty"},
        {"mon 20:00-22:00 x", "is no time"},
    };
    for (const auto& [rule, message] : table)
        CHECK_THROWS_WITH_AS(parse_window_rule(rule), doctest::Contains(message), Error);
}

TEST_CASE("the opening that holds now, or the next one") {
    const MaintenanceWindow night = window({"sat 22:00-04:00"});
    const Opening expected{saturday + 22 * hour, saturday + 28 * hour};
    for (const UnixTime now : {saturday - 5 * day, saturday, saturday + 22 * hour, saturday + 28 * hour - 1})
        CHECK(opening_at_or_after(night, now, utc) == expected);
    CHECK(opening_at_or_after(night, saturday + 28 * hour, utc)->from == saturday + 7 * day + 22 * hour);
    CHECK(!is_open(night, saturday + 22 * hour - 1, utc));
    CHECK(is_open(night, saturday + 22 * hour, utc));
    CHECK(!is_open(night, saturday + 28 * hour, utc));
    CHECK(is_open(window({}), saturday, utc));
}

TEST_CASE("rules that touch or overlap are one opening") {
    CHECK(opening_at_or_after(window({"sat,sun 00:00-24:00"}), saturday + hour, utc) ==
          Opening{saturday, saturday + 2 * day});
    CHECK(opening_at_or_after(window({"sat 20:00-24:00", "sun 00:00-02:00", "sun 01:00-03:00"}), saturday, utc) ==
          Opening{saturday + 20 * hour, saturday + 27 * hour});
    CHECK(is_open(window({"daily 00:00-24:00"}), saturday, utc));
}

TEST_CASE("local time counts") {
    const MaintenanceWindow night = window({"sat 22:00-23:00"});
    const LocalOffset east = [](UnixTime) { return Seconds(5 * 3600 + 1800); };
    const LocalOffset west = [](UnixTime) { return Seconds(-8 * 3600); };
    CHECK(opening_at_or_after(night, saturday, east)->from == saturday + 22 * hour - 5 * hour - 1800);
    CHECK(opening_at_or_after(night, saturday, west)->from == saturday + 30 * hour);
}

TEST_CASE("when the clock is put forward, what is skipped begins and ends at the change") {
    // 29 March 2026, a Sunday: 02:00 becomes 03:00.
    CHECK(opening_at_or_after(window({"sun 02:30-04:00"}), spring - day, berlin) == Opening{spring, spring + hour});
    CHECK(opening_at_or_after(window({"sun 01:00-02:30"}), spring - day, berlin) == Opening{spring - hour, spring});
    CHECK(opening_at_or_after(window({"sat 22:00-05:00"}), spring - day, berlin) ==
          Opening{spring - 4 * hour, spring + 2 * hour});
}

TEST_CASE("when the clock is put back, a window opens at the first and closes at the second of two equal times") {
    // 25 October 2026, a Sunday: 03:00 becomes 02:00 again.
    CHECK(opening_at_or_after(window({"sun 02:30-04:00"}), autumn - day, berlin) ==
          Opening{autumn - hour / 2, autumn + 2 * hour});
    CHECK(opening_at_or_after(window({"sun 01:00-02:30"}), autumn - day, berlin) ==
          Opening{autumn - 2 * hour, autumn + hour / 2});
}

TEST_CASE("jitter is the same for the same node, spread over others, and never too long") {
    std::set<UnixTime> seen;
    for (int node = 0; node < 200; ++node) {
        const std::string name = "NODE" + std::to_string(node);
        const Seconds jitter = stable_jitter(name, Seconds(3600));
        CHECK(jitter == stable_jitter("node" + std::to_string(node), Seconds(3600)));
        CHECK(jitter >= Seconds(0));
        CHECK(jitter <= Seconds(3600));
        seen.insert(jitter.count() / 600);
    }
    CHECK(seen.size() >= 6);
    CHECK(stable_jitter("x", Seconds(0)) == Seconds(0));
}
