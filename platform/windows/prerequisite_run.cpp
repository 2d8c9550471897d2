#include "platform/windows/prerequisite_run.h"

#include "platform/error.h"
#include "platform/windows/msi_run.h"

#include <string_view>

namespace autodeploy {

namespace {

void check_plain(const std::string& path) {
    if (path.empty() || path.find_first_of(std::string_view("\0\r\n\"", 4)) != std::string::npos)
        throw Error("prerequisite_failed", "cannot run the installer of a prerequisite: the path " + path +
                                               " has a quote or a line break in it");
}

} // namespace

// Switches: [H], [M], [L] and [G] are how sure they are, from documented to never seen.
Command prerequisite_command(PrerequisiteKind kind, const std::string& system_directory, const std::string& program,
                             const std::string& log) {
    check_plain(program);
    check_plain(log);
    Command command;
    command.program = program;
    switch (kind) {
    case PrerequisiteKind::vc_redist: // [M]
        command.arguments = {"/install", "/quiet", "/norestart", "/log", log};
        break;
    case PrerequisiteKind::vc_redist_2010: // [G]: it knows no /install
        command.arguments = {"/q", "/norestart", "/log", log};
        break;
    case PrerequisiteKind::spinstall: // [M]: all that msiexec is to get is one word
        command.arguments = {"/s", "/vREBOOT=ReallySuppress RebootYesNo=No MSIRESTARTMANAGERCONTROL=DisableShutdown "
                                   "ALLUSERS=1 /qn /norestart /l*v \"" +
                                       log + "\""};
        break;
    case PrerequisiteKind::msi: // [H]
        return msi_command(system_directory, {MsiRun::Action::install, program, log, {}});
    }
    return command;
}

unsigned plain_exit_code(int exit_code) {
    const auto code = static_cast<unsigned>(exit_code);
    constexpr unsigned of_windows = 0x80070000; // FACILITY_WIN32
    return (code & 0xFFFF0000) == of_windows ? code & 0xFFFF : code;
}

} // namespace autodeploy
