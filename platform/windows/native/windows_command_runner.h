#pragma once

#include "platform/command_runner.h"
#include "platform/detached_record.h"
#include "platform/file_system.h"

namespace autodeploy {

/// Programs of Windows: no shell, no window, no handle but the three streams, an environment that is ours. One that
/// only reads is in a job, and ends with everything that it started; one that changes the machine is on its own and
/// survives us. The exit code of such a one is known to whoever waits while it ends.
class WindowsCommandRunner final : public CommandRunner {
  public:
    /// state_directory: private; where is noted what runs detached.
    WindowsCommandRunner(FileSystem& files, Clock& clock, const std::string& state_directory);

    CommandResult run(const Command& command) override;
    CommandResult run_detached(const DetachedCommand& command) override;
    DetachedState detached_state(const std::string& name) override;
    CommandResult wait_detached(const std::string& name, Milliseconds time) override;
    /// Nothing: what msiexec starts belongs to Windows' own service.
    void end_scriptlets(const std::string& name) override;

  private:
    CommandResult wait(DetachedRecord& record, void* process, Milliseconds time);

    DetachedRecords records_;
};

} // namespace autodeploy
