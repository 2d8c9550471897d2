#pragma once

#include "platform/command_runner.h"
#include "platform/detached_record.h"
#include "platform/process_table.h"

namespace autodeploy {

/// Detached tools in sessions of their own, each below a small process that outlives us and writes down the exit code.
/// For systems without transient units.
class SessionCommandRunner final : public CommandRunner {
  public:
    SessionCommandRunner(FileSystem& files, Clock& clock, ProcessTable& processes, const std::string& state_directory);

    CommandResult run(const Command& command) override;
    CommandResult run_detached(const DetachedCommand& command) override;
    DetachedState detached_state(const std::string& name) override;
    CommandResult wait_detached(const std::string& name, Milliseconds time) override;
    void end_scriptlets(const std::string& name) override;

  private:
    DetachedState state_of(DetachedRecord& record);
    bool is_alive(const DetachedRecord& record);
    std::optional<int> written_exit_code(const std::string& name);

    FileSystem& files_;
    Clock& clock_;
    ProcessTable& processes_;
    DetachedRecords records_;
};

} // namespace autodeploy
