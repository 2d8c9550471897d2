#include "platform/aix/aix_host.h"
#include "platform/aix/installp_installer.h"
#include "platform/aix/installp_text.h"
#include "platform/aix/lines.h"
#include "platform/aix/ps_text.h"
#include "platform/aix/src_registration.h"
#include "platform/aix/src_text.h"
#include "platform/aix/start_record.h"
#include "platform/error.h"
#include "tests/fakes/fake_command_runner.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

std::string said(const std::string& file, const std::string& program, const std::vector<std::string>& arguments) {
    FakeCommandRunner commands(transcript("aix/" + file));
    Command command;
    command.program = program;
    command.arguments = arguments;
    return commands.run(command).output;
}

using Strings = std::vector<std::string>;

} // namespace

TEST_CASE("subsystems are read by the names of their columns") {
    const std::string text = said("lssrc.txt", "/usr/bin/lssrc", {"-S"});
    const std::vector<Subsystem> found = parse_subsystems(text);
    REQUIRE(found.size() == 3);
    CHECK(found[1].name == "dsmsched");
    CHECK(found[1].path == "/usr/bin/dsmc");
    CHECK(found[1].arguments == "sched");
    CHECK(found[1].action == "-R");
    CHECK(found[1].multi == "-q");
    CHECK(found[1].normal_signal == "15");
    CHECK(found[1].group.empty());
    SUBCASE("colons in the arguments do not move the others") {
        CHECK(found[2].arguments == "-x a:b");
        CHECK(found[2].path == "/usr/bin/colons");
        CHECK(found[2].wait_time == "20");
    }
    SUBCASE("columns of a later level may stand elsewhere") {
        CHECK(parse_subsystems("#path:subsysname:new:cmdargs:\n/usr/bin/x:x:1:-a b:\n")[0].arguments == "-a b");
    }
    SUBCASE("without a header nothing is guessed") {
        CHECK(parse_subsystems("x:::/usr/bin/x:0:\n").empty());
    }
}

TEST_CASE("an inoperative subsystem has no PID, several instances have one each") {
    const auto of = [](const std::string& name) {
        return parse_subsystem_status(said("lssrc.txt", "/usr/bin/lssrc", {"-s", name}), name);
    };
    CHECK(of("inetd") == std::vector<SubsystemInstance>{{3211472, true}});
    CHECK(of("idle").empty());
    CHECK(of("dsmsched") == std::vector<SubsystemInstance>{{18284820, true}, {18284999, false}});
    CHECK(parse_subsystem_status(" x 123 inoperative\n", "x").empty());
    CHECK(parse_subsystem_status(" x 123 7 active\n y  8 stopping\n z  inoperative\n") ==
          std::vector<SubsystemInstance>{{7, true}, {8, false}});
    CHECK(parse_subsystem_status("0513-085 The x Subsystem is not on file.\n", "x").empty());
}

TEST_CASE("entries of inittab keep colons in their commands") {
    const std::vector<InittabEntry> found =
        parse_inittab(": comment\ntsm:2:once:/usr/bin/x -o a:b >/dev/null 2>&1 # c\nbad line\n"
                      "x:2:sometimes:/bin/true\n");
    REQUIRE(found.size() == 1);
    CHECK(found[0].command == "/usr/bin/x -o a:b >/dev/null 2>&1 # c");
    CHECK(inittab_line(found[0]) == "tsm:2:once:/usr/bin/x -o a:b >/dev/null 2>&1 # c");
    CHECK(command_words(found[0].command) == Strings{"/usr/bin/x", "-o", "a:b"});
    CHECK(command_words("/bin/a 'two words' 2>&1 &") == Strings{"/bin/a", "two words"});
    Subsystem subsystem;
    subsystem.name = "dsmsched";
    subsystem.group = "tsm";
    CHECK(starts_subsystem({"t", "2", "once", "/usr/bin/startsrc -s dsmsched >/dev/console"}, subsystem));
    CHECK(starts_subsystem({"t", "2", "once", "startsrc -g tsm"}, subsystem));
    CHECK_FALSE(starts_subsystem({"t", "2", "once", "/usr/bin/startsrc -s dsmsched2"}, subsystem));
    CHECK_FALSE(starts_subsystem({"t", "2", "once", "/usr/bin/stopsrc -s dsmsched"}, subsystem));
}

TEST_CASE("installed filesets are healthy only if every part says so") {
    const auto found = installed_filesets(parse_lslpp_levels(said("lslpp.txt", "/usr/bin/lslpp", {"-Lc"})),
                                          parse_lslpp_states(said("lslpp.txt", "/usr/bin/lslpp", {"-lc"})));
    REQUIRE(found.size() == 4);
    CHECK(found[1].id == PackageId{"tivoli.tsm.client.api.64bit", "8.1.25.0", ""});
    CHECK(found[1].healthy);
    CHECK(found[1].state == "COMMITTED");
    CHECK_FALSE(found[2].healthy);
    CHECK(found[2].state == "BROKEN");
    CHECK(found[3].id.name == "tivoli.tsm.filepath.rte");
    CHECK_FALSE(found[3].healthy);
    CHECK(found[3].state == "APPLYING");
    CHECK(parse_lslpp_levels(said("lslpp.txt", "/usr/bin/lslpp", {"-Lc"}))[2].locked);
    CHECK(parse_lslpp_owner(said("lslpp.txt", "/usr/bin/lslpp", {"-wc", "/usr/bin/dsmc"}), "/usr/bin/dsmc") ==
          "tivoli.tsm.client.ba.64bit.base");
}

TEST_CASE("tables whose columns have names say the same in any order of them, and with more of them") {
    const auto turned = [](const std::string& text) {
        std::string result;
        for (const std::string_view line : text_lines(text)) {
            const bool head = line.starts_with('#');
            std::vector<std::string> fields = colon_fields(head ? line.substr(1) : line);
            std::reverse(fields.begin(), fields.end());
            result += head ? "#New:" : "new:";
            for (const std::string& field : fields)
                result += field + ":";
            result += "\n";
        }
        return result;
    };
    std::string subsystems = said("lssrc.txt", "/usr/bin/lssrc", {"-S"});
    subsystems.erase(subsystems.find("colons:")); // colons within a field are told by its place
    CHECK(parse_subsystems(turned(subsystems)) == parse_subsystems(subsystems));
    std::string filesets = said("lslpp.txt", "/usr/bin/lslpp", {"-Lc"});
    filesets.erase(filesets.find("sudo:"));
    CHECK(parse_lslpp_levels(turned(filesets)) == parse_lslpp_levels(filesets));
    CHECK(parse_lslpp_levels(turned(filesets)).size() == 3);
}

TEST_CASE("installp's tables are read, not its exit code") {
    const std::string text = said("installp.txt", "/usr/sbin/installp", {"-acXYgd", "/images", "all"});
    const std::vector<InstallpResult> results = parse_installp_results(text);
    REQUIRE(results.size() == 3);
    CHECK(results[1] == InstallpResult{"tivoli.tsm.client.ba.64bit.", "8.1.27.0", "APPLY", "FAILED"});
    const InstallpPreview preview = parse_installp_preview(text);
    CHECK(preview.selected.size() == 2);
    CHECK(preview.failures == Strings{"tivoli.tsm.client.webgui 8.1.27.0: Requisite failure"});
    CHECK(judge_installp({0, text, "", false}).reason ==
          "tivoli.tsm.client.ba.64bit. 8.1.27.0: APPLY FAILED; tivoli.tsm.client.webgui 8.1.27.0: Requisite failure");
    CHECK(judge_installp({1, "\n0503-105 installp: no device\n", "", false}).reason == "0503-105 installp: no device");
    CHECK(compare_levels("8.1.9.0", "8.1.25.0") < 0);
    CHECK(compare_levels("8.1.25.0", "8.1.25.0") == 0);
    CHECK(compare_levels("10.0.0.0", "9.9.9.9") > 0);
}

TEST_CASE("processes are told by the second of their start") {
    const std::vector<Process> found =
        parse_processes(said("system.txt", "/usr/bin/ps", {"-e", "-o", "pid,ppid,etime,args"}), 1'800'000'000);
    REQUIRE(found.size() == 4);
    CHECK(found[2].id == 18284820);
    CHECK(found[2].parent == 5243182);
    CHECK(found[2].started == std::to_string(1'800'000'000 - 3723));
    CHECK(found[2].arguments == Strings{"/usr/bin/dsmc", "sched", "-optfile=/etc/two.opt"});
    CHECK(parse_elapsed("12-03:04:05") == 12 * 86400 + 3 * 3600 + 4 * 60 + 5);
    CHECK_FALSE(parse_elapsed("5").has_value());
    CHECK_FALSE(parse_elapsed("00:61").has_value());
    CHECK(can_be_split("/usr/bin/dsmc sched"));
    CHECK_FALSE(can_be_split("/usr/bin/dsmc  sched"));
    CHECK_FALSE(can_be_split("/usr/bin/dsmc 'a b'"));
    const auto environment =
        parse_environment(said("system.txt", "/usr/bin/ps", {"eww", "18284820"}), found[2].arguments);
    REQUIRE(environment.has_value());
    CHECK(environment->at("DSM_LOG") == "/var/log/tsm two");
    CHECK(environment->at("LANG") == "en_US");
    CHECK_FALSE(parse_environment("1 - A 0:00 /bin/x\n", {"/bin/x"}).has_value());
    CHECK_FALSE(parse_environment("1 - A 0:00 /bin/y A=b\n", {"/bin/x"}).has_value());
    CHECK(parse_fuser(" 18284820c  77") == std::vector<std::int64_t>{18284820, 77});
}

TEST_CASE("mounts and free room are read from their tables") {
    const std::vector<AixMount> mounts = parse_mounts(said("system.txt", "/usr/sbin/mount", {}));
    REQUIRE(mounts.size() == 4);
    CHECK(mounts[1] == AixMount{"/usr", "jfs2", "ro,log=/dev/hd8"});
    CHECK(mounts[3] == AixMount{"/tools", "nfs3", "bg,hard,intr,ro"});
    CHECK(parse_df(said("system.txt", "/usr/bin/df", {"-Pk", "/usr"})) == 2097152ULL * 1024);
    CHECK_FALSE(parse_df("df: 0506-504 Cannot find or open file system.\n").has_value());
    CHECK(aix_distribution("7.3.0.0\n") == "aix 7.3");
    CHECK(aix_distribution("") == "aix");
    Process process;
    process.arguments = {"/usr/es/sbin/cluster/clstrmgr"};
    CHECK(aix_cluster_managers({process}) == Strings{"PowerHA SystemMirror"});
}

TEST_CASE("how a set goes over what is there: down by removal, the same by force, up by itself") {
    const auto file = [](const char* name, const char* level) {
        return PackageFile{{name, level, ""}, "/i/a", "", "", 0};
    };
    const auto there = [](const char* name, const char* level, const char* state) {
        return InstalledPackage{{name, level, ""}, std::string(state) == "COMMITTED", state, ""};
    };
    const std::vector<PackageFile> wanted{file("gsk", "8.0.60.4"), file("api", "8.1.25.0"), file("ba", "8.1.25.0")};
    SUBCASE("nothing there") {
        CHECK(installp_way(wanted, {}) == InstallpWay{false, {}, wanted, {}});
    }
    SUBCASE("a newer release goes as a whole, what it shares stays") {
        const InstallpWay way =
            installp_way(wanted, {there("gsk", "8.0.60.4", "COMMITTED"), there("api", "8.1.27.0", "COMMITTED"),
                                  there("ba", "8.1.25.0", "COMMITTED")});
        CHECK(way == InstallpWay{false, {"ba", "api"}, {wanted[1], wanted[2]}, {wanted[0]}});
    }
    SUBCASE("what was cut off is cleaned up first, what is broken is overwritten") {
        const InstallpWay way = installp_way({wanted[1], wanted[2]},
                                             {there("api", "8.1.25.0", "BROKEN"), there("ba", "8.1.25.0", "APPLYING")});
        CHECK(way == InstallpWay{true, {}, {}, {wanted[1], wanted[2]}});
    }
}

TEST_CASE("a record of how a service was started comes back as it was") {
    const StartRecord record{
        true, {"a:2:once:/x"}, {{"/usr/bin/dsmc", {"sched", "-a=b c"}, {{"LANG", "C"}, {"X", "a=b"}}}, {}}};
    CHECK(parse_start_record(start_record_text(record)) == record);
    CHECK(parse_start_record("nonsense\n\nargument early\n") == StartRecord{});
}
