#pragma once

#include "platform/clock.h"
#include "platform/command_runner.h"
#include "platform/native_installer.h"

#include <string>

namespace autodeploy {

/// How a tool that changes the machine was run to its end.
struct ToolEnd {
    CommandResult result;
    bool scriptlets_ended = false; ///< its hung scriptlets were ended: running it again would hang again
};

/// The run as run_changing_tool asks for it.
DetachedCommand changing_tool(const std::string& name, const Command& command, const std::string& output_path,
                              const ConvergeOptions& options);

/// Runs the tool detached under the name and waits for its end, however long that takes within bounds: past
/// options.overrun it is reported, past options.scriptlet_limit its scriptlets are ended, and half an hour later Error
/// package_install_failed is thrown with the tool still running.
ToolEnd run_changing_tool(CommandRunner& commands, Clock& clock, const std::string& name, const Command& command,
                          const std::string& output_path, const ConvergeOptions& options);

/// Waits in the same way for one that an earlier run of ours has started; at once where there is none.
void wait_for_survivor(CommandRunner& commands, Clock& clock, const std::string& name, const ConvergeOptions& options);

} // namespace autodeploy
