#pragma once

#include "platform/linux/proc_text.h"
#include "platform/posix/posix_host.h"
#include "platform/process_table.h"

#include <string_view>

namespace autodeploy {

class LinuxHost final : public PosixHost {
  public:
    explicit LinuxHost(ProcessTable& processes) : processes_(processes) {}

    HostFacts facts() override;
    std::vector<std::string> cluster_software() override;
    std::vector<std::string> mount_properties(const std::string& path) override;
    /// To the journal with fields of its own, else to syslog.
    void log(int priority, const std::string& message) override;
    void log_event(const LogEvent& event) override;

  private:
    ProcessTable& processes_;
};

/// "debian 12" from /etc/os-release; "linux" where it does not say.
std::string distribution_of(std::string_view os_release);
/// The name that packages use for what uname calls the machine.
std::string architecture_of(const std::string& machine);
/// Cluster managers among these processes, each once.
std::vector<std::string> cluster_managers(const std::vector<Process>& processes);
/// What matters of the mount that holds the path, which has no links in it.
std::vector<std::string> properties_of_mount(const std::vector<Mount>& mounts, const std::string& path);
/// A message as journald's native protocol has it.
std::string journal_datagram(int priority, const std::string& message);
/// With MESSAGE_ID, AUTODEPLOY_EVENT, and a field AUTODEPLOY_NAME for each that has a value.
std::string journal_datagram(const LogEvent& event);
/// The 128 bits by which `journalctl MESSAGE_ID=…` finds the events of an id; the same in all releases of ours.
std::string message_id(const std::string& event_id);

} // namespace autodeploy
