#include "tests/platform/native_installer_contract.h"

#include "platform/error.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace autodeploy {

namespace {

const std::string old_release = "8.1.25.0";
const std::string new_release = "8.1.27.0";

} // namespace

bool is_reached(NativeInstaller& installer, const PackageSet& target) {
    std::vector<std::string> names = target.absent;
    for (const PackageFile& file : target.present)
        names.push_back(file.id.name);
    std::vector<InstalledPackage> found = installer.installed(names);
    std::erase_if(found, [&](const InstalledPackage& package) {
        return std::find(names.begin(), names.end(), package.id.name) == names.end();
    });
    return found.size() == target.present.size() &&
           std::all_of(target.present.begin(), target.present.end(), [&](const PackageFile& file) {
               return std::any_of(found.begin(), found.end(), [&](const InstalledPackage& package) {
                   return package.id == file.id && package.healthy && package.digest == file.digest;
               });
           });
}

void check_native_installer_contract(InstallerBench& bench) {
    NativeInstaller& installer = bench.installer();
    const PackageSet old_set = bench.packages(old_release);
    const PackageSet new_set = bench.packages(new_release);
    const std::string before = bench.snapshot();

    SUBCASE("at the target nothing is done") {
        REQUIRE(is_reached(installer, old_set));
        const ConvergeResult result = installer.converge(old_set, bench.options());
        CHECK(result.convergence == Convergence::reached);
        CHECK(result.warnings.empty());
        CHECK(bench.snapshot() == before);
    }
    SUBCASE("a dry run changes nothing and finds nothing in the way") {
        const auto reason = installer.dry_run(new_set);
        INFO(reason.value_or(""));
        CHECK_FALSE(reason.has_value());
        CHECK_FALSE(installer.dry_run(old_set).has_value()); // what is installed already
        CHECK(bench.snapshot() == before);
    }
    SUBCASE("a newer release takes the place of the older one, and back again leaves all as it was") {
        CHECK(installer.converge(new_set, bench.options()).convergence == Convergence::reached);
        CHECK(is_reached(installer, new_set));
        CHECK_FALSE(is_reached(installer, old_set));
        CHECK_FALSE(installer.dry_run(old_set).has_value());
        CHECK(installer.converge(new_set, bench.options()).convergence == Convergence::reached);
        CHECK(installer.converge(old_set, bench.options()).convergence == Convergence::reached);
        CHECK(is_reached(installer, old_set));
        CHECK(bench.snapshot() == before);
    }
    SUBCASE("while somebody else is at work nothing is changed") {
        bench.hold_lock(true);
        CHECK(installer.converge(new_set, bench.options()).convergence == Convergence::busy);
        bench.hold_lock(false);
        CHECK(bench.snapshot() == before);
        CHECK(installer.converge(new_set, bench.options()).convergence == Convergence::reached);
    }
    SUBCASE("a package whose script fails is an error, and the way back mends it") {
        const PackageSet sick = bench.packages("8.1.28.0", Ailment::script_fails);
        CHECK_THROWS_AS(installer.converge(sick, bench.options()), Error);
        CHECK_FALSE(is_reached(installer, sick));
        CHECK(installer.converge(old_set, bench.options()).convergence == Convergence::reached);
        CHECK(is_reached(installer, old_set));
        CHECK(bench.snapshot() == before);
    }
    SUBCASE("what is to be absent is gone, and comes back with another set") {
        PackageSet less = new_set;
        less.absent.push_back(less.present.back().id.name);
        less.present.pop_back();
        CHECK(installer.converge(less, bench.options()).convergence == Convergence::reached);
        CHECK(is_reached(installer, less));
        CHECK(installer.converge(old_set, bench.options()).convergence == Convergence::reached);
        CHECK(bench.snapshot() == before);
    }
    SUBCASE("installed packages are found by the beginning of their names") {
        const std::string name = old_set.present.back().id.name;
        const std::vector<InstalledPackage> found = installer.installed({name.substr(0, name.size() - 1)});
        REQUIRE(found.size() == 1);
        CHECK(found.front().id == old_set.present.back().id);
        CHECK(installer.installed({"nothing-begins-so"}).empty());
        CHECK(installer.installed({}).empty());
    }
    SUBCASE("files of an untouched installation are right") {
        std::vector<std::string> names;
        for (const PackageFile& file : old_set.present)
            names.push_back(file.id.name);
        CHECK(installer.verify(names).empty());
    }
}

} // namespace autodeploy
