#include "tests/agent/story.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

ApplyResult waiting(bool services_run = true) {
    return result(Applied::awaiting_restart, services_run ? "" : "service_start_failed",
                  "a file waits; 8.1.25.0 runs now, 8.1.27.0 will after a restart of the machine");
}

/// A deployment whose plan was applied, and that only a restart finishes.
struct RestartStory : Story {
    explicit RestartStory(bool services_run = true) {
        settings.restart = RestartPolicy::at_once;
        parts.results = {waiting(services_run), waiting()};
    }
    /// When the restart was asked for, in seconds from the beginning; -1: never. Ends the story there if told so.
    std::optional<UnixTime> asked_after() {
        const UnixTime begin = clock.now();
        std::optional<UnixTime> at;
        parts.on["restart"] = [this, begin, &at] {
            at = clock.now() - begin;
            asked_in_state = load();
        };
        run();
        return at;
    }
    DeploymentState load() {
        std::string damaged;
        return load_deployment_state(files, paths.deployment(), damaged).value_or(DeploymentState{});
    }
    DeploymentState asked_in_state; ///< as it was on the disk when the system was asked
};

} // namespace

TEST_CASE("an allowed restart is noted, announced and asked for once, and what waits for it is told") {
    RestartStory story;
    std::optional<ActiveDeployment> seen;
    story.control.on_wait = [&] { seen = story.progress.current().deployment; };
    CHECK(story.asked_after() == UnixTime(0));
    REQUIRE(story.asked_in_state.restart);
    CHECK(story.asked_in_state.restart->asked_at != 0);
    CHECK(story.asked_in_state.restart->due == story.asked_in_state.restart->asked_at + 300);
    CHECK(story.asked_in_state.attempt == "20261128T200000Z-0001");
    CHECK(story.parts.count("restart in 300 s: The update of the backup client to 8.1.27.0 is finished by a restart of "
                            "this machine, in 5 minutes. \"autodeploy cancel\" calls it off.") == 1);
    REQUIRE(seen);
    CHECK(seen->phase == Phase::wait);
    CHECK(seen->to == "8.1.27.0");
    CHECK(seen->deadline == story.state.restart->deadline);
    Status status;
    status.deployment = seen;
    CHECK(exit_code(status) == exit_codes::waiting);
}

TEST_CASE("a restart that somebody has called off is no success: waited for until the deadline, then told as needed") {
    RestartStory story;
    std::string waited_for;
    story.control.on_wait = [&] { waited_for = story.progress.current().deployment->waiting_for.at(0); };
    const UnixTime begin = story.clock.now();
    const Report report = story.report();
    CHECK(report.outcome == Outcome::needs_restart);
    CHECK(exit_code(report.outcome) == 24);
    CHECK(report.cause == "restart_needed");
    CHECK(report.message.starts_with("a file waits; 8.1.25.0 runs now, 8.1.27.0 will after a restart of the machine; "
                                     "waited until "));
    CHECK(story.clock.now() - begin >= 24 * 3600);
    CHECK(story.clock.now() - begin <= 24 * 3600 + 60);
    CHECK(waited_for.find("has not come: somebody may have called it off") != std::string::npos);
    CHECK(std::count_if(story.parts.log.begin(), story.parts.log.end(),
                        [](const std::string& line) { return line.starts_with("restart in"); }) == 1);
    CHECK(story.parts.count("resume 20261128T200000Z-0001") == 1); // its services are seen to once more
    CHECK(ReleaseRecords(story.files, story.paths.releases()).all().empty());
}

TEST_CASE("when a restart is asked for is a matter of window, delay and people who are logged on") {
    const struct {
        const char* name;
        std::function<void(RestartStory&)> told;
        std::optional<UnixTime> asked_after;
    } table[] = {
        {"at once", [](RestartStory&) {}, 0},
        {"in the window, which is open at any time",
         [](RestartStory& s) { s.settings.restart = RestartPolicy::in_window; }, 0},
        {"in the window, which opens in two hours",
         [](RestartStory& s) {
             s.settings.restart = RestartPolicy::in_window;
             s.settings.wait.window = window(22, 23);
             s.state.request.kind = RequestKind::deploy; // a person's does not wait for it, the restart does
         },
         7200},
        {"the window closes before the delay is over: the next one",
         [](RestartStory& s) {
             s.settings.restart = RestartPolicy::in_window;
             s.settings.wait.window = window(19, 21);
             s.settings.apply.restart_delay = Seconds(3600);
             s.settings.wait.window.rules.push_back(WindowRule{.days = 0x20, .from = 22 * 60, .to = 24 * 60});
         },
         7200},
        {"no window is longer than the delay",
         [](RestartStory& s) {
             s.settings.restart = RestartPolicy::in_window;
             s.settings.wait.window = window(20, 21);
             s.settings.apply.restart_delay = Seconds(7200);
         },
         0},
        {"somebody is logged on for a while",
         [](RestartStory& s) {
             s.parts.users = {"alice"};
             s.control.on_wait = [&s] {
                 if (s.control.waits == 10) s.parts.users.clear();
             };
         },
         600},
        {"somebody is logged on, and that does not matter",
         [](RestartStory& s) {
             s.parts.users = {"alice"};
             s.settings.apply.restart_logged_on = LoggedOnPolicy::go_on;
         },
         0},
        {"somebody is logged on all the time",
         [](RestartStory& s) {
             s.parts.users = {"alice", "bob"};
         },
         {}},
        {"the setting was changed meanwhile",
         [](RestartStory& s) { s.parts.on["apply"] = [&s] { s.settings.restart = RestartPolicy::never; }; },
         {}},
    };
    for (const auto& row : table) {
        CAPTURE(row.name);
        RestartStory story;
        row.told(story);
        const auto asked_after = story.asked_after();
        CHECK(asked_after.has_value() == row.asked_after.has_value());
        if (asked_after && row.asked_after) {
            CHECK(*asked_after >= *row.asked_after);
            CHECK(*asked_after <= *row.asked_after + 60);
        }
    }
}

TEST_CASE("a system that refuses the restart is asked again, and nothing of that counts as asked") {
    RestartStory story;
    story.parts.fails["restart"] = 2;
    story.control.on_wait = [&] {
        if (story.control.waits == 1) CHECK(story.load().restart->asked_at == 0);
    };
    CHECK(story.asked_after().has_value());
    CHECK(story.state.restart->asked_at != 0);
}

TEST_CASE("services that are down are not left so for a restart that does not come") {
    const struct {
        const char* name;
        std::function<void(RestartStory&)> told;
        Seconds at_most;
    } table[] = {
        {"nobody may ask for it now", [](RestartStory& s) { s.parts.users = {"alice"}; }, Seconds(0)},
        {"it was called off", [](RestartStory&) {}, Seconds(300 + 15 * 60 + 60)},
    };
    for (const auto& row : table) {
        CAPTURE(row.name);
        RestartStory story(false);
        row.told(story);
        story.parts.results = {waiting(false), result(Applied::rolled_back, "restart_did_not_come", "cannot finish")};
        const UnixTime begin = story.clock.now();
        const Report report = story.report();
        CHECK(report.outcome == Outcome::rolled_back);
        CHECK(report.cause == "restart_did_not_come");
        CHECK(story.clock.now() - begin <= row.at_most.count());
        CHECK(story.parts.count("give up 20261128T200000Z-0001 restart_did_not_come") == 1);
    }
}

TEST_CASE("a person calls the restart off: the machine is left alone, the attempt stays to be finished") {
    RestartStory story;
    story.control.on_wait = [&] { story.control.now = DeploymentControl::Wish::cancel; };
    const Report report = story.report();
    CHECK(report.outcome == Outcome::needs_restart);
    CHECK(report.message.ends_with("; the restart was called off by alice"));
    CHECK(story.parts.count("call off") == 1);
}

TEST_CASE("an agent that ends while it waits for a restart goes on waiting, and asks for no other") {
    RestartStory story;
    story.control.on_wait = [&] { story.control.now = DeploymentControl::Wish::stop; };
    CHECK(!story.run());
    const DeploymentState saved = story.load();
    CHECK(saved == story.state);
    story.control.now = DeploymentControl::Wish::none;
    story.control.on_wait = nullptr;
    story.state = saved;
    CHECK(story.report().outcome == Outcome::needs_restart);
    CHECK(std::count_if(story.parts.log.begin(), story.parts.log.end(),
                        [](const std::string& line) { return line.starts_with("restart in"); }) == 1);
    CHECK(story.parts.count("apply 20261128T200000Z-0001 8.1.25.0 to 8.1.27.0") == 1);
}

TEST_CASE("a trigger that comes while a restart is awaited is answered by the same deployment") {
    RestartStory story;
    story.control.on_wait = [&] {
        if (story.control.waits > 1) return;
        Request request;
        request.id = "20261128T200010Z-0001";
        request.kind = RequestKind::trigger;
        story.control.joining.push_back(request);
    };
    CHECK(story.report().outcome == Outcome::needs_restart);
    CHECK(story.control.safe == std::vector<std::string>{"20261128T200010Z-0001"});
    CHECK(story.state.joined.size() == 1);
}

TEST_CASE("a state that cannot be written while a restart is due is no refusal: the attempt is taken up again") {
    RestartStory story;
    story.parts.on["apply"] = [&] { story.files.fail_path(story.paths.deployment(), "disk_full"); };
    CHECK_THROWS_AS(story.run(), Unfinished);
    CHECK(std::none_of(story.parts.log.begin(), story.parts.log.end(),
                       [](const std::string& line) { return line.starts_with("restart in"); }));
}

TEST_CASE("nothing is begun over an attempt that waits for a restart") {
    Story story;
    story.parts.waiting = "20261127T200000Z-0001";
    const Report report = story.report();
    CHECK(report.outcome == Outcome::refused);
    CHECK(report.cause == "restart_needed");
    CHECK(!story.parts.applied());
}

TEST_CASE("a client that is back but for a restart says so, and counts as a failed attempt") {
    Story story;
    story.parts.results = {result(Applied::needs_restart, "restart_not_allowed", "cannot finish")};
    const Report report = story.report();
    CHECK(report.outcome == Outcome::needs_restart);
    CHECK(report.cause == "restart_not_allowed");
    CHECK(ReleaseRecords(story.files, story.paths.releases()).of("8.1.27.0").failed.size() == 1);
    Status status;
    take_report(status, report);
    CHECK(exit_code(status) == 24);
    Report refused = report;
    refused.outcome = Outcome::refused;
    take_report(status, refused);
    CHECK(exit_code(status) == 24); // a refusal mends nothing
}
