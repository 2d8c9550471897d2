#include "tests/fakes/spread.h"

#include <cstdlib>

namespace autodeploy {

namespace {
/// The build says it.
constexpr int turns = AUTODEPLOY_FAULT_TURNS;
} // namespace

bool everything_is_due() {
    static const bool everything = std::getenv("AUTODEPLOY_ALL_FAULTS") != nullptr;
    return everything;
}

bool is_due(int number) {
    return number % turns == 0 || everything_is_due();
}

} // namespace autodeploy
