#include "platform/linux/unit_text.h"

#include "platform/linux/systemctl.h"
#include "platform/posix/init_script.h"

#include <doctest/doctest.h>

using namespace autodeploy;
using Words = std::vector<std::string>;
using Variables = std::map<std::string, std::string>;

TEST_CASE("properties of several units are told apart by empty lines") {
    const auto units = parse_unit_properties("Id=a.service\nExecStart={ 1 }\nExecStart={ 2 }\nEmpty=\n\nId=b.service\n"
                                             "MainPID=17\nno property\n=x\n");
    REQUIRE(units.size() == 2);
    CHECK(units[0].text("Id") == "a.service");
    CHECK(units[0].all("ExecStart") == Words{"{ 1 }", "{ 2 }"});
    CHECK(units[0].text("Empty").empty());
    CHECK(units[0].text("Absent").empty());
    CHECK(units[1].number("MainPID") == 17);
    CHECK(units[1].number("Id") == 0);
    CHECK(parse_unit_properties("").empty());
    CHECK(parse_unit_properties("\n\n\n").empty());
}

TEST_CASE("systemd's version is in its first line") {
    CHECK(parse_systemd_version("systemd 252 (252.39-1~deb12u1)\n+PAM +AUDIT\n") == 252);
    CHECK(parse_systemd_version("systemd 219\n") == 219);
    CHECK(parse_systemd_version("upstart") == 0);
}

TEST_CASE("service names are read with or without a mark before them, templates left out") {
    CHECK(parse_service_names("dsmcad.service enabled enabled\nautovt@.service alias -\n\xE2\x97\x8F "
                              "dsmcad@one.service loaded failed failed text about x.service\n\n0 loaded units\n") ==
          Words{"dsmcad.service", "dsmcad@one.service"});
}

TEST_CASE("a command of a unit is read from what systemctl shows") {
    CHECK(parse_exec_property("{ path=/usr/bin/dsmc ; argv[]=/usr/bin/dsmc sched -optfile=/x ; ignore_errors=no ; "
                              "start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }") ==
          UnitCommand{"/usr/bin/dsmc", {"sched", "-optfile=/x"}});
    CHECK(parse_exec_property("{ path=/usr/bin/dsmcad ; argv[]=/usr/bin/dsmcad ; ignore_errors=no ; }") ==
          UnitCommand{"/usr/bin/dsmcad", {}});
    CHECK(parse_exec_property("").path.empty());
    CHECK(parse_exec_property("{ path=/x ; ignore_errors=no ; argv[]= ; }").path.empty());
}

TEST_CASE("the bus has arguments exactly, blanks and quotes in them too") {
    CHECK(
        parse_bus_commands(
            R"(a(sasbttttuii) 2 "/bin/sleep" 3 "/bin/sleep" "10 0" "q\"x" false 0 0 0 0 0 0 0 "/b" 1 "/b" true 1 2 3 4 5 6 7)"
            "\n") == std::vector<UnitCommand>{{"/bin/sleep", {"10 0", "q\"x"}}, {"/b", {}}});
    CHECK(parse_bus_commands("").empty());
    CHECK(parse_bus_commands("s \"x\"").empty());
    CHECK(parse_bus_commands("a(sasbttttuii) 1 \"/b\" 99 \"/b\" true").empty());
    CHECK(parse_bus_commands("a(sasbttttuii) 18446744073709551615 \"/b\" 1 \"/b\" true 1 2 3 4 5 6 7").empty());
    CHECK(bus_path_of_unit("dsm-cad@1.service") == "/org/freedesktop/systemd1/unit/dsm_2dcad_401_2eservice");
    CHECK(bus_path_of_unit("1_x.service") == "/org/freedesktop/systemd1/unit/_31_5fx_2eservice");
}

TEST_CASE("the environment of a unit is read with its quotes, in the ways of several versions") {
    CHECK(parse_environment_property(R"("A=b c" "D=e\nf" "G=quo\"te" H= X=1)") ==
          Variables{{"A", "b c"}, {"D", "e\nf"}, {"G", "quo\"te"}, {"H", ""}, {"X", "1"}});
    CHECK(parse_environment_property(R"($'D=e\nf' A=$x)") == Variables{{"D", "e\nf"}, {"A", "$x"}});
    CHECK(parse_environment_property(R"(A=\x41\101\s "open)") == Variables{{"A", "AA "}});
}

TEST_CASE("an environment file has comments, quotes and continued lines") {
    CHECK(parse_environment_file(
              "# comment\n; too\nLANG=de_DE.UTF-8\n A = b \nB=\"x \\\"y\\\" \\n\"\nC='a\\b'\nD=1\\\n2\n"
              "nothing\n=x\nA=last\nE=a\\ b\n") ==
          Variables{
              {"LANG", "de_DE.UTF-8"}, {"A", "last"}, {"B", "x \"y\" \\n"}, {"C", "a\\b"}, {"D", "12"}, {"E", "a b"}});
    CHECK(parse_environment_file_property("/opt/x y (ignore_errors=yes)") == "/opt/x y");
}

TEST_CASE("variables in arguments are replaced as systemd does it") {
    const Variables variables = {{"OPT", "-a '-b c'"}, {"DIR", "/x"}};
    CHECK(with_variables({"sched", "$OPT", "-optfile=${DIR}/dsm.opt", "$NONE", "${NONE}", "a$$b", "$"}, variables) ==
          Words{"sched", "-a", "-b c", "-optfile=/x/dsm.opt", "", "a$b", "$"});
}

TEST_CASE("an init script tells its program and what it exports") {
    const std::string content =
        "#!/bin/sh\n# /opt/commented/dsmcad\nDIR=/opt/ba/bin\nBIN=\"$DIR/dsmcad\" # tail\n"
        "export DSM_CONFIG=/etc/my.opt LANG='a b'\nLOG=$DIR/log; export LOG\n"
        "[ -x /usr/bin/other ] || exit 5\ncase \"$1\" in\nstart) daemon ${BIN} -optfile=x;;\nesac\n";
    const InitScript script =
        parse_init_script(content, [](const std::string& path) { return path == "/opt/ba/bin/dsmcad"; });
    CHECK(script.program == "/opt/ba/bin/dsmcad");
    CHECK(script.exported == Variables{{"DSM_CONFIG", "/etc/my.opt"}, {"LANG", "a b"}, {"LOG", "/opt/ba/bin/log"}});
    CHECK(parse_init_script("", [](const std::string&) { return true; }).program.empty());
    CHECK(parse_init_script("#!/bin/sh\n'unfinished $", [](const std::string&) { return true; }).program.empty());
}
