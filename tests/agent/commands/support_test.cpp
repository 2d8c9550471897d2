#include "agent/commands/commands.h"
#include "tests/fakes/fake_service_host.h"
#include "tests/fakes/still_machine.h"
#include "tests/fakes/test_paths.h"

#include <doctest/doctest.h>

#include <sstream>

using namespace autodeploy;

namespace {

struct Desk {
    StillMachine machine;
    FakeServiceHost host{machine.clock};
    StandardPaths paths = test_paths();

    Desk() {
        put_client(machine, "dpkg");
        machine.files.put_directory("/state", 0700);
        machine.files.put("/etc/autodeploy/autodeploy.yaml",
                          "repository: {mirrors: [/srv/repository], proxy: \"http://me:geheim@proxy.example:3128\"}\n",
                          0600);
        machine.files.put("/state/history.jsonl", "{\"node\":\"WEB01\",\"password\": \"geheim\"}\n", 0600);
    }
    int run(const std::vector<std::string>& arguments) {
        std::ostringstream out;
        std::ostringstream err;
        const int code = run_command(arguments, machine.platform(), host, paths, out, err);
        told = out.str() + err.str();
        return code;
    }
    std::string told;
};

} // namespace

TEST_CASE("a support bundle has everything that explains, and no secret") {
    Desk desk;
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

TEST_CASE("on request the names of host, nodes and servers are others, everywhere in the bundle") {
    Desk desk;
    REQUIRE(desk.run({"support", "/state/for-support.tar", "--hide-names"}) == 0);
    const std::string bundle = *desk.machine.files.content("/state/for-support.tar");
    for (const char* name : {"web01", "WEB01", "Web01"})
        CHECK(bundle.find(name) == std::string::npos);
    CHECK(bundle.find("host-1") != std::string::npos);
}

TEST_CASE("where the machine cannot be looked at, a bundle is made all the same, unless names are to be hidden") {
    Desk desk;
    desk.machine.failing = "host";
    CHECK(desk.run({"support"}) == 0);
    Desk user;
    user.machine.administrator = false;
    CHECK(user.run({"support"}) == 1);
    CHECK(user.told.find("an administrator's rights are needed") != std::string::npos);
    CHECK(!user.machine.files.content("/state/support.tar"));
}
