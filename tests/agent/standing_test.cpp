#include "agent/standing.h"

#include "tests/agent/fake_parts.h"

#include <doctest/doctest.h>

#include <functional>

using namespace autodeploy;

namespace {

StandingInput ready() {
    StandingInput input;
    input.now = 1795896000;
    input.settings_file = "/etc/autodeploy/autodeploy.yaml";
    input.found = installed("8.1.25.0");
    input.choice = Choice{};
    input.choice->package = available("8.1.27.0");
    input.choice->mode = Mode::armed;
    input.choice->channel = "stable";
    input.choice->change = "CHG0012345";
    return input;
}

ReportedRequirement blocker(const std::string& id) {
    return {id, "not_met", "blocker", "what " + id + " wants", "/x:1", "mend " + id, false};
}

void stays(StandingInput& input, const std::string& cause, const std::string& why) {
    input.choice->package.reset();
    input.choice->cause = cause;
    input.choice->why = {why};
}

} // namespace

TEST_CASE("whoever asks is told why this client is or is not updated, what comes next, and who decides it") {
    const struct {
        const char* name;
        std::function<void(StandingInput&)> made;
        const char* verdict;
        const char* next;
        const char* decided_by;
    } table[] = {
        {"all is well", [](StandingInput&) {}, "will be updated to 8.1.27.0, in channel stable, change CHG0012345",
         "the next trigger starts it at any time", "the backup server"},
        {"a window",
         [](StandingInput& input) {
             input.settings.wait.window.rules = {parse_window_rule("daily 22:00-23:00")};
             input.opening = Opening{input.now + 7200, input.now + 10800};
         },
         "will be updated", "daily 22:00-23:00, next from 2026-11-28T22:00:00Z", "the backup server"},
        {"a window that is open",
         [](StandingInput& input) {
             input.settings.wait.window.rules = {parse_window_rule("daily 19:00-23:00")};
             input.opening = Opening{input.now - 3600, input.now + 10800};
         },
         "will be updated", "open until 2026-11-28T23:00:00Z", "the backup server"},
        {"it waits",
         [](StandingInput& input) {
             input.status.deployment = ActiveDeployment{};
             input.status.deployment->to = "8.1.27.0";
             input.status.deployment->deadline = input.now;
             input.status.deployment->waiting_for = {"the event NIGHTLY to end"};
         },
         "waits: an update to 8.1.27.0 was accepted and waits for the event NIGHTLY to end",
         "given up at 2026-11-28T20:00:00Z", "autodeploy cancel"},
        {"it is at work",
         [](StandingInput& input) {
             input.status.deployment = ActiveDeployment{};
             input.status.deployment->phase = Phase::apply;
         },
         "is being worked on: an update, apply", "status --follow", "it was decided"},
        {"settings", [](StandingInput& input) { input.settings_error = "cannot use x:3"; },
         "the settings cannot be used: cannot use x:3", "every trigger is refused", "/etc/autodeploy/autodeploy.yaml"},
        {"a hold file", [](StandingInput& input) { input.found.hold_files = {"/etc/autodeploy/hold is there"}; },
         "the hold file /etc/autodeploy/hold is there", "until it is removed", "whoever put that file there"},
        {"no service", [](StandingInput& input) { input.service_runs = false; }, "does not run",
         "`autodeploy service start`", "the administrator"},
        {"a blocker", [](StandingInput& input) { input.requirements = {blocker("disk-room")}; },
         "is not updated: /x:1; required is: what disk-room wants", "until it is mended: mend disk-room",
         "the administrator"},
        {"no way back", [](StandingInput& input) { input.requirements = {blocker("way-back")}; },
         "is not updated: /x:1", "until it is mended", "the publisher of the repository, or the administrator"},
        {"a requirement that goes away by itself",
         [](StandingInput& input) {
             input.requirements = {blocker("installer-free")};
             input.requirements[0].passing = true;
         },
         "will be updated", "the next trigger", "the backup server"},
        {"no repository",
         [](StandingInput& input) {
             input.choice.reset();
             input.repository_error = "cannot connect to updates.example";
         },
         "the repository was not asked: cannot connect to updates.example", "until the repository answers",
         "the publisher"},
        {"up to date", [](StandingInput& input) { stays(input, "up_to_date", "8.1.27.0 is installed"); },
         "is up to date: 8.1.27.0 is installed", "until a newer release is offered", "the publisher"},
        {"not in the share", [](StandingInput& input) { stays(input, "not_in_share", "is offered to 10 % so far"); },
         "is not updated: is offered to 10 % so far", "autodeploy explain not_in_share", "the publisher"},
        {"halted", [](StandingInput& input) { stays(input, "release_halted", "was halted by alice"); },
         "was halted by alice", "explain release_halted", "the publisher"},
        {"pinned",
         [](StandingInput& input) {
             input.settings.pin = parse_client_version("8.1.25.0");
             stays(input, "pinned", "this client is pinned");
         },
         "this client is pinned", "explain pinned", "the setting pin in /etc/autodeploy/autodeploy.yaml"},
        {"observed by setting",
         [](StandingInput& input) {
             input.settings.mode = input.choice->mode = Mode::observe;
             input.choice->mode_reason = "the setting mode says so";
         },
         "is only observed, as the setting mode says so; it could go to 8.1.27.0", "makes the plan and changes nothing",
         "(mode: observe)"},
        {"observed since the publisher says so",
         [](StandingInput& input) {
             input.choice->mode = Mode::observe;
             input.choice->mode_reason = "the publisher's rule `observe` for the nodes WEB* says so";
         },
         "is only observed, as the publisher's rule `observe` for the nodes WEB* says so; it could go to 8.1.27.0",
         "changes nothing", "autodeploy-repository arm"},
        {"failed a moment ago",
         [](StandingInput& input) {
             input.record.failed = {"1"};
             input.record.last_failed_at = input.now - 60;
         },
         "will be tried again: 8.1.27.0 failed here on", "starts it again from", "the backup server"},
        {"led back", [](StandingInput& input) { input.record.left = true; }, "it was led back from 8.1.27.0",
         "autodeploy retry --release 8.1.27.0", "the administrator"},
        {"attempts used up",
         [](StandingInput& input) {
             input.record.failed = {"1", "2", "3"};
         },
         "8.1.27.0 failed here 3 times", "autodeploy retry --release 8.1.27.0", "the administrator"},
    };
    for (const auto& row : table) {
        CAPTURE(row.name);
        StandingInput input = ready();
        row.made(input);
        const Standing answer = standing(input);
        CAPTURE(answer.verdict);
        CAPTURE(answer.next);
        CAPTURE(answer.decided_by);
        CHECK(answer.verdict.find(row.verdict) != std::string::npos);
        CHECK(answer.next.find(row.next) != std::string::npos);
        CHECK(answer.decided_by.find(row.decided_by) != std::string::npos);
        CHECK(answer.lines.size() <= 10);
    }
}

TEST_CASE("however much is wrong, the answer has ten lines at most") {
    StandingInput input = ready();
    for (int number = 0; number < 20; ++number)
        input.requirements.push_back(blocker("requirement-" + std::to_string(number)));
    input.status.last = Report{};
    input.status.last->outcome = Outcome::rolled_back;
    input.status.probation = Probation{};
    input.status.metadata = MetadataAge{};
    input.status.metadata->parts = {{"root", input.now - 1, Seconds(1)}};
    const Standing answer = standing(input);
    CHECK(answer.lines.size() <= 10);
    CHECK(answer.lines[0] == "This client (8.1.25.0, node ALPHA) is not updated: /x:1; required is: what "
                             "requirement-0 wants.");
    CHECK(answer.lines[5].find("(and 17 more: `autodeploy check`)") != std::string::npos);
    CHECK(answer.lines.back().find("has expired") != std::string::npos);
}
