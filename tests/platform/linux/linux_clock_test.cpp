#include "platform/linux/linux_clock.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>

using namespace autodeploy;

TEST_CASE("the machine's clock runs and names this start of the machine") {
    LinuxClock clock;
    const Milliseconds before = clock.elapsed();
    clock.sleep(Milliseconds(5));
    CHECK(clock.elapsed() - before >= Milliseconds(5));
    CHECK(clock.now() > 1'700'000'000);
    CHECK(std::abs(clock.now_ms() / 1000 - clock.now()) <= 1);
    CHECK(clock.boot_id().size() > 36);
    CHECK(clock.boot_id() == clock.boot_id());
}

TEST_CASE("the offset of local time counts daylight saving and the turn of the year") {
    LinuxClock clock;
    const char* const before = std::getenv("TZ");
    const std::string kept = before == nullptr ? "" : before;
    ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    CHECK(clock.local_offset(1'767'225'000) == Seconds(3600)); // 2025-12-31T23:50:00Z
    CHECK(clock.local_offset(1'751'328'000) == Seconds(7200)); // 2025-07-01
    ::setenv("TZ", "EST5", 1);
    CHECK(clock.local_offset(1'767'226'200) == Seconds(-18000)); // 2026-01-01T00:10:00Z
    if (before == nullptr)
        ::unsetenv("TZ");
    else
        ::setenv("TZ", kept.c_str(), 1);
    ::tzset();
}
