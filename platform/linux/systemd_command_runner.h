#pragma once

#include "platform/command_runner.h"
#include "platform/posix/detached_record.h"
#include "platform/process_table.h"

#include <future>
#include <map>
#include <optional>
#include <string>

namespace autodeploy {

class UnitProperties;

/// Detached tools as transient units "autodeploy-NAME.service": a stop of our own unit, which ends everything in its
/// control group, does not reach them. A unit that ended stays until its result was read.
class SystemdCommandRunner final : public CommandRunner {
  public:
    /// reader: runs programs that only read, systemctl among them.
    SystemdCommandRunner(CommandRunner& reader, FileSystem& files, Clock& clock, ProcessTable& processes,
                         const std::string& state_directory);

    CommandResult run(const Command& command) override;
    CommandResult run_detached(const DetachedCommand& command) override;
    DetachedState detached_state(const std::string& name) override;
    CommandResult wait_detached(const std::string& name, Milliseconds time) override;
    void end_scriptlets(const std::string& name) override;

  private:
    DetachedState state_of(DetachedRecord& record, std::int64_t& process);
    void forget_unit(const std::string& name, bool failed);

    CommandRunner& reader_;
    Clock& clock_;
    ProcessTable& processes_;
    DetachedRecords records_;
    int version();

    std::optional<int> version_;
    /// Whose units this process takes away, or has taken away; they are waited for before the name is used again.
    std::map<std::string, std::future<void>> forgotten_;
};

/// The command line that starts the tool; version is systemd's.
Command transient_unit_command(const DetachedCommand& command, int version);

/// Whether the unit's tool still runs, and if not its exit code; nothing where systemd knows no such unit.
struct TransientUnit {
    bool running = false;
    std::int64_t process = 0;
    int exit_code = -1;
};
std::optional<TransientUnit> transient_unit(const UnitProperties& properties);

} // namespace autodeploy
