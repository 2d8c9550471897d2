#include "platform/windows/msi_run.h"

#include "platform/error.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

const std::string system_directory = R"(C:\Windows\system32)";
const std::string log_path = R"(C:\ProgramData\Autodeploy\evidence\client.log)";

} // namespace

TEST_CASE("msiexec is named by its absolute path and told not to restart anything, forward and back") {
    const std::string install =
        msi_command_line(system_directory, {MsiRun::Action::install, R"(C:\staging\IBM Client.msi)", log_path, {}});
    CHECK(install == R"("C:\Windows\system32\msiexec.exe" /i "C:\staging\IBM Client.msi" /qn /norestart /l*v )"
                     R"("C:\ProgramData\Autodeploy\evidence\client.log" REBOOT=ReallySuppress RebootYesNo=No )"
                     R"(MSIRESTARTMANAGERCONTROL=DisableShutdown)");
    const std::string remove = msi_command_line(
        system_directory, {MsiRun::Action::remove, "{12345678-1234-1234-1234-123456789ABC}", log_path, {}});
    CHECK(remove.find(R"( /x "{12345678-1234-1234-1234-123456789ABC}" /qn /norestart )") != std::string::npos);
    CHECK(remove.ends_with(" REBOOT=ReallySuppress RebootYesNo=No MSIRESTARTMANAGERCONTROL=DisableShutdown"));
}

TEST_CASE("no property can take away what keeps the machine from restarting, or become a switch") {
    const auto line = [](const std::string& name, const std::string& value) {
        return msi_command_line(system_directory, {MsiRun::Action::install, "C:\\a.msi", log_path, {{name, value}}});
    };
    CHECK(line("NAME", "a\" /forcerestart \"b").find(R"( NAME="a"" /forcerestart ""b" )") != std::string::npos);
    CHECK(line("INSTALLDIR", R"(C:\Program Files\Tivoli)").find(R"( INSTALLDIR="C:\Program Files\Tivoli" )") !=
          std::string::npos);
    for (const char* name : {"", "/forcerestart", "A B", "1A", "A=B", "REBOOT", "Reboot", "RebootYesNo", "REBOOTPROMPT",
                             "MSIRESTARTMANAGERCONTROL"}) {
        CAPTURE(name);
        CHECK_THROWS_AS(line(name, "x"), Error);
    }
    CHECK_THROWS_AS(line("NAME", "a\nb"), Error);
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
    CHECK(msi_meaning(1704) == MsiMeaning::unsettled);
    CHECK(msi_meaning(1) == MsiMeaning::unknown);
    CHECK(msi_words(1618) == "another installation is at work (msiexec 1618)");
    CHECK(msi_words(77) == "a code that is not known here (msiexec 77)");
}
