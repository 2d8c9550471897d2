#include "platform/error.h"
#include "tests/platform/aix/standin_machine.h"
#include "tests/platform/linux/look_alikes.h"
#include "tests/platform/native_installer_contract.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <iostream>

using namespace autodeploy;

namespace {

const std::string base = "tivoli.tsm.client.ba.64bit.base";

/// Images of some releases, made once for all tests.
const std::string& images() {
    static const TemporaryDirectory directory = quick_directory();
    static const std::string made = [] {
        const auto make = [](const std::string& release, const std::string& sickness) {
            run_script("bash " + standin_scripts() + "/images.sh " + standin_programs() + " " + directory.path() + "/" +
                       release + " " + release + " " + sickness);
        };
        make("8.1.25.0", "none");
        make("8.1.27.0", "none");
        make("8.1.28.0", "post-fails");
        return directory.path();
    }();
    return made;
}

class StandinBench : public InstallerBench {
  public:
    StandinBench() {
        run_script("mkdir " + machine.root + "/images && cp -r " + images() + "/* " + machine.root + "/images/");
        machine.files.make_private_directory(machine.root + "/evidence");
        installer().converge(packages("8.1.25.0"), options());
    }

    NativeInstaller& installer() override { return machine.installer; }
    ConvergeOptions options() override {
        ConvergeOptions options;
        options.run_name = "test";
        options.evidence_path = machine.root + "/evidence";
        return options;
    }
    PackageSet packages(const std::string& release, Ailment = Ailment::none) override {
        const std::string folder = "/images/" + release + "/images/";
        PackageSet set;
        for (const char* name : {"GSKit8.gskcrypt64.ppc.rte", "GSKit8.gskssl64.ppc.rte"})
            set.present.push_back({{name, "8.0.60.4", ""}, folder + name, "", "", 0});
        set.present.push_back(
            {{"tivoli.tsm.client.api.64bit", release, ""}, folder + "tivoli.tsm.client.api.64bit", "", "", 0});
        for (const char* name : {"tivoli.tsm.client.ba.64bit.common", "tivoli.tsm.client.ba.64bit.base"})
            set.present.push_back({{name, release, ""}, folder + "tivoli.tsm.client.ba.64bit", "", "", 0});
        return set;
    }
    std::string snapshot() override {
        return machine.shell(
            "cd $R; sort usr/lib/objrepos/product; find usr/tivoli usr/opt usr/bin -type f -o -type l | sort | "
            "grep -v '/usr/bin/[a-z]*$' | xargs ls -ld --time-style=+ ; find usr/tivoli usr/opt -type f | "
            "sort | xargs md5sum");
    }
    void hold_lock(bool held) override {
        if (held)
            machine.shell(
                "cp /bin/sleep $R/usr/sbin/holder; bash -c 'exec -a $R/usr/sbin/installp $R/usr/sbin/holder 1000' "
                "</dev/null >/dev/null 2>&1 & echo $! >$R/holder; until ps -e -o args | grep -q 'installp 1000'; do "
                "sleep 0.02; done");
        else
            machine.shell("kill -9 $(cat $R/holder) || true; rm $R/usr/sbin/holder");
    }

    StandinMachine machine;
};

bool standin_is_there() {
    if (!standin_programs().empty()) return true;
    std::cout << "skipped: the stand-in AIX is not built\n";
    return false;
}

} // namespace

TEST_CASE("installp on the stand-in does as every installer") {
    if (!standin_is_there()) return;
    StandinBench bench;
    check_native_installer_contract(bench);
}

TEST_CASE("installp: a level that knows no update in place is removed before the other is installed") {
    if (!standin_is_there()) return;
    StandinBench bench;
    const std::string before = bench.snapshot();
    const auto removals = [&] {
        return bench.machine.shell("grep -c 'installp remove$' $R/var/adm/standin.log || true");
    };
    for (const char* release : {"8.1.27.0", "8.1.25.0"}) {
        PackageSet set = bench.packages(release);
        for (std::size_t at = 2; at < set.present.size(); ++at)
            set.absent.push_back(set.present[at].id.name);
        const std::string removed = removals();
        CHECK(bench.installer().dry_run(set).value_or("") == "");
        CHECK(bench.installer().converge(set, bench.options()).convergence == Convergence::reached);
        CHECK(removals() != removed);
    }
    CHECK(bench.snapshot() == before);
}

TEST_CASE("installp: what its exit code hides is read back") {
    if (!standin_is_there()) return;
    StandinBench bench;
    const std::string before = bench.snapshot();
    SUBCASE("a fileset that is missing afterwards, with success told, is an error and the way back mends it") {
        bench.machine.ask("lose=" + base);
        CHECK_THROWS_AS(bench.installer().converge(bench.packages("8.1.27.0"), bench.options()), Error);
        bench.machine.ask("");
        CHECK(bench.installer().converge(bench.packages("8.1.25.0"), bench.options()).convergence ==
              Convergence::reached);
        CHECK(bench.snapshot() == before);
    }
    SUBCASE("a killed installp leaves what the next call mends") {
        for (const char* after : {"", "broken_after_cleanup=yes"}) {
            bench.machine.ask("installp_pause_ms=1500");
            bench.machine.shell(
                "set +e; $R/usr/sbin/installp -acXYgd /images/8.1.27.0/images " + base +
                " >/dev/null 2>&1 & victim=$!; for n in $(seq 200); do lslpp -lcq all | grep -q APPLYING && break; "
                "sleep 0.02; done; kill -9 $victim; true");
            bench.machine.ask(after);
            const auto found = bench.installer().installed({"tivoli."});
            CHECK(std::any_of(found.begin(), found.end(), [](const InstalledPackage& one) { return !one.healthy; }));
            CHECK(bench.installer().converge(bench.packages("8.1.25.0"), bench.options()).convergence ==
                  Convergence::reached);
            CHECK(bench.snapshot() == before);
        }
    }
    SUBCASE("files that were changed are told, and a missing .toc or a stale one is made anew") {
        CHECK(bench.installer().owner("/usr/tivoli/tsm/client/ba/bin64/dsmc") == base);
        CHECK_FALSE(bench.installer().owner("/usr/bin/nothing").has_value());
        bench.machine.shell("echo x >>$R/usr/tivoli/tsm/client/api/bin64/libApiTSM64.a");
        CHECK(bench.installer().verify({"tivoli.tsm.client.api.64bit"}) ==
              std::vector<std::string>{"/usr/tivoli/tsm/client/api/bin64/libApiTSM64.a"});
        bench.machine.shell("rm $R/images/8.1.27.0/images/.toc");
        CHECK(bench.installer().converge(bench.packages("8.1.27.0"), bench.options()).convergence ==
              Convergence::reached);
    }
    SUBCASE("a set whose requisites are not met is refused before anything is done") {
        bench.machine.shell("cd $R/images/8.1.27.0/images && rm tivoli.tsm.client.api.64bit");
        PackageSet set = bench.packages("8.1.27.0");
        const auto reason = bench.installer().dry_run(set);
        REQUIRE(reason.has_value());
        CHECK(reason->find("tivoli.tsm.client.api.64bit") != std::string::npos);
        CHECK(bench.snapshot() == before);
    }
    SUBCASE("what is installed, but could not be installed again, is found by a dry run") {
        const PackageSet set = bench.packages("8.1.25.0");
        bench.machine.shell("cd $R/images/8.1.25.0/images && rm tivoli.tsm.client.api.64bit");
        CHECK(bench.installer().dry_run(set).value_or("").find("tivoli.tsm.client.api.64bit") != std::string::npos);
        CHECK(bench.snapshot() == before);
    }
    SUBCASE("a fileset under an interim fix is told as pinned") {
        bench.machine.ask("efix_locked=" + base);
        CHECK(bench.installer().pinned({base, "tivoli.tsm.client.api.64bit"}).size() == 1);
    }
    SUBCASE("an image of one fileset describes itself, one of several does not") {
        CHECK(bench.installer().describe("/images/8.1.27.0/images/tivoli.tsm.client.api.64bit").id ==
              PackageId{"tivoli.tsm.client.api.64bit", "8.1.27.0", ""});
        CHECK_THROWS_AS(bench.installer().describe("/images/8.1.27.0/images/tivoli.tsm.client.ba.64bit"), Error);
    }
}
