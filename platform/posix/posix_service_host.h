#pragma once

#include "platform/posix/descriptor.h"
#include "platform/service_host.h"

#include <atomic>
#include <mutex>
#include <string>

namespace autodeploy {

/// Our own process on any Unix: signals, a named pipe for pokes, and systemd's messages where somebody listens for
/// them. Who makes the program a service is the system's own matter.
class PosixServiceHost : public ServiceHost {
  public:
    explicit PosixServiceHost(const std::string& runtime);
    ~PosixServiceHost() override;

    Wake wait(Milliseconds time) override;
    void interrupt() override;
    bool stop_asked() override;
    void become_service() override;
    bool poke_service() override;
    void ready() override;
    void stopping() override;
    void status(const std::string& line) override;
    void alive() override;
    Milliseconds watchdog() override { return watchdog_; }
    void install_service(const std::string& program) override;
    void uninstall_service() override;
    std::string caller() override;
    std::int64_t process_id() override;
    bool colour_terminal() override;

  private:
    void catch_signals();
    bool take_stop();
    void notify(const std::string& message);

    std::string fifo_path_;
    std::string notify_path_;
    Milliseconds watchdog_{0};
    std::mutex mutex_;
    bool catching_ = false;
    std::atomic<bool> stopping_{false};
    Pipe pipe_;
    Descriptor fifo_;
    int signals_told_ = 0;
};

} // namespace autodeploy
