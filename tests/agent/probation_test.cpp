#include "agent/probation.h"

#include "tests/agent/fake_parts.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

const UnixTime updated_at = 1795896000;

/// A client that was updated at updated_at, and what is seen of it.
struct Days {
    Probation probation;
    Detection found = installed("8.1.27.0");
    bool can_connect = true;
    std::string boot = "boot-1";
    UnixTime time = updated_at;

    explicit Days(bool unconfirmed = false) {
        Plan plan;
        plan.from_release = "8.1.25.0";
        plan.to_release = "8.1.27.0";
        plan.restart_services = {"dsmcad.service"};
        Verify verify;
        verify.contacts = {{"dsmcad.service", "server.example", 1500}};
        plan.steps.emplace_back(verify);
        probation = begin_probation("1", plan, unconfirmed, updated_at, Seconds(7 * 86400));
        ClientService& service = client();
        service.schedules = true;
        service.service.process = 500;
        service.server_address = "server.example";
        service.reached_server_lately = Tell::yes;
    }
    ClientService& client() { return found.services.front(); }
    ProbationLook look() {
        time += 300;
        return look_at(probation, found, {time, boot, [this](const std::string&, int) { return can_connect; }});
    }
    void event(const std::string& name, bool failed, const std::string& action = "incremental") {
        ScheduledEvent event;
        event.name = name;
        event.action = action;
        event.ended = event.over = true;
        event.failed = failed;
        event.began_at = time + 10;
        event.ended_at = time + 200;
        client().log.events.push_back(event);
    }
};

} // namespace

TEST_CASE("a client that works passes its probation") {
    Days days;
    for (int look = 0; look < 10; ++look) {
        const ProbationLook seen = days.look();
        CHECK(seen.cause.empty());
        CHECK(seen.notes.empty());
        CHECK(!seen.over);
    }
    days.time += 7 * 86400;
    const ProbationLook last = days.look();
    CHECK(last.over);
    CHECK(last.notes == std::vector<std::string>{"probation passed, " + utc_text(days.time) +
                                                 "; no scheduled backup was seen in it"});
}

TEST_CASE("a service that is gone at two looks in a row has failed, once") {
    Days days;
    days.client().service.running = false;
    CHECK(days.look().cause.empty());
    const ProbationLook second = days.look();
    CHECK(second.cause == "service_did_not_stay_up");
    CHECK(second.message == "the service dsmcad.service does not run any more");
    CHECK(days.probation.failed == second.message);
    CHECK(days.look().cause.empty()); // told once
    CHECK(probation_text(days.probation).find("FAILED, the service dsmcad.service") != std::string::npos);
}

TEST_CASE("a service that somebody restarts is not sick, one that is restarted all the time is") {
    Days days;
    days.look();
    days.client().service.process = 501;
    CHECK(days.look().cause.empty());
    CHECK(days.look().cause.empty());
    for (const std::int64_t process : {502, 503}) {
        days.client().service.process = process;
        CHECK(days.look().cause.empty());
    }
    days.client().service.process = 504;
    CHECK(days.look().cause == "service_did_not_stay_up");
}

TEST_CASE("a restart of the machine counts for nothing") {
    Days days;
    days.look();
    for (int boot = 2; boot < 9; ++boot) {
        days.boot = "boot-" + std::to_string(boot);
        days.client().service.process += 1;
        CHECK(days.look().cause.empty());
    }
}

TEST_CASE("a service whose manager names no main process is seen to end again and again by its daemon") {
    Days days;
    days.client().service.process = 0;
    const std::string program = days.client().service.program;
    days.found.processes = {{{500, 1, "1", program, {}}, "", false, ""}};
    CHECK(days.look().cause.empty());
    // What a person runs comes and goes.
    for (int look = 0; look < 5; ++look) {
        days.found.processes.resize(1);
        days.found.processes.push_back({{600 + look, 77, "2", program, {}}, "", false, ""});
        CHECK(days.look().cause.empty());
    }
    std::string cause;
    for (int look = 0; look < 3; ++look) {
        CHECK(cause.empty());
        days.found.processes.front().process.id += 10;
        cause = days.look().cause;
    }
    CHECK(cause == "service_did_not_stay_up");
}

TEST_CASE("a scheduler that lost its server has failed if we can reach it, and not if nobody can") {
    Days days;
    days.client().reached_server_lately = Tell::no;
    days.can_connect = false;
    for (int look = 0; look < 5; ++look)
        CHECK(days.look().cause.empty());
    days.can_connect = true;
    CHECK(days.look().cause.empty());
    CHECK(days.look().cause == "server_not_reached");

    Days never; // it did not reach it before the update either
    never.probation.services[0].reached = false;
    never.client().reached_server_lately = Tell::no;
    for (int look = 0; look < 5; ++look)
        CHECK(never.look().cause.empty());
}

TEST_CASE("an unconfirmed update is looked at until its server was reached, however long that takes") {
    Days days(true);
    days.client().log.last_query_end = updated_at - 100;
    CHECK(!days.look().confirmed);
    days.time += 30 * 86400;
    CHECK(!days.look().over);
    days.client().log.last_query_end = days.time;
    const ProbationLook seen = days.look();
    CHECK(seen.confirmed);
    CHECK(seen.over);
    CHECK(!days.probation.unconfirmed);
}

TEST_CASE("the first backup after the update is seen, and its outcome told; commands and older events are none") {
    Days days;
    days.event("TRIGGER", false, "command");
    days.event("FORBIDDEN", true, "command"); // SCHEDCMDDISABLED
    days.event("FETCH", true, "retrieve");
    days.event("NOBODY_KNOWS", true, "");
    days.event("OLD", true);
    days.client().log.events.back().began_at = updated_at - 900;
    CHECK(days.look().notes.empty());
    CHECK(probation_text(days.probation).find("no backup seen yet") != std::string::npos);
    days.event("NIGHTLY", true);
    const ProbationLook seen = days.look();
    REQUIRE(seen.notes.size() == 1);
    CHECK(seen.notes[0].starts_with("first scheduled backup after the update: NIGHTLY failed, 2026-"));
    CHECK(seen.alarming);
    CHECK(seen.cause.empty());
    days.event("WEEKLY", false);
    CHECK(days.look().notes.empty());
    days.time += 7 * 86400;
    const ProbationLook last = days.look();
    CHECK(last.notes == std::vector<std::string>{"probation passed, " + utc_text(days.time)});
}

TEST_CASE("lines of a log from years ahead, of a clock that was wrong, prove neither contact nor a backup") {
    Days days(true);
    days.client().log.last_query_end = days.time + 10 * UnixTime(365) * 86400;
    days.event("NIGHTLY", false);
    days.client().log.events.back().began_at = days.client().log.last_query_end;
    const ProbationLook seen = days.look();
    CHECK_FALSE(seen.confirmed);
    CHECK(seen.notes.empty());
    CHECK(days.probation.first_backup.empty());
}

TEST_CASE("the probation of a release that is no longer installed ends") {
    Days days;
    days.found = installed("8.1.28.0");
    const ProbationLook seen = days.look();
    CHECK(seen.over);
    CHECK(seen.notes.empty());
}

TEST_CASE("a probation comes back from its file as it was, and a damaged one is none") {
    Days days;
    days.event("NIGHTLY", false);
    days.look();
    FakeFileSystem files;
    files.put_directory("/state", 0700);
    save_probation(files, "/state/probation.json", days.probation);
    CHECK(load_probation(files, "/state/probation.json") == days.probation);
    files.put("/state/probation.json", "{");
    CHECK_THROWS_AS(load_probation(files, "/state/probation.json"), Error);
    CHECK(!load_probation(files, "/state/none"));
}
