#pragma once

#include "platform/clock.h"
#include "platform/command_runner.h"
#include "platform/process_table.h"

namespace autodeploy {

/// Processes as ps tells them. started is the second of the start by the wall clock, so that it is the same after a
/// restart of ours. A program's path is its first word: where that has no path it is looked for in the folders, and
/// where it is relative procwdx is asked. root: what stands before the paths of the tools, for tests.
class AixProcessTable final : public ProcessTable {
  public:
    AixProcessTable(CommandRunner& commands, Clock& clock, std::vector<std::string> program_folders,
                    std::string root = "");

    std::vector<Process> list() override;
    /// Asks fuser, file by file of what lies below the folder.
    std::vector<Process> mapping(const std::string& path_prefix) override;
    std::map<std::string, std::string> environment(const Process& process) override;
    bool end(const Process& process, Milliseconds wait) override;
    void kill(const Process& process) override;

    /// Whether ps can tell how the process was started: each of its arguments and its environment.
    bool is_told(const Process& process);

  private:
    std::vector<Process> ask(const std::vector<std::string>& selection);
    std::string path_of(const Process& process);
    bool is_there(const Process& process);

    CommandRunner& commands_;
    Clock& clock_;
    std::vector<std::string> program_folders_;
    std::string root_;
};

} // namespace autodeploy
