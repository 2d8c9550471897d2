#include "tests/platform/linux/real_installers.h"

#include "platform/detached_record.h"
#include "platform/error.h"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

using namespace autodeploy;
using Strings = std::vector<std::string>;

namespace {

const LookAlikes& debs() {
    static const LookAlikes made(true);
    return made;
}

const LookAlikes& rpms() {
    static const LookAlikes made(false);
    return made;
}

/// Each of the two tools that is here, on a machine of its own.
void for_each_tool(const std::function<void(RealBench&)>& test) {
    for (const bool for_dpkg : {true, false}) {
        const std::string why = for_dpkg ? missing_for_debs() : missing_for_rpms();
        if (!why.empty()) {
            MESSAGE("skipped: " << why);
            continue;
        }
        RealBench bench(for_dpkg ? debs() : rpms());
        CAPTURE(bench.installer().name());
        test(bench);
    }
}

std::string failure(RealBench& bench, const PackageSet& target) {
    try {
        bench.installer().converge(target, bench.options());
    } catch (const Error& error) {
        CHECK(error.cause() == "package_install_failed");
        return error.what();
    }
    return "";
}

/// Kills the tool with all that it started, and its keeper; what is told of it in the records is true only then.
void kill_tool(RealBench& bench) {
    const std::string record = bench.directory / ("state/detached/test-" + bench.installer().name());
    if (!bench.files.status(record)) return;
    const auto known = parse_record(bench.files.read(record, 10000));
    const pid_t session = known && known->process > 0 ? ::getsid(pid_t(known->process)) : -1;
    if (session <= 1) return;
    for (bool found = true; found;) {
        found = false;
        for (const Process& process : bench.processes.list())
            if (::getsid(pid_t(process.id)) == session) {
                bench.processes.kill(process);
                found = true;
            }
    }
}

/// Goes to the target in a process of its own, which is killed after that time, with the tool or without it.
void go_and_be_killed(RealBench& bench, const PackageSet& target, Milliseconds after, bool with_tool) {
    const pid_t agent = ::fork();
    if (agent == 0) {
        try {
            bench.installer().converge(target, bench.options());
        } catch (...) {
            ::_exit(1);
        }
        ::_exit(0);
    }
    bench.clock.sleep(after);
    ::kill(agent, SIGKILL);
    ::waitpid(agent, nullptr, 0);
    if (with_tool) kill_tool(bench);
}

int rounds_wanted() {
    const char* const wanted = std::getenv("AUTODEPLOY_TEST_KILLS");
    return wanted == nullptr ? 2 : std::stoi(wanted);
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

TEST_CASE("a file's owner, a file that changed and a package that is not there are told by the real tools") {
    for_each_tool([](RealBench& bench) {
        NativeInstaller& installer = bench.installer();
        const std::string client = bench.packages("8.1.25.0").present.back().id.name;
        const std::string file = "/opt/tivoli/" + client + "/file0";
        CHECK(installer.owner(file) == client);
        CHECK_FALSE(installer.owner("/no/such/file").has_value());
        bench.files.write_durably(bench.root + file, "changed", 0644);
        bench.files.remove_durably(bench.root + "/opt/tivoli/" + client + "/file1");
        bench.files.write_durably(bench.root + "/etc/" + client + ".conf", "the administrator's", 0644);
        CHECK(installer.verify({client}).size() == 2);
        CHECK(installer.verify({"nosuch"}) == Strings{"nosuch is not installed"});
        CHECK(installer.pinned({client}).empty());
        CHECK_FALSE(installer.busy().has_value());
        bench.hold_lock(true);
        CHECK(installer.busy().value_or("").find("process ") == 0);
    });
}

TEST_CASE("the administrator's version of a configuration file stays, up and down") {
    for_each_tool([](RealBench& bench) {
        const std::string file = bench.root + "/etc/" + bench.packages("8.1.25.0").present.back().id.name + ".conf";
        bench.files.write_durably(file, "the administrator's", 0644);
        bench.installer().converge(bench.packages("8.1.27.0"), bench.options());
        CHECK(bench.files.read(file, 100) == "the administrator's");
        bench.installer().converge(bench.packages("8.1.25.0"), bench.options());
        CHECK(bench.files.read(file, 100) == "the administrator's");
    });
}

TEST_CASE("a package that cannot be read is told as such") {
    for_each_tool([](RealBench& bench) {
        const std::string path = bench.directory / "torn";
        const std::string whole = bench.files.read(bench.packages("8.1.27.0").present.front().path, 10 << 20);
        for (const std::size_t size : {std::size_t(0), std::size_t(100), std::size_t(1000)}) {
            bench.files.write_durably(path, whole.substr(0, size), 0600);
            try {
                bench.installer().describe(path);
                FAIL_CHECK("it was read");
            } catch (const Error& error) {
                CHECK(error.cause() == "package_unreadable");
            }
        }
    });
}

TEST_CASE("a dry run says what is missing") {
    for_each_tool([](RealBench& bench) {
        const std::string before = bench.snapshot();
        PackageSet part = bench.packages("8.1.27.0");
        const std::string api = part.present.front().id.name;
        part.present.erase(part.present.begin());
        CHECK(bench.installer().dry_run(part).value_or("").find(api) != std::string::npos);
        PackageSet less;
        less.absent = {api};
        CHECK(bench.installer().dry_run(less).value_or("").find(api) != std::string::npos);
        CHECK(bench.snapshot() == before);
    });
}

TEST_CASE("another build of the same version is not taken for the package") {
    for_each_tool([](RealBench& bench) {
        PackageSet rebuilt = bench.packages("8.1.25.0");
        LookAlike other{rebuilt.present[0].id.name, "8.1.25", rebuilt.present[1].id.name, "", "", 5};
        const std::string folder = bench.directory / "rebuilt";
        run_script("mkdir " + folder);
        if (bench.look_alikes.debs)
            make_deb(folder, other);
        else
            make_rpms(folder, {other});
        rebuilt.present[0] = bench.installer().describe(folder + "/" + bench.files.list(folder).front());
        CHECK(rebuilt.present[0].id == bench.packages("8.1.25.0").present[0].id);
        CHECK_FALSE(is_reached(bench.installer(), rebuilt));
        CHECK(bench.installer().converge(rebuilt, bench.options()).convergence == Convergence::reached);
        CHECK(is_reached(bench.installer(), rebuilt));
        CHECK(bench.installer().converge(bench.packages("8.1.25.0"), bench.options()).convergence ==
              Convergence::reached);
        CHECK(is_reached(bench.installer(), bench.packages("8.1.25.0")));
    });
}

TEST_CASE("a script that fails after the files are there is a warning of rpm and an error of dpkg") {
    for_each_tool([](RealBench& bench) {
        const PackageSet target = bench.packages("8.1.29.0");
        if (bench.look_alikes.debs) {
            CHECK(failure(bench, target).find("returned error exit status 1") != std::string::npos);
        } else {
            const ConvergeResult result = bench.installer().converge(target, bench.options());
            CHECK(result.convergence == Convergence::reached);
            REQUIRE(result.warnings.size() == 1);
            CHECK(result.warnings[0].find("%post(TIVsm-BA-8.1.29-0") != std::string::npos);
        }
        const std::string evidence =
            bench.files.read(bench.directory / ("evidence/" + bench.installer().name() + ".txt"), 1 << 20);
        CHECK(evidence.find("harmless") != std::string::npos);
        CHECK(bench.installer().converge(bench.packages("8.1.25.0"), bench.options()).convergence ==
              Convergence::reached);
        CHECK(bench.broken() == "");
    });
}

TEST_CASE("a script that hangs is ended at its limit, and the way back mends what it left") {
    for_each_tool([](RealBench& bench) {
        const std::string folder = bench.directory / "hanging";
        run_script("mkdir " + folder);
        PackageSet target = bench.packages("8.1.25.0");
        LookAlike hanging{target.present[2].id.name, "8.1.30", "", "", "", 2};
        (bench.look_alikes.debs ? hanging.after_script : hanging.before_script) = "while :; do read x </dev/hang; done";
        // A pipe that nobody writes to: the shell of the small machine has no program that could sleep.
        run_script("mkfifo " + bench.root + "/dev/hang");
        if (bench.look_alikes.debs)
            make_deb(folder, hanging);
        else
            make_rpms(folder, {hanging});
        target.present[2] = bench.installer().describe(folder + "/" + bench.files.list(folder).front());
        ConvergeOptions options = bench.options();
        options.overrun = Milliseconds(100);
        options.scriptlet_limit = Milliseconds(300);
        Strings reports;
        options.report = [&](const std::string& line) { reports.push_back(line); };
        CHECK_THROWS_AS(bench.installer().converge(target, options), Error);
        CHECK(reports.size() >= 2);
        CHECK(bench.installer().converge(bench.packages("8.1.25.0"), bench.options()).convergence ==
              Convergence::reached);
        CHECK(bench.broken() == "");
    });
}

TEST_CASE("killed at any moment, with its tool or without it, another call reaches either release") {
    std::mt19937 random(20261128);
    for_each_tool([&](RealBench& first) {
        const std::string old_snapshot = first.snapshot();
        const Milliseconds begun = first.clock.elapsed();
        first.installer().converge(first.packages("8.1.27.0"), first.options());
        const Milliseconds whole = first.clock.elapsed() - begun;
        const std::string new_snapshot = first.snapshot();
        for (int round = 0; round < rounds_wanted(); ++round) {
            RealBench bench(first.look_alikes);
            const Milliseconds after(std::uniform_int_distribution<>(0, int(whole.count()))(random));
            const bool with_tool = random() % 4 != 0;
            const bool forward = random() % 2 == 0;
            CAPTURE(round);
            CAPTURE(after.count());
            CAPTURE(with_tool);
            CAPTURE(forward);
            go_and_be_killed(bench, bench.packages("8.1.27.0"), after, with_tool);
            const PackageSet target = bench.packages(forward ? "8.1.27.0" : "8.1.25.0");
            const ConvergeResult result = bench.installer().converge(target, bench.options());
            CHECK(result.convergence == Convergence::reached);
            CHECK(is_reached(bench.installer(), target));
            CHECK(bench.snapshot() == (forward ? new_snapshot : old_snapshot));
            CHECK(bench.broken() == "");
        }
    });
}
