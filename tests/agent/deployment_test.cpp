#include "agent/deployment.h"

#include "tests/agent/story.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

ReportedRequirement blocker(const std::string& id, bool passing = false) {
    return {id, "not_met", "blocker", "this and that is wrong", "/dsm.opt:3", "mend it", passing};
}

const ClientActivity busy{Activity::busy, {"a backup runs"}, {}};
const ClientActivity unknown{Activity::unknown, {"the log cannot be read"}, {}};

} // namespace

TEST_CASE("the story of a good update, in order") {
    Story story;
    const Report report = story.report();
    CHECK(report.outcome == Outcome::updated);
    CHECK(report.from == "8.1.25.0");
    CHECK(report.to == "8.1.27.0");
    CHECK(report.direction == "up");
    CHECK(report.down_ms == 12400);
    CHECK(story.parts.log == std::vector<std::string>{"detect", "refresh", "stage 8.1.27.0", "dry run", "detect",
                                                      "activity", "detect", "halt", "reverify 8.1.27.0",
                                                      "reverify 8.1.25.0", "detect", "activity",
                                                      "apply 20261128T200000Z-0001 8.1.25.0 to 8.1.27.0",
                                                      "rotate to 8.1.27.0 and 8.1.25.0"});
    CHECK(report.evidence == "/state/attempts/20261128T200000Z-0001/evidence");
    for (const char* name :
         {"detection.json", "requirements.txt", "choice.txt", "plan.txt", "request.json", "report.json"})
        CHECK(story.files.content(report.evidence + "/" + name));
}

TEST_CASE("stories that end before the client is touched") {
    const struct {
        const char* name;
        std::function<void(Story&)> told;
        Outcome outcome;
        const char* cause;
    } table[] = {
        {"nothing better is offered",
         [](Story& s) {
             s.parts.choice.package.reset();
             s.parts.choice.cause = "up_to_date";
         },
         Outcome::nothing_to_do, "up_to_date"},
        {"the share leaves this client out",
         [](Story& s) {
             s.parts.choice.package.reset();
             s.parts.choice.cause = "not_in_share";
         },
         Outcome::nothing_to_do, "not_in_share"},
        {"the release is halted already",
         [](Story& s) {
             s.parts.choice.package.reset();
             s.parts.choice.cause = "release_halted";
             s.parts.choice.why = {"8.1.27.0 is halted"};
         },
         Outcome::refused, "release_halted"},
        {"signed metadata says observe", [](Story& s) { s.parts.choice.mode = Mode::observe; }, Outcome::observed, ""},
        {"the client option autodeploy is no",
         [](Story& s) { s.parts.wanting = {blocker("client-option-autodeploy")}; }, Outcome::refused,
         "client-option-autodeploy"},
        {"halt between accept and stop",
         [](Story& s) {
             s.parts.halt.releases.push_back({{8, 1, 27, 0}, {}, "bad", {}});
         },
         Outcome::refused, "release_halted"},
        {"a freeze begins while it waits",
         [](Story& s) {
             s.parts.halt.freezes.push_back({0, s.clock.now() * 2, {}, "year end", {}});
         },
         Outcome::refused, "frozen"},
        {"no way back", [](Story& s) { s.parts.in_keep.clear(); }, Outcome::refused, "no_way_back"},
        {"what is kept is not what is installed", [](Story& s) { s.parts.found.packages[0].digest = "other"; },
         Outcome::refused, "no_way_back"},
        {"the native dry run says no", [](Story& s) { s.parts.would_not_install["8.1.27.0"] = "needs libfoo"; },
         Outcome::refused, "dry_run_failed"},
        {"what has to go first could not be installed again",
         [](Story& s) {
             s.parts.found.packages[0].id.architecture = "i386";
             s.parts.in_keep["8.1.25.0"].manifest.payloads[0].id.architecture = "i386";
             s.parts.would_not_install["8.1.25.0"] = "needs libold";
         },
         Outcome::refused, "dry_run_failed"},
        {"staged bytes were changed",
         [](Story& s) { s.parts.on["reverify"] = [] { throw Error("payload_mismatch", "cannot use the payload"); }; },
         Outcome::refused, "payload_mismatch"},
        {"the repository's metadata is wrong",
         [](Story& s) { s.parts.on["refresh"] = [] { throw Error("signature_threshold", "cannot trust the root"); }; },
         Outcome::refused, "signature_threshold"},
        {"the client is busy until the deadline", [](Story& s) { s.parts.activities.assign(100000, busy); },
         Outcome::gave_up, "deadline_passed"},
        {"nothing tells whether it is busy", [](Story& s) { s.parts.activities.assign(100000, unknown); },
         Outcome::gave_up, "deadline_passed"},
        {"the deadline may pass the unknown, but it is busy",
         [](Story& s) {
             s.settings.wait.at_deadline = DeadlinePolicy::proceed_if_unknown;
             s.parts.activities.assign(100000, busy);
         },
         Outcome::gave_up, "deadline_passed"},
        {"the repository is not reached until the deadline", [](Story& s) { s.parts.fails["refresh"] = 100000; },
         Outcome::gave_up, "deadline_passed"},
        {"the last look for a halt fails until the deadline", [](Story& s) { s.parts.fails["halt"] = 100000; },
         Outcome::gave_up, "deadline_passed"},
        {"the lock is held until the deadline", [](Story& s) { s.parts.lock_is_free = false; }, Outcome::gave_up,
         "deadline_passed"},
        {"cancelled while it waits",
         [](Story& s) {
             s.parts.activities.assign(100, busy);
             s.control.on_wait = [&s] { s.control.now = DeploymentControl::Wish::cancel; };
         },
         Outcome::cancelled, "cancelled"},
        {"cancelled while it fetches",
         [](Story& s) { s.parts.on["stage"] = [&s] { s.control.now = DeploymentControl::Wish::cancel; }; },
         Outcome::cancelled, "cancelled"},
        {"rollback, and nothing is kept", [](Story& s) { s.state.request.kind = RequestKind::rollback; },
         Outcome::refused, "no_way_back"},
        {"rollback under observe",
         [](Story& s) {
             s.state.request.kind = RequestKind::rollback;
             s.settings.mode = Mode::observe;
         },
         Outcome::refused, "mode_observe"},
        {"the attempt cannot be begun",
         [](Story& s) { s.parts.on["apply"] = [] { throw Error("disk_full", "cannot write the journal"); }; },
         Outcome::refused, "disk_full"},
    };
    for (const auto& row : table) {
        CAPTURE(row.name);
        Story story;
        row.told(story);
        const Report report = story.report();
        CHECK(text(report.outcome) == text(row.outcome));
        CHECK(report.cause == row.cause);
        CHECK(story.parts.results.empty());
        CHECK(story.parts.count("rotate to 8.1.27.0 and 8.1.25.0") == 0);
        if (std::string(row.name) != "the attempt cannot be begun") CHECK(!story.parts.applied());
        CHECK(ReleaseRecords(story.files, story.paths.releases()).all().empty());
        if (report.outcome != Outcome::nothing_to_do && report.outcome != Outcome::observed)
            CHECK(!report.message.empty());
    }
}

TEST_CASE("stories that wait and then go on") {
    const struct {
        const char* name;
        std::function<void(Story&)> told;
        Seconds at_least;
        Seconds at_most;
    } table[] = {
        {"a backup runs for a while", [](Story& s) { s.parts.activities.assign(4, busy); }, Seconds(120), Seconds(120)},
        {"the package tool is at work at first",
         [](Story& s) {
             s.parts.wanting = {blocker("installer-free", true)};
             s.control.on_wait = [&s] { s.parts.wanting.clear(); };
         },
         Seconds(30), Seconds(30)},
        {"the repository is not reached at first", [](Story& s) { s.parts.fails["refresh"] = 2; }, Seconds(180),
         Seconds(180)},
        {"the client becomes busy at the last moment",
         [](Story& s) {
             s.parts.activities = {ClientActivity{Activity::quiet, {}, {}}, busy};
         },
         Seconds(30), Seconds(30)},
        {"the halt cannot be asked for at first", [](Story& s) { s.parts.fails["halt"] = 1; }, Seconds(60),
         Seconds(60)},
        {"somebody else changed the release meanwhile",
         [](Story& s) {
             s.parts.on["activity"] = [&s] {
                 if (s.parts.count("activity") > 1) return;
                 s.parts.found = installed("8.1.26.0");
                 s.parts.in_keep["8.1.26.0"] = staged_release("8.1.26.0");
             };
         },
         Seconds(30), Seconds(30)},
        {"the window opens two hours later", [](Story& s) { s.settings.wait.window = window(22, 23); }, Seconds(7200),
         Seconds(7200)},
        {"it has its turn within the window",
         [](Story& s) {
             s.settings.wait.window = window(22, 23);
             s.settings.wait.jitter = Seconds(1200);
         },
         Seconds(7200), Seconds(8400)},
        {"the window of next week, far behind the deadline", [](Story& s) { s.settings.wait.window = window(10, 11); },
         Seconds(6 * 86400 + 14 * 3600), Seconds(6 * 86400 + 14 * 3600)},
        {"at the deadline policy goes on though it is busy",
         [](Story& s) {
             s.settings.wait.at_deadline = DeadlinePolicy::proceed;
             s.parts.activities.assign(100000, busy);
         },
         Seconds(86400), Seconds(86400)},
        {"at the deadline policy goes on as it is only unknown",
         [](Story& s) {
             s.settings.wait.at_deadline = DeadlinePolicy::proceed_if_unknown;
             s.parts.activities.assign(100000, unknown);
         },
         Seconds(86400), Seconds(86400)},
        {"a person does not wait for the window",
         [](Story& s) {
             s.settings.wait.window = window(22, 23);
             s.state.request.kind = RequestKind::deploy;
         },
         Seconds(0), Seconds(0)},
        {"a person waits for quiet all the same",
         [](Story& s) {
             s.state.request.kind = RequestKind::deploy;
             s.parts.activities.assign(2, busy);
         },
         Seconds(60), Seconds(60)},
        {"a person's request joins one that waits for the window",
         [](Story& s) {
             s.settings.wait.window = window(22, 23);
             s.control.on_wait = [&s] {
                 if (s.control.waits > 1) return;
                 Request request;
                 request.id = "20261128T200010Z-0001";
                 request.kind = RequestKind::deploy;
                 s.control.joining.push_back(request);
             };
         },
         Seconds(60), Seconds(60)},
        {"there is no way back, and the settings allow that",
         [](Story& s) {
             s.parts.in_keep.clear();
             s.settings.allow_without_way_back = true;
         },
         Seconds(0), Seconds(0)},
        {"the way back is fetched first",
         [](Story& s) {
             s.parts.in_keep.clear();
             s.parts.view.packages.push_back(available("8.1.25.0"));
         },
         Seconds(0), Seconds(0)},
    };
    for (const auto& row : table) {
        CAPTURE(row.name);
        Story story;
        row.told(story);
        const UnixTime begin = story.clock.now();
        const Report report = story.report();
        CAPTURE(report.message);
        CHECK(report.outcome == Outcome::updated);
        CHECK(story.clock.now() - begin >= row.at_least.count());
        CHECK(story.clock.now() - begin <= row.at_most.count());
    }
}

TEST_CASE("the package tool found busy inside apply unwinds to waiting and is no failed attempt") {
    Story story;
    story.parts.results = {result(Applied::busy, "", "dpkg is locked by apt"), result(Applied::committed)};
    const Report report = story.report();
    CHECK(report.outcome == Outcome::updated);
    CHECK(story.parts.count("apply 20261128T200000Z-0001 8.1.25.0 to 8.1.27.0") == 1);
    CHECK(story.parts.count("apply 20261128T200000Z-0001-2 8.1.25.0 to 8.1.27.0") == 1);
    CHECK(ReleaseRecords(story.files, story.paths.releases()).all().empty());
}

TEST_CASE("what apply returns is what the report says") {
    const std::pair<Applied, Outcome> table[] = {
        {Applied::committed, Outcome::updated},
        {Applied::unconfirmed, Outcome::unconfirmed},
        {Applied::rolled_back, Outcome::rolled_back},
        {Applied::needs_restart, Outcome::needs_restart},
        {Applied::needs_attention, Outcome::needs_attention},
    };
    for (const auto& [applied, outcome] : table) {
        Story story;
        story.parts.results = {result(applied, "service_start_failed", "cannot start dsmcad.service")};
        story.parts.results[0].notes = {"a note"};
        const Report report = story.report();
        CHECK(text(report.outcome) == text(outcome));
        CHECK(report.notes == std::vector<std::string>{"a note"});
        const bool failed = outcome != Outcome::updated && outcome != Outcome::unconfirmed;
        CHECK(ReleaseRecords(story.files, story.paths.releases()).of("8.1.27.0").failed.size() == (failed ? 1 : 0));
    }
}

TEST_CASE("what the settings say about processes and scriptlets stands in the plan") {
    Settings settings;
    PlanPolicy policy = plan_policy(settings, installed("8.1.25.0"));
    CHECK(!policy.end_remaining);
    CHECK(!policy.await_remaining);
    CHECK(!policy.scriptlets_must_succeed);
    CHECK(policy.process_deadline_ms == 120000);
    settings.apply.remaining_processes = ProcessPolicy::wait;
    settings.apply.process_deadline = Milliseconds(5000);
    settings.apply.failed_scriptlet = ScriptletPolicy::roll_back;
    policy = plan_policy(settings, installed("8.1.25.0"));
    CHECK(!policy.end_remaining);
    CHECK(policy.await_remaining);
    CHECK(policy.scriptlets_must_succeed);
    CHECK(policy.process_deadline_ms == 5000);
    settings.apply.remaining_processes = ProcessPolicy::end;
    CHECK(plan_policy(settings, installed("8.1.25.0")).end_remaining);
}

TEST_CASE("attempts of a release are bounded, further apart each time, and cleared by retry") {
    Story story;
    ReleaseRecords records(story.files, story.paths.releases());
    const auto attempt = [&story](int number) {
        story.state = {};
        story.state.request.id = "2026112" + std::to_string(number) + "T200000Z-0001";
        story.state.request.accepted_at = story.clock.now();
        story.parts.results = {result(Applied::rolled_back, "service_start_failed", "cannot start")};
        const UnixTime begin = story.clock.now();
        const Report report = story.report();
        return std::pair(report, story.clock.now() - begin);
    };
    CHECK(attempt(1).second == 0);
    const auto second = attempt(2);
    CHECK(second.first.outcome == Outcome::rolled_back);
    CHECK(second.first.attempt == 2);
    CHECK(second.second == 3600);
    CHECK(attempt(3).second == 7200);
    const auto fourth = attempt(4);
    CHECK(fourth.first.outcome == Outcome::refused);
    CHECK(fourth.first.cause == "attempts_used_up");
    CHECK(fourth.first.to_do.find("autodeploy retry --release 8.1.27.0") != std::string::npos);
    records.clear("8.1.27.0");
    CHECK(attempt(5).first.outcome == Outcome::rolled_back);
}

TEST_CASE("a rollback is a new deployment to the kept release, and the release that was left is not taken again") {
    Story story;
    story.parts.found = installed("8.1.27.0");
    story.parts.in_keep["8.1.27.0"] = staged_release("8.1.27.0");
    story.state.request.kind = RequestKind::rollback;
    const Report report = story.report();
    CHECK(report.outcome == Outcome::updated);
    CHECK(report.direction == "down");
    CHECK(report.from == "8.1.27.0");
    CHECK(report.to == "8.1.25.0");
    CHECK(story.parts.count("refresh") == 0);
    CHECK(story.parts.count("halt") == 0);

    story.parts.found = installed("8.1.25.0");
    story.state = {};
    story.state.request.id = "2";
    story.state.request.accepted_at = story.clock.now();
    CHECK(story.report().cause == "release_left");
    story.state.request.kind = RequestKind::deploy;
    story.state.request.release = "8.1.27.0";
    CHECK(story.report().outcome == Outcome::updated);
}

TEST_CASE("an agent that ends while it waits goes on under the next one, with the same deadline") {
    Story story;
    story.settings.wait.window = window(22, 23);
    story.control.on_wait = [&story] { story.control.now = DeploymentControl::Wish::stop; };
    CHECK(!story.run());
    const UnixTime deadline = story.state.deadline;
    CHECK(deadline == story.clock.now() / 3600 * 3600 + 2 * 3600 + 86400);

    std::string damaged;
    const auto saved = load_deployment_state(story.files, story.paths.deployment(), damaged);
    REQUIRE(saved);
    CHECK(*saved == story.state);
    story.state = *saved;
    story.control.now = DeploymentControl::Wish::none;
    story.control.on_wait = nullptr;
    story.clock.pass(Seconds(600));
    CHECK(story.report().outcome == Outcome::updated);
    CHECK(story.state.deadline == deadline);
    CHECK(story.clock.now() % 86400 == 22 * 3600);
}

TEST_CASE("a machine that was off in its window follows the policy") {
    for (const auto policy : {MissedWindowPolicy::wait_for_next, MissedWindowPolicy::go_at_once}) {
        Story story;
        story.settings.wait.window = window(22, 23);
        story.settings.wait.missed_window = policy;
        story.control.on_wait = [&story] { story.control.now = DeploymentControl::Wish::stop; };
        CHECK(!story.run());
        story.control.now = DeploymentControl::Wish::none;
        story.control.on_wait = nullptr;
        story.clock.set(story.clock.now() + 2 * 86400);
        const UnixTime begin = story.clock.now();
        CHECK(story.report().outcome == Outcome::updated);
        if (policy == MissedWindowPolicy::go_at_once)
            CHECK(story.clock.now() == begin);
        else
            CHECK(story.clock.now() - begin > 4 * 86400);
    }
}

TEST_CASE("a window in which the client was busy is not waited for again and again") {
    Story story;
    story.settings.wait.window = window(22, 23);
    story.parts.activities.assign(100000, busy);
    const Report report = story.report();
    CHECK(report.outcome == Outcome::gave_up);
    CHECK(story.clock.now() <= story.state.request.accepted_at + 2 * 3600 + 86400);
}

TEST_CASE("the status tells what it waits for and until when") {
    Story story;
    story.parts.activities = {busy};
    std::optional<ActiveDeployment> seen;
    story.control.on_wait = [&] { seen = story.progress.current().deployment; };
    story.report();
    REQUIRE(seen);
    CHECK(seen->phase == Phase::wait);
    CHECK(seen->waiting_for == std::vector<std::string>{"a backup runs"});
    CHECK(seen->next_look > 0);
    CHECK(seen->deadline == story.state.deadline);
    CHECK(seen->to == "8.1.27.0");
}

TEST_CASE("a preview makes the plan and leaves no trace") {
    Story story;
    Deployment deployment({story.parts, story.files, story.clock, story.settings, story.paths, story.progress},
                          story.control, story.state);
    CHECK(deployment.preview().outcome == Outcome::observed);
    REQUIRE(deployment.plan());
    CHECK(deployment.plan()->to_release == "8.1.27.0");
    CHECK(!story.parts.applied());
    CHECK(story.files.calls() == 0);
}

TEST_CASE("evidence that cannot be kept fails no deployment") {
    Story story;
    story.files.fail_path("/state/attempts", "disk_full");
    story.files.fail_path("/state/attempts/20261128T200000Z-0001/evidence", "disk_full");
    CHECK(story.report().outcome == Outcome::updated);
}

TEST_CASE("the plan allows a restart of the machine where both keys do, and on Windows only") {
    Settings settings;
    Detection found = installed("8.1.25.0");
    found.host.system = "windows";
    found.services.resize(2);
    found.services[0].role = ServiceRole::scheduler;
    found.services[1].role = ServiceRole::journal;
    CHECK(!plan_policy(settings, found).restart_allowed);
    settings.restart = RestartPolicy::at_once;
    CHECK(plan_policy(settings, found).restart_allowed);
    // It reads none.
    found.services[1].options.unreadable = "cannot read dsm.opt";
    CHECK(plan_policy(settings, found).restart_allowed);
    found.services[0].options.unreadable = "cannot read dsm.opt";
    CHECK(!plan_policy(settings, found).restart_allowed);
    found.services[0].options.unreadable.clear();
    found.host.system = "linux";
    CHECK(!plan_policy(settings, found).restart_allowed);
}
