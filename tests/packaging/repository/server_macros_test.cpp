#include "packaging/repository/server_macros.h"

#include "platform/error.h"
#include "tests/packaging/repository/publisher.h"

#include <functional>
#include <map>
#include <set>

using namespace autodeploy;
using namespace autodeploy::publisher;

namespace {

ServerWave wave_48() {
    ServerWave wave;
    wave.name = "W48";
    wave.change = "CHG0012345";
    wave.start = 1795896000; // 2026-11-28T20:00
    return wave;
}

std::vector<std::string> of_lines(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    return lines;
}

constexpr UnixTime thursday_before = 1795651200; // 26 November 2026

} // namespace

TEST_CASE("the commands of a wave are those that administrators know") {
    const std::vector<ServerMacros> all = server_macros(wave_48(), {{"N1", "DOM"}, {"N2", "DOM"}});
    REQUIRE(all.size() == 1);
    CHECK(all[0].define ==
          std::vector<std::string>{
              "DEFINE SCHEDULE DOM AD_W48_P1 ACTION=COMMAND OBJECTS='/usr/bin/autodeploy trigger' STARTDATE=11/28/2026 "
              "STARTTIME=20:00 DURATION=4 DURUNITS=HOURS PERUNITS=ONETIME DESCRIPTION=\"CHG0012345\"",
              "DEFINE SCHEDULE DOM AD_W48_R1 ACTION=COMMAND OBJECTS='/usr/bin/autodeploy status --exit-code' "
              "STARTDATE=11/29/2026 STARTTIME=00:00 DURATION=4 DURUNITS=HOURS PERIOD=6 PERUNITS=HOURS "
              "EXPIRATION=12/06/2026 DESCRIPTION=\"CHG0012345\"",
              "DEFINE ASSOCIATION DOM AD_W48_P1 N1,N2", "DEFINE ASSOCIATION DOM AD_W48_R1 N1,N2"});
    CHECK(all[0].look ==
          std::vector<std::string>{
              "SELECT node_name,status,result,reason FROM events WHERE schedule_name IN ('AD_W48_P1','AD_W48_R1') AND "
              "scheduled_start>CURRENT_TIMESTAMP - 2 DAYS AND (status<>'Completed' OR result<>0)",
              "SELECT node_name,platform_name,client_version,client_release,client_level,client_sublevel,tcp_name,"
              "lastacc_time FROM nodes WHERE domain_name='DOM'"});
    CHECK(all[0].stop == std::vector<std::string>{"DELETE ASSOCIATION DOM AD_W48_P1 *"});
}

TEST_CASE("each line of a macro has one domain and twenty nodes at most, and every node stands in both schedules") {
    std::vector<ServerNode> nodes;
    for (int i = 0; i < 8000; ++i)
        nodes.push_back({"NODE" + std::to_string(i), i % 3 == 0 ? "UNIX" : "WINDOWS"});
    std::map<std::string, std::set<std::string>> triggered;
    std::map<std::string, std::set<std::string>> asked;
    for (const ServerMacros& macros : server_macros(wave_48(), nodes))
        for (const std::string& line : macros.define) {
            CHECK(line.size() < 1500);
            if (!line.starts_with("DEFINE ASSOCIATION ")) continue;
            std::istringstream words(line.substr(19));
            std::string domain;
            std::string schedule;
            std::string list;
            words >> domain >> schedule >> list;
            CHECK(domain == macros.domain);
            std::istringstream names(list);
            int count = 0;
            for (std::string name; std::getline(names, name, ','); ++count)
                CHECK((schedule == "AD_W48_P1" ? triggered : asked)[domain].insert(name).second);
            CHECK(count <= 20);
        }
    CHECK(triggered == asked);
    CHECK(triggered["UNIX"].size() == 2667);
    CHECK(triggered["WINDOWS"].size() == 5333);
}

TEST_CASE("lists of nodes as people and dsmadmc write them") {
    const std::vector<ServerNode> expected{{"WEB01", "UNIX"}, {"FILE-02.A", "STANDARD"}, {"DB_3+X&Y", "UNIX"}};
    CHECK(read_nodes("web01 unix\nFILE-02.A\nDB_3+X&Y,UNIX\n", "standard") == expected);
    CHECK(
        read_nodes("\xEF\xBB\xBF# wave 48\r\n\r\nWEB01\tUNIX # the first\r\nFILE-02.A\r\nDB_3+X&Y, UNIX\r\nweb01,unix",
                   "STANDARD") == expected);
}

TEST_CASE("hostile and mistaken lists are refused with the line") {
    const std::pair<std::string, const char*> table[] = {
        {"", "names none"},
        {"# nothing\n\n", "names none"},
        {"N1\nN2;HALT\n", "line 2 of the nodes: that is no name of a node"},
        {"*\n", "no name of a node"},
        {"WEB?\n", "no name of a node"},
        {"N1'\n", "no name of a node"},
        {"\"N1\n", "no name of a node"},
        {"\"\"\n", "no name of a node"},
        {"N1-\n", "no name of a node"}, // the server would read on in the next line
        {"-domain\n", "no name of a node"},
        {"N1/*\n", "no name of a node"},
        {"N\xC3\x84\n", "no name of a node"},
        {std::string("N1\0X\n", 5), "no name of a node"},
        {std::string(65, 'N') + "\n", "no name of a node"},
        {"N1 DOM*\n", "no name of a domain"},
        {"N1 " + std::string(31, 'D') + "\n", "no name of a domain"},
        {"N1 DOM DELETE\n", "nothing behind them"},
        {"N1 A\nn1 B\n", "line 2 of the nodes: N1 was in domain A before"},
    };
    for (const auto& row : table) {
        CAPTURE(row.first);
        CHECK_THROWS_WITH_AS(read_nodes(row.first, "DOM"), doctest::Contains(row.second), Error);
    }
    CHECK_THROWS_WITH_AS(read_nodes("N1\n", ""), doctest::Contains("N1 has no domain"), Error);
}

TEST_CASE("nothing that the server would read as more than a word gets into its commands") {
    const auto refused = [](const std::function<void(ServerWave&)>& change, const char* message) {
        ServerWave wave = wave_48();
        change(wave);
        CHECK_THROWS_WITH_AS(check_wave(wave), doctest::Contains(message), Error);
    };
    for (const char* name : {"", "W 48", "W48'", "W%", "W48-", "ABCDEFGHIJKLMNOPQ", "w48"})
        refused([&](ServerWave& wave) { wave.name = name; }, "the wave is part of a schedule's name");
    for (const char* change : {"", "CHG\"1", "CHG'1", "CHG\n1", "CHG */", "CHG -", "CHG\xC3\x84"})
        refused([&](ServerWave& wave) { wave.change = change; }, "the change stands in the schedule's description");
    for (const char* program : {"autodeploy", "/usr/bin/auto deploy", "/a;b", "/a'b", "C:autodeploy", "/a\nb", "/a$b"})
        refused([&](ServerWave& wave) { wave.program = program; }, "an absolute path without blanks");
    refused([](ServerWave& wave) { wave.program = "/" + std::string(492, 'p'); }, "less than 512 characters");
    ServerWave longest = wave_48();
    longest.program = "/" + std::string(491, 'p');
    CHECK_NOTHROW(check_wave(longest));
    longest.program = "C:\\autodeploy\\autodeploy.exe";
    longest.change = "CHG0012345 / pilot, second try";
    CHECK_NOTHROW(check_wave(longest));
}

TEST_CASE("a wave that is named after a week begins on its next Saturday") {
    CHECK(utc_text(start_of_wave("W48", 1795651200)) == "2026-11-28T20:00:00Z"); // on Thursday 26 November
    // It has just begun: that of the next year is not what is meant.
    CHECK_THROWS_WITH_AS(start_of_wave("W48", 1795896000), doctest::Contains("begins on 2027-12-04"), Error);
    CHECK(utc_text(start_of_wave("W1", 1795651200)) == "2027-01-09T20:00:00Z");
    CHECK(utc_text(start_of_wave("W53", 1795651200)) == "2027-01-02T20:00:00Z"); // 2026 has 53 weeks
    for (const char* wave : {"PILOT", "W", "W0", "W54", "W123", "W4x"})
        CHECK_THROWS_WITH_AS(start_of_wave(wave, 1795651200), doctest::Contains("give --start"), Error);
}

TEST_CASE("macros whose output a full disk cuts off are no success") {
    Publisher publisher;
    publisher.clock.set(thursday_before);
    publisher.machine.disk.put("/root/wave48.txt", "N1 UNIX\n");
    publisher.out.setstate(std::ios::badbit);
    CHECK(publisher.run({"schedule", "--nodes", "/root/wave48.txt", "--wave", "W48", "--change", "C", "--start",
                         "2026-11-28T20:00"}) == 1);
    CHECK(publisher.err.str().find("cannot write the answer") != std::string::npos);
}

TEST_CASE("the schedule command needs no repository, and its output can be run as a macro") {
    Publisher publisher;
    publisher.clock.set(thursday_before);
    publisher.machine.disk.put("/root/wave48.txt", "N1 UNIX\nN2 WINDOWS\n");
    const std::vector<std::string> line{"schedule", "--nodes",  "/root/wave48.txt", "--wave",          "W48",
                                        "--change", "CHG00123", "--start",          "2026-11-28T20:00"};
    REQUIRE(publisher.run(line) == 0);
    const std::vector<std::string> printed = of_lines(publisher.out.str());
    CHECK(printed.size() == 16);
    CHECK(printed[0] == "/* AD_W48_P1, CHG00123: 1 node of domain UNIX */");
    for (const std::string& text : printed)
        CHECK((text.starts_with("DEFINE ") || (text.starts_with("/* ") && text.find("*/") == text.size() - 2)));

    std::vector<std::string> into = line;
    into.insert(into.end(), {"--output", "/root/macros"});
    REQUIRE(publisher.run(into) == 0);
    CHECK(publisher.machine.disk.list("/root/macros").size() == 6);
    CHECK(of_lines(publisher.machine.disk.content("/root/macros/AD_W48_P1-UNIX-stop.mac").value_or("")) ==
          std::vector<std::string>{"/* stop: AD_W48_P1, CHG00123: 1 node of domain UNIX */",
                                   "DELETE ASSOCIATION UNIX AD_W48_P1 *"});
    CHECK_FALSE(publisher.machine.disk.status("/srv/updates/audit.jsonl").has_value());

    std::vector<std::string> as_json = line;
    as_json.emplace_back("--json");
    REQUIRE(publisher.run(as_json) == 0);
    CHECK(parse_json(publisher.out.str()).at("macros").array().size() == 2);

    CHECK(publisher.refuses({"schedule", "--wave", "W48", "--change", "C1"}, 2, "schedule needs --nodes"));
    std::vector<std::string> wrong = line;
    wrong.back() = "28.11.2026";
    CHECK(publisher.refuses(wrong, 2, "without a zone, as 2026-11-28T20:00, not '28.11.2026'"));
    wrong.back() = "2026-11-28T20:00Z";
    CHECK(publisher.refuses(wrong, 2, "without a zone"));
    wrong.back() = "2026-11-24T20:00";
    CHECK(publisher.refuses(wrong, 2, "--start 2026-11-24T20:00 is over"));
    wrong.back() = "2026-11-28T20:00:00";
    CHECK(publisher.run(wrong) == 0);
}

TEST_CASE("lists of nodes from a spreadsheet are read: names in quotes, UTF-16") {
    CHECK(read_nodes("NODE_NAME,DOMAIN_NAME\n\"n1\",\"unix\"\n'N2','UNIX'\n", "") ==
          std::vector<ServerNode>{{"N1", "UNIX"}, {"N2", "UNIX"}});
    Publisher publisher;
    publisher.clock.set(thursday_before);
    std::string wide = "\xFF\xFE";
    for (const char c : std::string("\"N1\",UNIX\r\n"))
        wide += std::string(1, c) + '\0';
    publisher.machine.disk.put("/root/wave48.txt", wide);
    REQUIRE(publisher.run({"schedule", "--nodes", "/root/wave48.txt", "--wave", "W48", "--change", "C"}) == 0);
    CHECK(publisher.out.str().find("DEFINE ASSOCIATION UNIX AD_W48_P1 N1\n") != std::string::npos);
}

TEST_CASE("whose wave was made under which change is in the audit of the repository that it was made in") {
    Publisher publisher;
    publisher.clock.set(thursday_before);
    REQUIRE(publisher.run({"init"}) == 0);
    publisher.machine.disk.put("/root/wave48.txt", "N1 UNIX\n");
    REQUIRE(publisher.run({"schedule", "--nodes", "/root/wave48.txt", "--wave", "W48", "--change", "CHG00123"}) == 0);
    REQUIRE(publisher.run({"audit"}) == 0);
    const std::vector<std::string> lines = of_lines(publisher.out.str());
    CHECK(lines.back().find("schedule") != std::string::npos);
    CHECK(lines.back().find("wave W48") != std::string::npos);
    CHECK(lines.back().find("CHG00123") != std::string::npos);
}

TEST_CASE("who may only read the repository gets the commands, too, and a word that the audit has nothing of it") {
    Publisher publisher;
    publisher.clock.set(thursday_before);
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    const std::string audit = publisher.file("audit.jsonl");
    publisher.machine.disk.put("/root/wave48.txt", "N1 UNIX\n");
    std::vector<std::string> line{"schedule", "--nodes", "/root/wave48.txt", "--wave", "W48", "--change", "CHG00123"};
    for (const char* cause : {"access_denied", "read_only"}) {
        publisher.machine.disk.fail_path("/srv/updates/audit.jsonl", cause);
        REQUIRE(publisher.run(line) == 0);
        CHECK(publisher.out.str().find("DEFINE ASSOCIATION UNIX AD_W48_P1 N1\n") != std::string::npos);
        CHECK(of_lines(publisher.out.str()).back() ==
              "/* note: not in the repository's audit: alice may not write there */");
    }
    CHECK(publisher.file("audit.jsonl") == audit);

    // What hinders those who may write is no matter of course, and then nothing is given.
    publisher.machine.disk.fail_path("/srv/updates/audit.jsonl", "disk_full");
    line.insert(line.end(), {"--output", "/root/macros"});
    CHECK(publisher.run(line) == 1);
    CHECK_FALSE(publisher.machine.disk.status("/root/macros").has_value());
}

TEST_CASE("a start that is over by UTC, but not everywhere, is told; one that is over everywhere is refused") {
    Publisher publisher;
    publisher.clock.set(thursday_before);
    publisher.machine.disk.put("/root/wave48.txt", "N1 UNIX\n");
    const auto starting = [](UnixTime at) {
        return std::vector<std::string>{"schedule", "--nodes", "/root/wave48.txt",        "--wave", "W48", "--change",
                                        "CHG00123", "--start", utc_text(at).substr(0, 16)};
    };
    REQUIRE(publisher.run(starting(thursday_before - 12 * 3600)) == 0);
    CHECK(of_lines(publisher.out.str()).back().find("is over where the server's clock is not behind UTC") !=
          std::string::npos);
    REQUIRE(publisher.run(starting(thursday_before + 60)) == 0);
    CHECK(publisher.out.str().find("note:") == std::string::npos);
    CHECK(publisher.refuses(starting(thursday_before - 12 * 3600 - 60), 2, "is over"));
}
