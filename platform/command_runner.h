#pragma once

#include "platform/clock.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// One run of a program of the operating system. Never a shell's string; the environment is exactly what stands here
/// plus LC_ALL=C and a fixed PATH. Standard input is empty, the working directory "/".
struct Command {
    std::string program; ///< absolute path
    std::vector<std::string> arguments;
    std::map<std::string, std::string> environment;
    Milliseconds deadline{30000};
    std::size_t output_limit = 1 << 20; ///< bytes kept of each stream; the rest is read and dropped

    bool operator==(const Command&) const = default;
};

struct CommandResult {
    int exit_code = 0;      ///< 128 + signal for one that was killed; -1 where it can no longer be known
    std::string output;     ///< standard output
    std::string error;      ///< standard error
    bool timed_out = false; ///< the deadline passed and the program was ended with its children
    bool succeeded() const { return exit_code == 0 && !timed_out; }
};

/// A tool that changes the machine: it lives on when we die, so that it is never killed in its middle by our end.
struct DetachedCommand {
    /// Names it over our own restarts, and before it starts it stands in the journal: letters, digits, '-'.
    std::string name;
    Command command;         ///< its deadline is not a limit of life but the moment at which overrunning is reported
    std::string output_path; ///< both streams, appended; lies in the attempt's private folder

    bool operator==(const DetachedCommand&) const = default;
};

enum class DetachedState { unknown, running, ended };

/// The one way to other programs. Failures to start throw Error: tool_missing, access_denied, tool_failed.
class CommandRunner {
  public:
    CommandRunner() = default;
    CommandRunner(const CommandRunner&) = delete;
    CommandRunner& operator=(const CommandRunner&) = delete;
    virtual ~CommandRunner() = default;

    /// For tools that only read: blocks until the end or the deadline, then ends it with everything it started.
    virtual CommandResult run(const Command& command) = 0;

    /// For tools that change the machine: starts it outside of our own life (transient unit, own session), waits for
    /// its end. Past the deadline `overrunning` is told through the progress of the caller: the call returns with
    /// timed_out set and the tool still running; call wait_detached again. Both streams are in output_path, the
    /// result's output is their tail.
    virtual CommandResult run_detached(const DetachedCommand& command) = 0;
    /// Exactly these will soon be given to run_detached, while time is dear: what can be done beforehand is done now.
    /// Replaces what was expected before, so that an empty list ends it; what is never run leaves nothing behind.
    /// Nothing depends on it, and it never throws.
    virtual void expect_detached(const std::vector<DetachedCommand>&) {}
    /// What became of a detached tool, asked after a restart of ours: unknown means that it never started or that the
    /// machine was restarted since.
    virtual DetachedState detached_state(const std::string& name) = 0;
    /// Blocks until it has ended or the time is over; exit_code is -1 where it can no longer be known.
    virtual CommandResult wait_detached(const std::string& name, Milliseconds time) = 0;
    /// Ends the children of the tool (hung scriptlets), not the tool itself. For the second limit only.
    virtual void end_scriptlets(const std::string& name) = 0;
};

} // namespace autodeploy
