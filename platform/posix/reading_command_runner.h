#pragma once

#include "platform/command_runner.h"
#include "platform/error.h"
#include "platform/posix/run_and_collect.h"

namespace autodeploy {

/// For those who only ask tools, and on whom the keeper of detached tools is built.
class ReadingCommandRunner final : public CommandRunner {
  public:
    CommandResult run(const Command& command) override { return run_and_collect(command); }
    CommandResult run_detached(const DetachedCommand& command) override { refuse(command.name); }
    DetachedState detached_state(const std::string&) override { return DetachedState::unknown; }
    CommandResult wait_detached(const std::string& name, Milliseconds) override { refuse(name); }
    void end_scriptlets(const std::string& name) override { refuse(name); }

  private:
    [[noreturn]] static void refuse(const std::string& name) {
        throw Error("tool_failed", "cannot run " + name + " detached: this runner only reads");
    }
};

} // namespace autodeploy
