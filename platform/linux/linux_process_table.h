#pragma once

#include "platform/process_table.h"

namespace autodeploy {

/// Processes as /proc shows them. Those of containers are left out: they have another view of the files, and somebody
/// else is in charge of them.
class LinuxProcessTable final : public ProcessTable {
  public:
    std::vector<Process> list() override;
    std::vector<Process> mapping(const std::string& path_prefix) override;
    std::map<std::string, std::string> environment(const Process& process) override;
    bool end(const Process& process, Milliseconds wait) override;
    void kill(const Process& process) override;
};

} // namespace autodeploy
