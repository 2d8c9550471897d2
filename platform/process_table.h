#pragma once

#include "platform/clock.h"
#include "platform/process.h"

#include <map>
#include <string>
#include <vector>

namespace autodeploy {

/// Reads throw Error (access_denied, io_error); a process that ends meanwhile is left out.
class ProcessTable {
  public:
    ProcessTable() = default;
    ProcessTable(const ProcessTable&) = delete;
    ProcessTable& operator=(const ProcessTable&) = delete;
    virtual ~ProcessTable() = default;

    virtual std::vector<Process> list() = 0;
    /// Processes that have a file mapped whose path starts with this one (libraries in use).
    virtual std::vector<Process> mapping(const std::string& path_prefix) = 0;
    /// The environment that a process was started with; empty where it cannot be told.
    virtual std::map<std::string, std::string> environment(const Process& process) = 0;
    /// Asks the process to end and waits, at most that long. False if it is still there. Nothing happens to another
    /// process that has come to use the id.
    virtual bool end(const Process& process, Milliseconds wait) = 0;
    /// Ends it the hard way.
    virtual void kill(const Process& process) = 0;
    /// Processes that have one of these files open, where the system tells that of its own (Windows); seconds at most.
    virtual std::vector<Process> holding(const std::vector<std::string>&) { return {}; }
};

} // namespace autodeploy
