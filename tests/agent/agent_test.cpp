#include "agent/agent.h"

#include "agent/refused_trigger.h"
#include "tests/agent/fake_parts.h"
#include "tests/fakes/plain_machine.h"
#include "tests/platform/temporary_directory.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

using namespace autodeploy;

namespace {

/// The service over real files, with parts as a test plans them. Files are real because two threads use them.
struct TheService {
    TemporaryDirectory folder;
    std::unique_ptr<NativePlatform> native = native_platform(folder.path() + "/native");
    FileSystem& files = native->platform().files;
    PlainMachine machine;
    Platform platform = machine.over(files);
    FakeServiceHost host{machine.clock};
    StandardPaths paths;
    Settings settings;
    std::string settings_error;
    std::shared_ptr<FakeParts> parts = std::make_shared<FakeParts>();
    std::unique_ptr<Agent> agent;

    TheService() {
        paths = test_paths();
        paths.state = folder.path() + "/state";
        paths.runtime = folder.path() + "/run";
        settings.mode = Mode::armed;
        settings.repository.refresh_every = Seconds(0);
        start();
    }
    /// A new agent over what the old one left.
    void start() {
        agent.reset();
        agent = std::make_unique<Agent>(AgentSurroundings{platform, host, paths,
                                                          [this] {
                                                              if (!settings_error.empty())
                                                                  throw Error("settings_invalid", settings_error);
                                                              return settings;
                                                          },
                                                          [this](const Settings&) { return parts; }});
    }
    Requests spool() { return Requests(files, machine.clock, paths.requests()); }
    std::string add(RequestKind kind, const std::string& release = "", std::int64_t process = 0) {
        Request request;
        request.kind = kind;
        request.release = release;
        request.requested_by = "root";
        if (process) request.started_by = StartingProcess{process, "1", "/dsmc"};
        return spool().add(request).id;
    }
    /// Turns until nothing is left to do.
    void settle() {
        for (int turn = 0; turn < 20; ++turn) {
            agent->turn();
            agent->finish_work();
        }
    }
    /// Until the first request is at work, and no further. Whether the recovery before it takes more than one turn is
    /// chance.
    void begin() {
        await([this] {
            agent->turn();
            return files.status(paths.deployment()).has_value();
        });
    }
    template<class Condition> void await(Condition condition) {
        for (int tries = 0; tries < 20000 && !condition(); ++tries)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        REQUIRE(condition());
    }
    std::vector<Report> history() { return History(files, paths.history()).read().reports; }
    Status status() { return status_from_json(parse_json(files.read(paths.status(), 1 << 20))); }
};

const ClientActivity busy{Activity::busy, {"a backup runs"}, {}};

} // namespace

TEST_CASE("a request is taken up, reported and forgotten") {
    TheService service;
    const std::string id = service.add(RequestKind::trigger);
    service.settle();
    REQUIRE(service.history().size() == 1);
    CHECK(service.history()[0].id == id);
    CHECK(service.history()[0].outcome == Outcome::updated);
    CHECK(service.spool().count() == 0);
    CHECK(!service.files.status(service.paths.deployment()));
    CHECK(service.files.status(service.paths.state + "/reports/" + id + ".json")); // for a receiver
    service.machine.clock.pass(Seconds(2));
    service.agent->turn();
    CHECK(!service.status().deployment);
    CHECK(service.status().last->id == id);
    CHECK(exit_code(service.status()) == 0);
}

TEST_CASE("a refused trigger is in the history and the status once the service looked") {
    TheService service;
    service.add(RequestKind::trigger);
    service.settle();
    service.machine.clock.pass(Seconds(60));
    leave_refused_trigger(service.platform, service.paths, "root", Error("held", "the hold file is there"));
    service.start();
    service.settle();
    service.machine.clock.pass(Seconds(2));
    service.agent->turn();
    REQUIRE(service.history().size() == 2);
    CHECK(service.history()[1].outcome == Outcome::refused);
    CHECK(service.history()[1].cause == "held");
    CHECK(service.status().last->message == "the hold file is there");
    CHECK(exit_code(service.status()) == 22);
    CHECK(!service.files.status(service.paths.refused_trigger()));
    CHECK(service.files.status(service.paths.state + "/reports/" + service.history()[1].id + ".json"));
}

TEST_CASE("a history that cannot be read is put aside, and keeps the service from nothing") {
    TheService service;
    service.agent.reset();
    service.files.make_private_directory(service.paths.state);
    service.files.make_directory(service.paths.history());
    service.start();
    service.add(RequestKind::trigger);
    service.settle();
    REQUIRE(service.history().size() == 1);
    CHECK(service.history()[0].outcome == Outcome::updated);
    CHECK(service.files.status(service.paths.history() + ".damaged"));
    service.machine.clock.pass(Seconds(2));
    service.agent->turn();
    REQUIRE(!service.status().problems.empty());
    CHECK(service.status().problems[0].text.find("put aside as") != std::string::npos);
}

TEST_CASE("a request that cannot be carried out ends neither the service nor the others, and is told once") {
    TheService service;
    service.files.make_private_directory(service.paths.state);
    service.files.make_directory(service.paths.releases());
    service.add(RequestKind::retry);
    service.files.make_directory(service.paths.refused_trigger()); // another problem that stays
    service.add(RequestKind::trigger);
    service.settle();
    CHECK(service.history().size() == 1);
    CHECK(service.spool().count() == 1);
    service.machine.clock.pass(Seconds(2));
    service.agent->turn();
    CHECK(service.status().problems.size() == 2);
    service.files.remove_tree(service.paths.releases());
    service.settle();
    CHECK(service.spool().count() == 0);
}

TEST_CASE("triggers of two schedulers are one deployment") {
    TheService service;
    service.parts->activities.assign(1000, busy);
    service.add(RequestKind::trigger, "", 100);
    service.begin();
    service.await([&] { return service.parts->seen("activity"); });
    service.add(RequestKind::trigger, "", 200);
    service.parts->clear_activities();
    service.settle();
    CHECK(service.history().size() == 1);
    CHECK(service.spool().count() == 0);
}

TEST_CASE("what comes while the client is changed is taken up afterwards") {
    TheService service;
    std::string second;
    service.parts->on["apply"] = [&] {
        if (!second.empty()) return;
        second = service.add(RequestKind::trigger);
        service.parts->choices.clear();
        Choice nothing;
        nothing.mode = Mode::armed;
        nothing.cause = "up_to_date";
        service.parts->choice = nothing;
    };
    const std::string first = service.add(RequestKind::trigger);
    service.settle();
    REQUIRE(service.history().size() == 2);
    CHECK(service.history()[0].id == first);
    CHECK(service.history()[1].id == second);
    CHECK(service.history()[1].outcome == Outcome::nothing_to_do);
}

TEST_CASE("a cancel ends what waits, and all that was asked before it") {
    TheService service;
    service.parts->activities.assign(1000, busy);
    service.add(RequestKind::trigger);
    service.begin();
    service.await([&] { return service.parts->seen("activity"); });
    service.add(RequestKind::cancel);
    service.settle();
    REQUIRE(service.history().size() == 1);
    CHECK(service.history()[0].outcome == Outcome::cancelled);
    CHECK(service.spool().count() == 0);
    CHECK(!service.parts->applied());
}

TEST_CASE("a cancel before the service looked withdraws what was asked before, not what came after") {
    TheService service;
    const std::string first = service.add(RequestKind::trigger);
    service.add(RequestKind::cancel);
    const std::string third = service.add(RequestKind::deploy);
    service.settle();
    REQUIRE(service.history().size() == 2);
    CHECK(service.history()[0].id == first);
    CHECK(service.history()[0].outcome == Outcome::cancelled);
    CHECK(service.history()[1].id == third);
    CHECK(service.history()[1].outcome == Outcome::updated);
}

TEST_CASE("what is being applied is neither cancelled nor cut by the end of the service") {
    TheService service;
    std::atomic<bool> applying = false;
    std::atomic<bool> go_on = false;
    service.parts->on["apply"] = [&] {
        applying = true;
        while (!go_on)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
    };
    service.add(RequestKind::trigger);
    service.begin();
    service.await([&] { return applying.load(); });
    service.add(RequestKind::cancel);
    service.agent->turn();
    service.machine.clock.pass(Seconds(2));
    service.agent->turn();
    CHECK(service.status().problems.size() == 1);
    // The service is told to end; it waits for the worker.
    service.host.before_wait = [&] { go_on = service.host.stop; };
    service.host.wakes = {Wake::stop};
    service.agent->run();
    REQUIRE(service.history().size() == 1);
    CHECK(service.history()[0].outcome == Outcome::updated);
    CHECK(std::count(service.host.told.begin(), service.host.told.end(), "stopping") == 1);
}

TEST_CASE("a person's rollback comes before a trigger that waits") {
    TheService service;
    service.parts->activities.assign(1000, busy);
    service.parts->in_keep["8.1.24.0"] = staged_release("8.1.24.0");
    const std::string trigger = service.add(RequestKind::trigger);
    service.begin();
    service.await([&] { return service.parts->seen("activity"); });
    const std::string rollback = service.add(RequestKind::rollback);
    service.agent->turn();
    service.parts->clear_activities();
    service.settle();
    REQUIRE(service.history().size() == 2);
    CHECK(service.history()[0].id == trigger);
    CHECK(service.history()[0].outcome == Outcome::cancelled);
    CHECK(service.history()[1].id == rollback);
    CHECK(service.history()[1].outcome == Outcome::updated);
    CHECK(service.history()[1].to == "8.1.24.0");
}

TEST_CASE("a person's deploy joins a trigger that waits for its window") {
    TheService service;
    service.settings.wait.window.rules = {WindowRule{.days = 0x01, .from = 0, .to = 60}};
    service.add(RequestKind::trigger);
    service.begin();
    service.await([&] { return service.parts->seen("dry"); });
    service.add(RequestKind::deploy);
    service.settle();
    REQUIRE(service.history().size() == 1);
    CHECK(service.history()[0].outcome == Outcome::updated);
    CHECK(service.spool().count() == 0);
}

TEST_CASE("a service that is restarted while a deployment waits goes on with it") {
    TheService service;
    service.parts->activities.assign(1000, busy);
    const std::string id = service.add(RequestKind::trigger);
    service.host.before_wait = [&] {
        if (service.parts->seen("activity")) service.host.wakes = {Wake::stop};
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    };
    service.agent->run();
    CHECK(service.history().empty());
    CHECK(service.files.status(service.paths.deployment()));
    service.parts->clear_activities();
    service.host.before_wait = nullptr;
    service.start();
    service.settle();
    REQUIRE(service.history().size() == 1);
    CHECK(service.history()[0].id == id);
    CHECK(service.history()[0].outcome == Outcome::updated);
}

TEST_CASE("an attempt that was cut short is finished first, whatever the settings say") {
    TheService service;
    // The agent died inside of apply.
    DeploymentState state;
    state.request.id = "20261128T190000Z-0001";
    state.request.accepted_at = 1;
    state.attempt = state.request.id;
    state.attempts = 1;
    service.files.make_private_directory(service.paths.state);
    save_deployment_state(service.files, service.paths.deployment(), state);
    Plan plan;
    plan.attempt = state.attempt;
    plan.from_release = "8.1.25.0";
    plan.to_release = "8.1.27.0";
    service.parts->plans[state.attempt] = plan;
    service.parts->unfinished = {state.attempt};
    service.settings_error = "cannot use the settings";
    service.settle();
    REQUIRE(service.history().size() == 1);
    CHECK(service.history()[0].id == state.request.id);
    CHECK(service.history()[0].outcome == Outcome::updated);
    CHECK(service.history()[0].notes.size() == 1);
    CHECK(!service.files.status(service.paths.deployment()));
}

TEST_CASE("an attempt that ended unreported is reported, one without a state too") {
    for (const bool with_state : {true, false}) {
        TheService service;
        Plan plan;
        plan.attempt = "20261128T190000Z-0001";
        plan.from_release = "8.1.25.0";
        plan.to_release = "8.1.27.0";
        service.parts->plans[plan.attempt] = plan;
        service.files.make_private_directory(service.paths.state);
        if (with_state) {
            DeploymentState state;
            state.request.id = plan.attempt;
            state.attempt = plan.attempt;
            save_deployment_state(service.files, service.paths.deployment(), state);
        } else {
            service.parts->unfinished = {plan.attempt};
        }
        service.settle();
        REQUIRE(service.history().size() == 1);
        CHECK(service.history()[0].kind == (with_state ? "trigger" : "recovery"));
        CHECK(service.parts->count("resume 20261128T190000Z-0001") == 1);
    }
}

TEST_CASE("settings that cannot be used refuse the request and say why") {
    TheService service;
    service.settings_error = "cannot use the settings x:3";
    service.add(RequestKind::trigger);
    service.settle();
    REQUIRE(service.history().size() == 1);
    CHECK(service.history()[0].outcome == Outcome::refused);
    CHECK(service.history()[0].cause == "settings_invalid");
    CHECK(service.history()[0].message == "cannot use the settings x:3");
}

TEST_CASE("there is one service") {
    TheService service;
    service.agent->turn();
    service.agent->finish_work();
    Agent second(AgentSurroundings{service.platform, service.host, service.paths, [] { return Settings{}; },
                                   [&](const Settings&) { return service.parts; }});
    CHECK_THROWS_WITH_AS(second.run(), doctest::Contains("another process of it"), Error);
}

TEST_CASE("bad files in the spool are problems in the status, and hinder nobody") {
    TheService service;
    service.files.make_private_directory(service.paths.state);
    service.files.make_private_directory(service.paths.requests());
    service.files.write_durably(service.paths.requests() + "/garbage", "?");
    service.add(RequestKind::trigger);
    service.settle();
    service.machine.clock.pass(Seconds(2));
    service.agent->turn();
    REQUIRE(service.status().problems.size() == 1);
    CHECK(service.status().problems[0].text.find("garbage") != std::string::npos);
    CHECK(service.history().size() == 1);
}

TEST_CASE("retry clears the attempts of a release") {
    TheService service;
    service.files.make_private_directory(service.paths.state);
    ReleaseRecords records(service.files, service.paths.releases());
    records.failed("8.1.27.0", "1", 0);
    records.failed("8.1.28.0", "2", 0);
    service.add(RequestKind::retry, "8.1.27.0");
    service.settle();
    CHECK(records.all().size() == 1);
    CHECK(service.spool().count() == 0);
}

TEST_CASE("a failure of our own is told and tried again after a while, never in a loop") {
    TheService service;
    int calls = 0;
    service.parts->on["detect"] = [&] {
        if (++calls < 3) throw std::runtime_error("a defect");
    };
    service.add(RequestKind::trigger);
    service.settle();
    CHECK(service.history().empty());
    service.machine.clock.pass(Seconds(61));
    service.settle();
    service.machine.clock.pass(Seconds(61));
    service.settle();
    REQUIRE(service.history().size() == 1);
    CHECK(service.history()[0].outcome == Outcome::updated);
}

namespace {

/// Lets the service look at its client so often.
void look_often(TheService& service, int looks) {
    for (int look = 0; look < looks; ++look) {
        service.machine.clock.pass(Seconds(6 * 60));
        service.settle();
        service.machine.clock.pass(Seconds(2));
        service.agent->turn();
    }
}

/// An update that ended well; the new client is in its probation.
std::string update(TheService& service) {
    const std::string id = service.add(RequestKind::trigger);
    service.parts->on["apply"] = [&service] {
        const Detection updated = installed("8.1.27.0");
        service.parts->found.database_version = updated.database_version;
        service.parts->found.packages = updated.packages;
    };
    service.settle();
    REQUIRE(service.history().size() == 1);
    service.machine.clock.pass(Seconds(2));
    service.agent->turn();
    service.agent->finish_work();
    Choice nothing;
    nothing.mode = Mode::armed;
    nothing.cause = "up_to_date";
    service.parts->choice = nothing;
    service.parts->in_keep["8.1.27.0"] = staged_release("8.1.27.0");
    return id;
}

} // namespace

TEST_CASE("a client that dies in its probation is reported, in history, status and the system's log") {
    TheService service;
    const std::string id = update(service);
    REQUIRE(service.status().probation.has_value());
    CHECK(service.status().probation->to == "8.1.27.0");
    put_kept(service.files, service.paths.keep(), "8.1.25.0");
    service.parts->found.services.front().service.running = false;
    look_often(service, 3);
    const std::vector<Report> history = service.history();
    REQUIRE(history.size() == 1);
    CHECK(history[0].id == id);
    CHECK(history[0].outcome == Outcome::needs_attention);
    CHECK(history[0].cause == "probation_failed");
    CHECK(history[0].to_do.find("autodeploy rollback") != std::string::npos);
    CHECK(exit_code(service.status()) == 25);
    CHECK(service.machine.this_host.logged.back().find("probation failed") != std::string::npos);
    service.add(RequestKind::trigger);
    look_often(service, 3);
    CHECK(service.history()[0].notes.size() == 1);
    CHECK(service.history()[1].outcome == Outcome::nothing_to_do);
    CHECK(exit_code(service.status()) == 25); // what was asked since makes it no better
}

TEST_CASE("a client that dies in its probation is promised no way back that is not kept") {
    TheService service;
    update(service);
    service.parts->found.services.front().service.running = false;
    look_often(service, 3);
    CHECK(service.history().at(0).to_do.find("8.1.25.0 is not kept any more") != std::string::npos);
}

TEST_CASE("notes of a probation that cannot be read are put aside and told") {
    TheService service;
    update(service);
    service.files.write_durably(probation_path(service.paths), "{");
    look_often(service, 1);
    CHECK(service.files.status(probation_path(service.paths) + ".damaged"));
    CHECK_FALSE(service.status().probation);
    REQUIRE(!service.status().problems.empty());
    CHECK(service.status().problems.back().text.find("is not watched any more") != std::string::npos);
}

TEST_CASE("a service that was restarted tells mode, channel and the age of the metadata as before") {
    TheService service;
    service.settings.repository.mirrors = {"https://updates.example"};
    service.settings.repository.refresh_every = Seconds(3600);
    service.parts->view.age.refreshed_at = 1795896000;
    update(service);
    const Status before = service.status();
    REQUIRE(before.metadata);
    REQUIRE(before.mode == "armed");
    service.start();
    service.machine.clock.pass(Seconds(2));
    service.parts->fails["refresh"] = 100;
    service.settle();
    CHECK(service.status().mode == "armed");
    CHECK(service.status().channel == before.channel);
    CHECK(service.status().metadata->refreshed_at == before.metadata->refreshed_at);
}

TEST_CASE("a machine that was restarted tells the age of the metadata that it has, with no repository to be had") {
    TheService service;
    service.settings.repository.mirrors = {"https://updates.example"};
    service.settings.repository.refresh_every = Seconds(3600);
    service.parts->view.age.refreshed_at = 1795896000;
    service.parts->fails["refresh"] = 100;
    service.start();
    service.settle();
    service.machine.clock.pass(Seconds(2));
    service.agent->turn();
    REQUIRE(service.status().metadata);
    CHECK(service.status().metadata->refreshed_at == 1795896000);
    CHECK_FALSE(service.status().metadata->problem.empty());
}

TEST_CASE("by policy a client that dies in its probation is led back to the kept release") {
    TheService service;
    service.settings.verify.after_failed_probation = ProbationPolicy::go_back;
    const std::string id = update(service);
    service.parts->found.services.front().service.running = false;
    look_often(service, 3);
    const std::vector<Report> history = service.history();
    REQUIRE(history.size() == 2);
    CHECK(history[0].id == id);
    CHECK(history[0].outcome == Outcome::updated);
    CHECK(history[0].notes.back().find("going back to 8.1.25.0") != std::string::npos);
    CHECK(history[1].kind == "probation");
    CHECK(history[1].to == "8.1.25.0");
    CHECK(history[1].outcome == Outcome::updated);
    CHECK(!service.files.status(probation_path(service.paths)));
}

TEST_CASE("an unconfirmed update is confirmed once its scheduler reached the server") {
    TheService service;
    service.parts->results = {
        {.applied = Applied::unconfirmed, .cause = {}, .message = "nobody reaches it", .notes = {}, .down_ms = 1}};
    ClientService& client = service.parts->found.services.front();
    client.schedules = true;
    client.reached_server_lately = Tell::yes;
    client.log.last_query_end = service.machine.clock.now() - 100;
    update(service);
    CHECK(exit_code(service.status()) == 26);
    look_often(service, 2);
    service.add(RequestKind::trigger);
    look_often(service, 1);
    CHECK(service.history()[1].outcome == Outcome::nothing_to_do);
    CHECK(exit_code(service.status()) == 26);
    client.log.last_query_end = service.machine.clock.now();
    look_often(service, 1);
    CHECK(service.history()[0].outcome == Outcome::updated);
    CHECK(service.history()[0].notes.back().starts_with("the server was reached again"));
    CHECK(exit_code(service.status()) == 0);
}

TEST_CASE("the level of the log is kept to, and debug tells phases") {
    for (const LogLevel level : {LogLevel::error, LogLevel::information, LogLevel::debug}) {
        TheService service;
        service.settings.report.log_level = level;
        service.add(RequestKind::trigger);
        service.settle();
        const auto& logged = service.machine.this_host.logged;
        const auto has = [&logged](const std::string& part) {
            return std::any_of(logged.begin(), logged.end(),
                               [&](const std::string& line) { return line.find(part) != std::string::npos; });
        };
        CHECK(has("autodeploy ") == (level != LogLevel::error));
        CHECK(has("updated") == (level != LogLevel::error));
        CHECK(has(": preflight") == (level == LogLevel::debug));
    }
}

TEST_CASE("metrics are written where the settings say, readable for all, and trouble with them is told once") {
    TheService service;
    service.settings.report.textfile = service.folder.path() + "/autodeploy.prom";
    service.start();
    service.add(RequestKind::trigger);
    service.settle();
    const std::string text = service.files.read(service.settings.report.textfile, 1 << 16);
    CHECK(text.find("autodeploy_last_outcome{outcome=\"updated\"} 1\n") != std::string::npos);
    // Windows has rights instead.
    if (std::filesystem::path::preferred_separator == '/')
        CHECK(service.files.status(service.settings.report.textfile)->mode == 0644);

    TheService wrong;
    wrong.settings.report.textfile = wrong.folder.path() + "/missing/autodeploy.prom";
    wrong.start();
    wrong.add(RequestKind::trigger);
    wrong.settle();
    CHECK(wrong.history().at(0).outcome == Outcome::updated);
    const auto problems = wrong.agent ? wrong.status().problems : std::vector<Problem>{};
    CHECK(std::count_if(problems.begin(), problems.end(), [](const Problem& problem) {
              return problem.text.find("the setting report.textfile") != std::string::npos;
          }) == 1);
}

TEST_CASE("an attempt that began and cannot be written to its end is no refusal: it is taken up until it can") {
    TheService service;
    const std::string id = service.add(RequestKind::trigger);
    service.parts->on["apply"] = [&] {
        service.parts->unfinished = {id};
        service.parts->plans[id] = Plan{};
        service.parts->plans[id].attempt = id;
        service.parts->plans[id].from_release = "8.1.25.0";
        service.parts->plans[id].to_release = "8.1.27.0";
        throw Error("disk_full", "cannot write the journal", Retry::later);
    };
    int full = 2;
    service.parts->on["resume"] = [&] {
        if (full-- > 0) throw Error("disk_full", "cannot write the journal", Retry::later);
    };
    service.settle();
    CHECK(service.history().empty());
    CHECK(service.agent->turn().count() > 0);
    service.machine.clock.pass(Seconds(2));
    service.agent->turn();
    REQUIRE(!service.status().problems.empty());
    CHECK(service.status().problems[0].text.find("taken up again") != std::string::npos);
    for (int minute = 0; minute < 3; ++minute) {
        service.machine.clock.pass(Seconds(61));
        service.settle();
    }
    REQUIRE(service.history().size() == 1);
    CHECK(service.history()[0].outcome == Outcome::updated);
    CHECK(service.history()[0].id == id);
    CHECK(service.parts->count("apply " + id + " 8.1.25.0 to 8.1.27.0") == 1);
}

TEST_CASE("an attempt whose plan nobody can read has its services started, a person asked for, and ends") {
    TheService service;
    service.files.make_private_directory(service.paths.state);
    service.files.write_durably(service.paths.rescue_list(), "dsmcad.service\n/../evil\ndsmsched2.service\n");
    service.machine.services.known = {"dsmcad.service", "dsmsched2.service"};
    service.parts->unfinished = {"20261128T190000Z-0001"};
    service.settle();
    REQUIRE(service.history().size() == 1);
    CHECK(service.history()[0].outcome == Outcome::needs_attention);
    CHECK(service.history()[0].cause == "journal_unreadable");
    CHECK(service.machine.services.started == std::vector<std::string>{"dsmcad.service", "dsmsched2.service"});
    CHECK(service.parts->count("put aside 20261128T190000Z-0001") == 1);
    CHECK(!service.files.status(service.paths.rescue_list()));
    // It stands in nobody's way.
    service.add(RequestKind::trigger);
    service.settle();
    CHECK(service.history().back().outcome == Outcome::updated);
}

TEST_CASE("power that went before an attempt had its journal on the disk leaves a deployment that is planned anew") {
    TheService service;
    const std::string id = service.add(RequestKind::trigger);
    DeploymentState state;
    state.request.id = id;
    state.request.accepted_at = service.machine.clock.now();
    state.attempt = id;
    state.attempts = 1;
    service.files.make_private_directory(service.paths.state);
    save_deployment_state(service.files, service.paths.deployment(), state);
    service.parts->never_begun = {id};
    service.settle();
    REQUIRE(service.history().size() == 1);
    CHECK(service.history()[0].outcome == Outcome::updated);
    CHECK(service.parts->count("resume " + id) == 0);
}
