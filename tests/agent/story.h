#pragma once

#include "tests/agent/fake_parts.h"

#include <doctest/doctest.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace autodeploy {

/// Waits by letting the fake clock pass.
class FakeControl : public DeploymentControl {
  public:
    explicit FakeControl(FakeClock& clock) : clock_(clock) {}
    Wish wish() override { return now; }
    std::string cancelled_by() override { return "alice"; }
    std::vector<Request> joined() override { return std::exchange(joining, {}); }
    void joined_are_safe(const std::vector<Request>& requests) override {
        for (const Request& request : requests)
            safe.push_back(request.id);
    }
    void wait(Milliseconds time) override {
        ++waits;
        REQUIRE(waits < 100000);
        if (on_wait) on_wait();
        clock_.pass(time);
    }
    bool begin_change() override { return now == Wish::none; }
    void end_change() override {}

    Wish now = Wish::none;
    std::vector<Request> joining;
    std::vector<std::string> safe;
    std::function<void()> on_wait;
    int waits = 0;

  private:
    FakeClock& clock_;
};

struct Story {
    FakeFileSystem files;
    FakeClock clock;
    FakeServiceHost host{clock};
    StandardPaths paths = test_paths();
    Settings settings;
    Progress progress{files, clock, host, paths.status()};
    FakeParts parts;
    FakeControl control{clock};
    DeploymentState state;

    Story() {
        files.put_directory("/state", 0700);
        state.request.id = "20261128T200000Z-0001";
        state.request.kind = RequestKind::trigger;
        state.request.requested_by = "root";
        state.request.accepted_at = clock.now();
        settings.mode = Mode::armed;
    }
    std::optional<Report> run() {
        Deployment deployment({parts, files, clock, settings, paths, progress}, control, state);
        auto report = deployment.run();
        state = deployment.state();
        return report;
    }
    Report report() {
        auto report = run();
        REQUIRE(report);
        return *report;
    }
};

inline ApplyResult result(Applied applied, const std::string& cause = "", const std::string& message = "") {
    ApplyResult result;
    result.applied = applied;
    result.cause = cause;
    result.message = message;
    return result;
}

/// "sat 22:00-23:00": the fake clock begins at 20:00 on a Saturday.
inline MaintenanceWindow window(int from, int to) {
    return {{WindowRule{.days = 0x20, .from = from * 60, .to = to * 60}}};
}

} // namespace autodeploy
