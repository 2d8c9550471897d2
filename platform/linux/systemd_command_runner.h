#pragma once

#include "platform/command_runner.h"
#include "platform/detached_record.h"
#include "platform/linux/waiting_unit.h"
#include "platform/process_table.h"

#include <condition_variable>
#include <future>
#include <map>
#include <memory>
#include <mutex>
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
    ~SystemdCommandRunner() override;

    CommandResult run(const Command& command) override;
    CommandResult run_detached(const DetachedCommand& command) override;
    /// Their units are started and wait; where systemd is too old, or that fails, nothing happens.
    void expect_detached(const std::vector<DetachedCommand>& commands) override;
    DetachedState detached_state(const std::string& name) override;
    CommandResult wait_detached(const std::string& name, Milliseconds time) override;
    void end_scriptlets(const std::string& name) override;

  private:
    DetachedState state_of(DetachedRecord& record, std::int64_t& process);
    void forget_unit(const std::string& name, bool failed);
    void await_forgotten(const std::string& name);
    void hurry();
    std::string gate_of(const std::string& name) const;
    std::unique_ptr<WaitingUnit> waiting_unit(const DetachedCommand& command);
    void drop_waiting(const std::string& name);
    void drop_gates_of_earlier_runs();
    bool go_through_gate(const DetachedCommand& command, std::int64_t& process, std::string& process_start);

    CommandRunner& reader_;
    FileSystem& files_;
    Clock& clock_;
    ProcessTable& processes_;
    DetachedRecords records_;
    int version();

    std::optional<int> version_;
    std::map<std::string, std::unique_ptr<WaitingUnit>> waiting_;
    bool gates_dropped_ = false; ///< those of earlier runs of ours
    std::mutex mutex_;           ///< of hurries_
    std::condition_variable hurried_;
    int hurries_ = 0; ///< with each, what waits to be taken away is taken away at once
    /// Whose units this process takes away, or has taken away; they are waited for before the name is used again.
    std::map<std::string, std::future<void>> forgotten_;
};

/// The command line that starts the tool; version is systemd's. With a gate, which wants version_with_append, the unit
/// waits there before it becomes the tool.
Command transient_unit_command(const DetachedCommand& command, int version, const std::string& gate = "");

/// Whether the unit's tool still runs, and if not its exit code; nothing where systemd knows no such unit.
struct TransientUnit {
    bool running = false;
    std::int64_t process = 0;
    int exit_code = -1;
};
std::optional<TransientUnit> transient_unit(const UnitProperties& properties);

} // namespace autodeploy
