#pragma once

#include "agent/deployment.h"
#include "platform/service_host.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace autodeploy {

/// The one thread for blocking work, and how the event loop speaks to the deployment that runs in it.
class Worker : public DeploymentControl {
  public:
    explicit Worker(ServiceHost& host) : host_(host) {}
    /// Waits for the work to end.
    ~Worker() override;

    // For the event loop.

    /// There must be no work at the moment. The host is interrupted when it has ended; nothing may be thrown.
    void start(std::function<void()> work);
    /// False also after work has ended; then it is joined.
    bool busy();
    /// Waits until the work has ended.
    void finish();
    void ask_to_stop();
    /// False where the client is being changed already.
    bool cancel(const std::string& by);
    bool join(const Request& request);
    bool changing();
    std::function<void(const std::vector<Request>&)> on_safe; ///< called in the worker's thread

    // For the deployment.

    Wish wish() override;
    std::string cancelled_by() override;
    std::vector<Request> joined() override;
    void joined_are_safe(const std::vector<Request>& requests) override;
    void wait(Milliseconds time) override;
    bool begin_change() override;
    void end_change() override;

  private:
    ServiceHost& host_;
    std::thread thread_;
    std::mutex mutex_;
    std::condition_variable woken_;
    bool working_ = false;
    bool stop_ = false;
    bool changing_ = false;
    std::string cancelled_by_;
    std::vector<Request> joined_;
};

} // namespace autodeploy
