#include "platform/clock.h"

#include <doctest/doctest.h>

using namespace autodeploy;

TEST_CASE("a moment is written in UTC with a Z") {
    CHECK(utc_text(0) == "1970-01-01T00:00:00Z");
    CHECK(utc_text(1796414400) == "2026-12-04T20:00:00Z");
}

TEST_CASE("a moment is read from exactly the form in which it is written") {
    CHECK(parse_utc("1970-01-01T00:00:00Z") == 0);
    CHECK(parse_utc("2026-12-04T20:00:00Z") == 1796414400);
    CHECK(parse_utc("2028-02-29T23:59:59Z") == 1835481599);
    CHECK(parse_utc("1969-12-31T23:59:59Z") == -1);
    CHECK(utc_text(*parse_utc("9999-12-31T23:59:59Z")) == "9999-12-31T23:59:59Z");
    for (const char* wrong :
         {"", "2026-12-04", "2026-12-04T20:00:00", "2026-12-04T20:00:00+00:00", "2026-12-04t20:00:00Z",
          "2026-12-04 20:00:00Z", "2027-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
          "2026-12-00T00:00:00Z", "2026-12-04T24:00:00Z", "2026-12-04T20:60:00Z", "2026-12-04T20:00:60Z",
          "2026-12-04T20:00:00Z ", "+026-12-04T20:00:00Z", "2026-12-04T20:00:0-Z", "2026-12-04T20:00:00.0Z"}) {
        CAPTURE(wrong);
        CHECK_FALSE(parse_utc(wrong));
    }
}
