#include "installer/client/layout.h"
#include "installer/client/relocation.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

const std::vector<Relocation> on_aix = relocations("aix", 32, 64, "/usr/tivoli/tsm/client/ba/bin");
const std::vector<Relocation> on_windows =
    relocations("windows", 32, 64, "C:\\Program Files (x86)\\Tivoli\\TSM\\baclient");

} // namespace

TEST_CASE("what a 64-bit client has elsewhere is in the layout of each system") {
    REQUIRE(on_aix.size() == 2);
    CHECK(on_aix[0].from == "/usr/tivoli/tsm/client/ba/bin");
    CHECK(on_aix[0].to == "/usr/tivoli/tsm/client/ba/bin64");
    CHECK(on_windows.size() == 2);
    CHECK(relocations("aix", 64, 64, "").empty());
    CHECK(relocations("aix", 64, 32, "")[0].to == on_aix[0].from);
    // On Linux the program stays where it was.
    for (const Relocation& each : relocations("linux", 32, 64, "/opt/tivoli/tsm/client/ba/bin"))
        CHECK(each.from.find("/api/") != std::string::npos);
}

TEST_CASE("a path is brought to its new place, and nothing but whole directories is meant") {
    CHECK(relocated(on_aix, "/usr/tivoli/tsm/client/ba/bin/dsm.opt") == "/usr/tivoli/tsm/client/ba/bin64/dsm.opt");
    CHECK(relocated(on_aix, "/usr/tivoli/tsm/client/ba/bin/en_US/x") == "/usr/tivoli/tsm/client/ba/bin64/en_US/x");
    CHECK_FALSE(relocated(on_aix, "/usr/tivoli/tsm/client/ba/bin64/dsm.opt"));
    CHECK_FALSE(relocated(on_aix, "/usr/tivoli/tsm/client/ba/bin"));
    CHECK_FALSE(relocated(on_aix, "/backup/usr/tivoli/tsm/client/ba/bin/dsm.opt"));
    CHECK_FALSE(relocated(on_aix, "/etc/security/adsm/TSM.KDB"));
    CHECK(relocated(on_windows, "c:\\program files (x86)\\tivoli\\TSM\\baclient\\dsm.opt") ==
          "C:\\Program Files\\Tivoli\\TSM\\baclient\\dsm.opt");
}

TEST_CASE("of Windows' folders for the API's library only the one of 32-bit packages has another name for 64 bits") {
    CHECK(relocated(on_windows, "C:\\Program Files (x86)\\Common Files\\Tivoli\\TSM\\api\\dsm.opt") ==
          "C:\\Program Files\\Common Files\\Tivoli\\TSM\\api64\\dsm.opt");
    CHECK_FALSE(relocated(on_windows, "C:\\Program Files\\Common Files\\Tivoli\\TSM\\api\\dsm.opt"));
    CHECK(api_libraries("windows")[2] == "C:\\Program Files\\Common Files\\Tivoli\\TSM\\api\\");
}

TEST_CASE("a folder of Windows that an administrator chose goes to the other Program Files, and elsewhere stays") {
    const auto chosen = relocations("windows", 32, 64, "D:\\Program Files (x86)\\Backup\\baclient");
    REQUIRE(chosen.size() == on_windows.size() + 1);
    CHECK(relocated(chosen, "D:\\program files (X86)\\Backup\\baclient\\dsm.opt") ==
          "D:\\Program Files\\Backup\\baclient\\dsm.opt");
    CHECK(relocations("windows", 64, 32, "D:\\Program Files\\Backup\\baclient").back().to ==
          "D:\\Program Files (x86)\\Backup\\baclient");
    CHECK(relocations("windows", 32, 64, "E:\\Backup Client\\baclient").size() == on_windows.size());
}

TEST_CASE("keys of settings have a counterpart for each word size, and one of the same is the same") {
    for (const Relocation& key : settings_relocations("windows", 32, 64)) {
        CHECK(key.from.starts_with("HKLM32\\"));
        CHECK(key.to == "HKLM64" + key.from.substr(6));
    }
    CHECK(settings_relocations("windows", 64, 64).size() == settings_relocations("windows", 32, 64).size());
    CHECK(settings_relocations("windows", 64, 64).front().from == settings_relocations("windows", 64, 64).front().to);
    CHECK(settings_relocations("linux", 64, 64).empty());
}

TEST_CASE("a service is pointed to the new place wherever it names the old one") {
    Service service;
    service.name = "dsmcad";
    service.program = "/usr/tivoli/tsm/client/ba/bin/dsmcad";
    service.arguments = {"-optfile=/usr/tivoli/tsm/client/ba/bin/dsm.opt", "/etc/tsm/ba/bin"};
    service.environment = {{"DSM_DIR", "/usr/tivoli/tsm/client/ba/bin"},
                           {"PATH", "/usr/bin:/usr/tivoli/tsm/client/ba/bin:/usr/tivoli/tsm/client/ba/bin64"}};
    service.settings = {{"line", "tsm:2:once:DSM_LOG=/usr/tivoli/tsm/client/ba/bin /usr/tivoli/tsm/client/ba/bin/rc.x"},
                        {"user", "0"}};
    const Service moved = relocated(on_aix, service);
    CHECK(moved.program == "/usr/tivoli/tsm/client/ba/bin64/dsmcad");
    CHECK(moved.arguments ==
          std::vector<std::string>{"-optfile=/usr/tivoli/tsm/client/ba/bin64/dsm.opt", "/etc/tsm/ba/bin"});
    CHECK(moved.environment.at("DSM_DIR") == "/usr/tivoli/tsm/client/ba/bin64");
    CHECK(moved.environment.at("PATH") == "/usr/bin:/usr/tivoli/tsm/client/ba/bin64:/usr/tivoli/tsm/client/ba/bin64");
    CHECK(moved.settings.at("line") ==
          "tsm:2:once:DSM_LOG=/usr/tivoli/tsm/client/ba/bin64 /usr/tivoli/tsm/client/ba/bin64/rc.x");
    CHECK(moved.settings.at("user") == "0");
    CHECK(moved.name == service.name);
    CHECK(relocated(on_aix, moved) == moved);
}

TEST_CASE("the command line of a service of Windows is pointed to the new place, quoted or not") {
    Service service;
    service.settings = {{"ImagePath", "\"C:\\Program Files (x86)\\Tivoli\\TSM\\baclient\\dsmcsvc.exe\" -x"}};
    CHECK(relocated(on_windows, service).settings.at("ImagePath") ==
          "\"C:\\Program Files\\Tivoli\\TSM\\baclient\\dsmcsvc.exe\" -x");
}
