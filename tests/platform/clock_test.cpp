#include "platform/clock.h"

#include <doctest/doctest.h>

using namespace autodeploy;

TEST_CASE("a moment is written in UTC with a Z") {
    CHECK(utc_text(0) == "1970-01-01T00:00:00Z");
    CHECK(utc_text(1796414400) == "2026-12-04T20:00:00Z");
}
