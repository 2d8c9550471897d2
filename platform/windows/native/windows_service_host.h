#pragma once

#include "platform/service_host.h"
#include "platform/windows/native/console_output.h"
#include "platform/windows/native/handle.h"

#include <atomic>
#include <string>

namespace autodeploy {

/// Our own process on Windows: an event for what wakes us, one of a name for pokes of others, Ctrl-C and the end of the
/// session at a console. What the service manager is told and asks is for whoever derives from this.
class WindowsServiceHost : public ServiceHost {
  public:
    explicit WindowsServiceHost(const std::string& runtime);
    ~WindowsServiceHost() override;

    Wake wait(Milliseconds time) override;
    void interrupt() override;
    bool stop_asked() override;
    void become_service() override;
    bool poke_service() override;
    void ready() override {}
    void stopping() override {}
    void status(const std::string&) override {}
    void alive() override {}
    Milliseconds watchdog() override { return Milliseconds(0); }
    /// Whatever an administrator has changed of one that is there stays: start type, account, recovery.
    void install_service(const std::string& program) override;
    /// Stops it first; done as well if there is none.
    void uninstall_service() override;
    std::string caller() override;
    std::int64_t process_id() override;
    bool colour_terminal() override;

    /// What Ctrl-C does. May be called from any thread.
    void ask_to_stop();

  private:
    ConsoleOutput output_;
    ConsoleOutput errors_;
    std::wstring poke_name_;
    Handle woken_;
    Handle poked_;
    std::atomic<int> stops_asked_{0};
    int stops_told_ = 0;
};

} // namespace autodeploy
