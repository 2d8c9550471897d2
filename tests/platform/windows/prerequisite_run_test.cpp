#include "platform/windows/prerequisite_run.h"

#include "platform/error.h"
#include "platform/windows/command_line.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

const std::string system_directory = R"(C:\Windows\system32)";
const std::string log_path = R"(C:\ProgramData\Autodeploy\a b.log)";

std::string line_of(PrerequisiteKind kind, const std::string& program) {
    const Command command = prerequisite_command(kind, system_directory, program, log_path);
    return command_line_of(command.program, command.arguments);
}

} // namespace

TEST_CASE("the installer of a prerequisite is silent and never restarts the machine, whatever its kind") {
    CHECK(line_of(PrerequisiteKind::vc_redist, R"(C:\s\{1}\vc_redist.x64.exe)") ==
          R"("C:\s\{1}\vc_redist.x64.exe" /install /quiet /norestart /log "C:\ProgramData\Autodeploy\a b.log")");
    CHECK(line_of(PrerequisiteKind::vc_redist_2010, R"(C:\s\vcredist_x64.exe)") ==
          R"("C:\s\vcredist_x64.exe" /q /norestart /log "C:\ProgramData\Autodeploy\a b.log")");
    CHECK(line_of(PrerequisiteKind::spinstall, R"(C:\s\spinstall.exe)") ==
          R"("C:\s\spinstall.exe" /s "/vREBOOT=ReallySuppress RebootYesNo=No )"
          R"(MSIRESTARTMANAGERCONTROL=DisableShutdown ALLUSERS=1 /qn /norestart )"
          R"(/l*v \"C:\ProgramData\Autodeploy\a b.log\"")");
    CHECK(line_of(PrerequisiteKind::msi, R"(C:\s\runtime.msi)") ==
          R"("C:\Windows\system32\msiexec.exe" /i C:\s\runtime.msi /qn /norestart /l*v )"
          R"("C:\ProgramData\Autodeploy\a b.log" ALLUSERS=1 REBOOT=ReallySuppress RebootYesNo=No )"
          R"(MSIRESTARTMANAGERCONTROL=DisableShutdown)");
}

TEST_CASE("no path can become a switch of a prerequisite's installer") {
    for (const char* path : {"", "C:\\a\" /forcerestart \"b.exe", "C:\\a\nb.exe"})
        CHECK_THROWS_AS(prerequisite_command(PrerequisiteKind::spinstall, system_directory, "C:\\a.exe", path), Error);
}

TEST_CASE("a code that a bootstrapper has wrapped is the one that it means") {
    CHECK(plain_exit_code(0) == 0);
    CHECK(plain_exit_code(3010) == 3010);
    CHECK(plain_exit_code(int(0x80070666U)) == 1638);
    CHECK(plain_exit_code(int(0x80070652U)) == 1618);
    CHECK(plain_exit_code(int(0x80040666U)) == 0x80040666U);
}
