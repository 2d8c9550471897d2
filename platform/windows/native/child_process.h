#pragma once

#include "platform/command_runner.h"
#include "platform/windows/native/handle.h"

namespace autodeploy {

/// Starts the program with exactly these as its streams (each inheritable) and no other handle of ours. A job, if
/// given, has it before its first instruction. Throws Error tool_missing, access_denied, tool_failed.
Handle start_child(const Command& command, void* input, void* output, void* error, void* job);

/// An inheritable handle of NUL.
Handle open_null(const Command& command);

/// Windows' own folders, from Windows itself: "C:\Windows\System32".
std::string system_directory();

} // namespace autodeploy
