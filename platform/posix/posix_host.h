#pragma once

#include "platform/host.h"

namespace autodeploy {

/// What all Unix hosts have in common.
class PosixHost : public Host {
  public:
    bool is_administrator() override;
    bool reaches(const std::string& address, int port, Milliseconds time) override;
    std::vector<std::string> pending_renames(const std::vector<std::string>& below) override;
    /// Not supported: no package of a Unix needs one, so nobody is to ask for it.
    void request_restart(const std::string& message, Seconds delay) override;
    /// To syslog.
    void log(int priority, const std::string& message) override;
    void log_event(const LogEvent& event) override;
};

/// The event on one line, its id and fields behind the text: "… [deployment-ended outcome=updated]".
std::string event_line(const LogEvent& event);

} // namespace autodeploy
