#include "installer/client/registered_client.h"

#include "tests/fakes/fake_registry.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

const std::string client64 = "HKLM64\\SOFTWARE\\IBM\\ADSM\\CurrentVersion\\BackupClient";
const std::string client32 = "HKLM32\\SOFTWARE\\IBM\\ADSM\\CurrentVersion\\BackupClient";

} // namespace

TEST_CASE("the client is where its installer wrote that it is, of 64 bit first") {
    FakeRegistry registry;
    CHECK(registered_client_directories(registry).empty());
    registry.put(client32, "Path", "C:\\Program Files (x86)\\Tivoli\\TSM\\baclient\\");
    registry.put(client64, "PATH", "D:\\backup & more\\baclient\\");
    registry.put(client64 + "\\Scheduler Service\\Mine", "Path", "C:\\elsewhere");
    CHECK(registered_client_directories(registry) ==
          std::vector<std::string>{"D:\\backup & more\\baclient", "C:\\Program Files (x86)\\Tivoli\\TSM\\baclient"});
}

TEST_CASE("a place that both views of the registry tell is told once") {
    FakeRegistry registry;
    registry.put(client32, "Path", "C:\\TSM\\baclient");
    registry.put(client64, "Path", "C:\\TSM\\BACLIENT\\");
    CHECK(registered_client_directories(registry).size() == 1);
}

TEST_CASE("the options file of a service stands in the service's own parameters") {
    FakeRegistry registry;
    registry.put(client32 + "\\Scheduler Service\\TSM Client Scheduler", "clientOptFile", "C:\\tsm\\one.opt");
    registry.put(client32 + "\\Scheduler Service\\TSM SQL Client Scheduler", "clientOptFile", "C:\\tsm\\two.opt");
    CHECK(registered_options_file(registry, "TSM Client Scheduler") == "C:\\tsm\\one.opt");
    CHECK(registered_options_file(registry, "TSM") == "");
}
