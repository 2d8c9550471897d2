#pragma once

#include "platform/process_table.h"

namespace autodeploy {

/// Windows' processes. What may not be looked into is listed without program. There is no way to ask a program without
/// a window to end: end() only waits, and kill() is the end of it.
class WindowsProcessTable final : public ProcessTable {
  public:
    std::vector<Process> list() override;
    std::vector<Process> mapping(const std::string& path_prefix) override;
    /// By Windows' Restart Manager; without it, nothing. Who holds a file for a moment only, as scanners do, is left
    /// out.
    std::vector<Process> holding(const std::vector<std::string>& paths) override;
    std::map<std::string, std::string> environment(const Process&) override { return {}; }
    bool end(const Process& process, Milliseconds wait) override;
    void kill(const Process& process) override;
};

/// When the process began, as Process::started has it; empty where that cannot be told.
std::string start_of_process(void* process);

} // namespace autodeploy
