#pragma once

#include "platform/command_runner.h"
#include "platform/posix/posix_host.h"
#include "platform/process_table.h"

#include <string_view>

namespace autodeploy {

class AixHost final : public PosixHost {
  public:
    AixHost(CommandRunner& commands, ProcessTable& processes, std::string root = "")
        : commands_(commands), processes_(processes), root_(std::move(root)) {}

    HostFacts facts() override;
    std::vector<std::string> cluster_software() override;
    std::vector<std::string> mount_properties(const std::string& path) override;
    /// Errors go to the error log, where operators look; all of it to syslog.
    void log(int priority, const std::string& message) override;

  private:
    CommandResult run(const std::string& program, const std::vector<std::string>& arguments);

    CommandRunner& commands_;
    ProcessTable& processes_;
    std::string root_;
};

/// "aix 7.3" from what oslevel says; "aix" where it does not.
std::string aix_distribution(std::string_view oslevel);
/// Cluster managers among these programs, each once.
std::vector<std::string> aix_cluster_managers(const std::vector<Process>& processes);

} // namespace autodeploy
