#include "tests/fakes/spread.h"

#include <cstdlib>

namespace autodeploy {

namespace {
#ifdef AUTODEPLOY_SANITIZED
constexpr int turns = 7;
#else
constexpr int turns = 1;
#endif
} // namespace

bool everything_is_due() {
    static const bool everything = std::getenv("AUTODEPLOY_ALL_FAULTS") != nullptr;
    return everything;
}

bool is_due(int number) {
    return number % turns == 0 || everything_is_due();
}

} // namespace autodeploy
