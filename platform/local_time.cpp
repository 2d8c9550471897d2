#include "platform/local_time.h"

#include <algorithm>

namespace autodeploy {

namespace {
constexpr UnixTime day_seconds = 86400;
} // namespace

UnixTime utc_of_local(UnixTime local, WhenTwice which, const LocalOffset& offset) {
    const UnixTime before = offset(local - day_seconds).count();
    const UnixTime after = offset(local + day_seconds).count();
    const UnixTime by_before = local - before;
    const UnixTime by_after = local - after;
    const bool good_before = offset(by_before).count() == before;
    const bool good_after = offset(by_after).count() == after;
    if (good_before && good_after)
        return which == WhenTwice::first ? std::min(by_before, by_after) : std::max(by_before, by_after);
    if (good_before) return by_before;
    if (good_after) return by_after;
    // The clock skips this time: the moment of the change.
    UnixTime low = local - 2 * day_seconds;
    UnixTime high = local + 2 * day_seconds;
    while (high - low > 1) {
        const UnixTime middle = low + (high - low) / 2;
        (offset(middle).count() == before ? low : high) = middle;
    }
    return high;
}

} // namespace autodeploy
