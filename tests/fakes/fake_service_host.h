#pragma once

#include "platform/service_host.h"
#include "tests/fakes/fake_clock.h"

#include <atomic>
#include <deque>
#include <functional>
#include <string>
#include <vector>

namespace autodeploy {

/// Waits by letting the fake clock pass; wakes as the test has planned.
class FakeServiceHost : public ServiceHost {
  public:
    explicit FakeServiceHost(FakeClock& clock) : clock_(clock) {}

    Wake wait(Milliseconds time) override {
        if (before_wait) before_wait();
        if (!wakes.empty()) {
            const Wake wake = wakes.front();
            wakes.pop_front();
            if (wake == Wake::stop) stop = true;
            return wake;
        }
        clock_.pass(time);
        return Wake::time_over;
    }
    void interrupt() override { ++interrupts; }
    bool stop_asked() override { return stop; }
    void become_service() override { is_service = true; }
    bool poke_service() override {
        ++pokes;
        return service_listens;
    }
    void ready() override { told.push_back("ready"); }
    void stopping() override { told.push_back("stopping"); }
    void status(const std::string& line) override { told.push_back("status " + line); }
    void alive() override { ++alives; }
    Milliseconds watchdog() override { return Milliseconds(0); }
    void install_service(const std::string& program) override { told.push_back("install " + program); }
    void uninstall_service() override { told.push_back("uninstall"); }
    std::string caller() override { return who; }
    std::int64_t process_id() override { return process; }
    bool colour_terminal() override { return false; }

    std::function<void()> before_wait;
    std::deque<Wake> wakes;
    std::vector<std::string> told;
    std::string who = "root";
    std::int64_t process = 4711;
    bool stop = false;
    bool is_service = false;
    bool service_listens = true;
    std::atomic<int> interrupts = 0;
    int pokes = 0;
    int alives = 0;

  private:
    FakeClock& clock_;
};

} // namespace autodeploy
