#include "platform/windows/msi_run.h"

#include "platform/error.h"
#include "platform/windows/command_line.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

const std::string system_directory = R"(C:\Windows\system32)";
const std::string log_path = R"(C:\ProgramData\Autodeploy\evidence\client.log)";

} // namespace

TEST_CASE("msiexec is named by its absolute path and told not to restart anything, forward and back") {
    const Command install =
        msi_command(system_directory, {MsiRun::Action::install, R"(C:\staging\IBM Client.msi)", log_path, {}});
    CHECK(command_line_of(install.program, install.arguments) ==
          R"("C:\Windows\system32\msiexec.exe" /i "C:\staging\IBM Client.msi" /qn /norestart /l*v )"
          R"(C:\ProgramData\Autodeploy\evidence\client.log ALLUSERS=1 REBOOT=ReallySuppress RebootYesNo=No )"
          R"(MSIRESTARTMANAGERCONTROL=DisableShutdown)");
    const Command remove =
        msi_command(system_directory, {MsiRun::Action::remove, "{12345678-1234-1234-1234-123456789ABC}", "", {}});
    CHECK(remove.program == install.program);
    CHECK(remove.arguments == std::vector<std::string>{"/x", "{12345678-1234-1234-1234-123456789ABC}", "/qn",
                                                       "/norestart", "REBOOT=ReallySuppress", "RebootYesNo=No",
                                                       "MSIRESTARTMANAGERCONTROL=DisableShutdown"});
}

TEST_CASE("no property can take away what keeps the machine from restarting, or become a switch") {
    const auto line = [](const std::string& name, const std::string& value) {
        const Command command =
            msi_command(system_directory, {MsiRun::Action::install, "C:\\a.msi", log_path, {{name, value}}});
        return command_line_of(command.program, command.arguments);
    };
    CHECK(line("INSTALLDIR", R"(C:\Program Files\Tivoli\)").find(R"( INSTALLDIR="C:\Program Files\Tivoli" )") !=
          std::string::npos);
    CHECK(line("INSTALLDIR", R"(D:\)").find(R"( INSTALLDIR=D:\ )") != std::string::npos);
    for (const char* name : {"", "/forcerestart", "A B", "1A", "A=B", "REBOOT", "Reboot", "RebootYesNo", "REBOOTPROMPT",
                             "MSIRESTARTMANAGERCONTROL", "ALLUSERS"}) {
        CAPTURE(name);
        CHECK_THROWS_AS(line(name, "x"), Error);
    }
    for (const char* value : {"", "a\nb", "a\" /forcerestart \"b"}) {
        CAPTURE(value);
        CHECK_THROWS_AS(line("NAME", value), Error);
    }
}

TEST_CASE("each code of msiexec has its own meaning, and an unknown one is none of them") {
    CHECK(msi_meaning(0) == MsiMeaning::done);
    CHECK(msi_meaning(3010) == MsiMeaning::restart_asked);
    CHECK(msi_meaning(1641) == MsiMeaning::restarting);
    CHECK(msi_meaning(1602) == MsiMeaning::cancelled);
    CHECK(msi_meaning(1603) == MsiMeaning::failed);
    CHECK(msi_meaning(1605) == MsiMeaning::not_installed);
    CHECK(msi_meaning(1618) == MsiMeaning::busy);
    CHECK(msi_meaning(1619) == MsiMeaning::package_unreadable);
    CHECK(msi_meaning(1638) == MsiMeaning::other_release);
    CHECK(msi_meaning(1604) == MsiMeaning::unsettled);
    CHECK(msi_meaning(1620) == MsiMeaning::package_unreadable);
    CHECK(msi_meaning(1625) == MsiMeaning::cancelled);
    CHECK(msi_meaning(1704) == MsiMeaning::unsettled);
    CHECK(msi_meaning(1) == MsiMeaning::unknown);
    CHECK(msi_words(1618) == "another installation is at work (msiexec 1618)");
    CHECK(msi_words(77) == "a code that is not known here (msiexec 77)");
}
