#include "tests/agent/commands/desk.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

/// With secrets where support looks.
struct SupportedDesk : Desk {
    SupportedDesk()
        : Desk("repository: {mirrors: [/srv/repository], proxy: \"http://me:geheim@proxy.example:3128\"}\n") {
        machine.files.put("/state/history.jsonl", "{\"node\":\"WEB01\",\"password\": \"geheim\"}\n", 0600);
    }
};

} // namespace

TEST_CASE("a support bundle has everything that explains, and no secret") {
    SupportedDesk desk;
    REQUIRE(desk.run({"support"}) == 0);
    CHECK(desk.told == "/state/support.tar\n");
    const std::string bundle = *desk.machine.files.content("/state/support.tar");
    for (const char* name : {"version.txt", "settings.yaml", "settings-in-force.yaml", "status.txt", "history.jsonl",
                             "detection.json", "probation.json"})
        CHECK(bundle.find(std::string("autodeploy-support/") + name) != std::string::npos);
    CHECK(bundle.find("geheim") == std::string::npos);
    CHECK(bundle.find("proxy.example") != std::string::npos);
    CHECK(bundle.find("web01") != std::string::npos);
}

TEST_CASE("a bundle is a new file for administrators only, and takes the place of no folder, pipe or device") {
    SupportedDesk desk;
    desk.machine.files.put("/tmp/bundle.tar", "somebody's", 0644);
    REQUIRE(desk.run({"support", "/tmp/bundle.tar"}) == 0);
    CHECK(desk.machine.files.status("/tmp/bundle.tar")->mode == 0600);
    desk.machine.files.make_directory("/tmp/folder");
    desk.machine.files.put_link("/tmp/link", "bundle.tar");
    for (const char* there : {"/tmp/folder", "/tmp/link"}) {
        CHECK(desk.run({"support", there}) == 1);
        CHECK(desk.told.find("no regular file") != std::string::npos);
    }
}

TEST_CASE("on request the names of host, nodes and servers are others, everywhere in the bundle") {
    SupportedDesk desk;
    REQUIRE(desk.run({"support", "/state/for-support.tar", "--hide-names"}) == 0);
    const std::string bundle = *desk.machine.files.content("/state/for-support.tar");
    for (const char* name : {"web01", "WEB01", "Web01"})
        CHECK(bundle.find(name) == std::string::npos);
    CHECK(bundle.find("host-1") != std::string::npos);
}

TEST_CASE("where the machine cannot be looked at, a bundle is made all the same, unless names are to be hidden") {
    SupportedDesk desk;
    desk.machine.failing = "host";
    CHECK(desk.run({"support"}) == 0);
    SupportedDesk user;
    user.machine.administrator = false;
    CHECK(user.run({"support"}) == 1);
    CHECK(user.told.find("an administrator's rights are needed") != std::string::npos);
    CHECK(!user.machine.files.content("/state/support.tar"));
}
