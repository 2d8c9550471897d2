#include "platform/posix/posix_clock.h"

#include <cerrno>
#include <ctime>

namespace autodeploy {

UnixTime PosixClock::now() {
    return UnixTime(::time(nullptr));
}

std::int64_t PosixClock::now_ms() {
    timespec time{};
    ::clock_gettime(CLOCK_REALTIME, &time);
    return std::int64_t(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000;
}

Milliseconds PosixClock::elapsed() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return std::chrono::duration_cast<Milliseconds>(Seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

void PosixClock::sleep(Milliseconds time) {
    if (time <= Milliseconds::zero()) return;
    timespec rest{time_t(time.count() / 1000), long(time.count() % 1000) * 1'000'000};
    while (::nanosleep(&rest, &rest) != 0 && errno == EINTR) {
    }
}

Seconds PosixClock::local_offset(UnixTime at) {
    const time_t moment = time_t(at);
    std::tm local{};
    std::tm utc{};
    // The zone may have been changed since the last time; localtime_r need not look.
    ::tzset();
    if (::localtime_r(&moment, &local) == nullptr || ::gmtime_r(&moment, &utc) == nullptr) return Seconds::zero();
    int days = local.tm_yday - utc.tm_yday;
    if (local.tm_year != utc.tm_year) days = local.tm_year > utc.tm_year ? 1 : -1;
    return std::chrono::hours(24 * days + local.tm_hour - utc.tm_hour) +
           std::chrono::minutes(local.tm_min - utc.tm_min) + Seconds(local.tm_sec - utc.tm_sec);
}

} // namespace autodeploy
