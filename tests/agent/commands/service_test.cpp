#include "agent/commands/commands.h"
#include "agent/settings.h"
#include "tests/fakes/fake_service_host.h"
#include "tests/fakes/still_machine.h"
#include "tests/fakes/test_paths.h"

#include <doctest/doctest.h>

#include <sstream>

using namespace autodeploy;

namespace {

struct OurService {
    StillMachine machine;
    FakeServiceHost host{machine.clock};
    StandardPaths paths = test_paths();
    std::ostringstream out, err;

    OurService() { machine.files.put("/etc/autodeploy/autodeploy.yaml", "mode: armed\n", 0600); }

    int run(const std::string& action) {
        return run_command({"service", action}, machine.platform(), host, paths, out, err);
    }
};

} // namespace

TEST_CASE("a service is installed with a private folder and with settings that can be used") {
    OurService service;
    service.machine.files.remove_durably(service.paths.settings);
    CHECK(service.run("install") == 0);
    FileSystem& files = service.machine.files;
    CHECK(files.status(service.paths.state)->type == FileType::directory);
    const Settings settings = load_settings(files, service.paths.settings, {});
    CHECK(settings.hold_files == std::vector<std::string>{"/etc/autodeploy/hold"});
}

TEST_CASE("a service that is installed again, or no more, leaves the settings alone") {
    OurService service;
    service.machine.files.write_durably(service.paths.settings, "mode: observe\n");
    CHECK(service.run("install") == 0);
    CHECK(service.run("uninstall") == 0);
    CHECK(service.machine.files.read(service.paths.settings, 1000) == "mode: observe\n");
}
