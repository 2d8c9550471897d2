#pragma once

#include "platform/command_runner.h"
#include "platform/prerequisite.h"

#include <string>

namespace autodeploy {

/// The one place where the command of a prerequisite's installer is made: silent, for the whole machine, and with the
/// switches that keep it from restarting the machine. program: absolute path of the installer; log: absolute path of
/// the log that it writes, in a folder that is there. system_directory: Windows' own. Throws Error prerequisite_failed
/// for what the program could not read back.
Command prerequisite_command(PrerequisiteKind kind, const std::string& system_directory, const std::string& program,
                             const std::string& log);

/// The code of msiexec that an installer of any kind passes on: bootstrappers wrap it ("0x80070666" is 1638).
unsigned plain_exit_code(int exit_code);

} // namespace autodeploy
