#pragma once

#include "platform/host.h"

namespace autodeploy {

/// What all Unix hosts have in common.
class PosixHost : public Host {
  public:
    bool is_administrator() override;
    bool reaches(const std::string& address, int port, Milliseconds time) override;
    std::vector<std::string> pending_renames(const std::vector<std::string>& below) override;
    /// To syslog.
    void log(int priority, const std::string& message) override;
};

} // namespace autodeploy
