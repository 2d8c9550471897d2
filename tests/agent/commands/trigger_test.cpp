#include "installer/json.h"
#include "tests/agent/commands/desk.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

const std::string settings = "repository: {mirrors: [/srv/none]}\n";

} // namespace

TEST_CASE("a refused trigger is the last thing that status tells, before any service looked") {
    Desk desk(settings);
    CHECK(desk.run({"status", "--exit-code"}) == 0);
    desk.machine.files.put("/etc/autodeploy/hold", "");
    REQUIRE(desk.run({"trigger"}) == 12);
    CHECK(desk.host.pokes == 1);
    CHECK(desk.run({"status", "--exit-code"}) == 22);
    CHECK(desk.told.find("/etc/autodeploy/hold") != std::string::npos);
    desk.machine.files.put("/state/refused-trigger.json", "{", 0600);
    CHECK(desk.run({"status", "--exit-code"}) == 0);
}

TEST_CASE("settings that cannot be used refuse the trigger, and status tells that too") {
    Desk desk(settings);
    desk.machine.files.put("/etc/autodeploy/autodeploy.yaml", "mode: sometimes\n", 0600);
    REQUIRE(desk.run({"trigger"}) == 12);
    CHECK(desk.run({"status", "--exit-code"}) == 22);
}

TEST_CASE("a lesser user is told to come as an administrator, and changes nothing") {
    Desk desk(settings);
    desk.machine.administrator = false;
    for (const char* command : {"status", "history", "check", "explain"}) {
        CAPTURE(command);
        CHECK(desk.run({command}) != 0);
        CHECK(desk.told.find("run it as root") != std::string::npos);
    }
}

TEST_CASE("a repository that cannot be used blocks as much as a requirement") {
    Desk desk(settings);
    CHECK(desk.run({"check", "--offline"}) == 0);
    CHECK(desk.run({"check"}) == 22);
    CHECK(desk.told.find("NOT USABLE  repository: ") != std::string::npos);
    CHECK(desk.told.find("nothing on this machine blocks an update, but the repository does") != std::string::npos);
    CHECK(desk.run({"check", "--json"}) == 22);
    CHECK(!parse_json(desk.told).at("repository_problem").string().empty());
}
