#include "tests/platform/linux/real_installers.h"

#include "platform/error.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

const LookAlikes& debs() {
    static const LookAlikes made(true);
    return made;
}

const LookAlikes& rpms() {
    static const LookAlikes made(false);
    return made;
}

} // namespace

TEST_CASE("the real dpkg keeps the contract") {
    if (const std::string why = missing_for_debs(); !why.empty()) {
        MESSAGE("skipped: " << why);
        return;
    }
    RealBench bench(debs());
    check_native_installer_contract(bench);
    CHECK(bench.broken() == "");
}

TEST_CASE("the real rpm keeps the contract") {
    if (const std::string why = missing_for_rpms(); !why.empty()) {
        MESSAGE("skipped: " << why);
        return;
    }
    RealBench bench(rpms());
    check_native_installer_contract(bench);
    CHECK(bench.broken() == "");
}
