#pragma once

#include "platform/windows/native/windows_service_host.h"

#include <memory>

namespace autodeploy {

/// Our own process where the service control manager may have started it: it is told of each of our states, and its
/// wish that we end ends our waits; before the machine goes down it waits for us. Where a person started us, all is as
/// WindowsServiceHost has it.
class ScmServiceHost final : public WindowsServiceHost {
  public:
    explicit ScmServiceHost(const std::string& runtime);
    /// Tells that we have ended: as a failure, so that the manager starts us again, where nobody had asked us to.
    ~ScmServiceHost() override;

    void become_service() override;
    void ready() override;
    void stopping() override;
    void alive() override;
    Milliseconds watchdog() override;

  private:
    class Manager;
    std::unique_ptr<Manager> manager_; ///< nothing where it did not start us
};

} // namespace autodeploy
