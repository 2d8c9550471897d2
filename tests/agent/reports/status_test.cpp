#include "agent/reports/status.h"

#include "agent/reports/metrics.h"
#include "tests/fakes/fake_file_system.h"
#include "tests/fakes/fake_service_host.h"
#include "tests/installer/client/options_case.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

using namespace autodeploy;

TEST_CASE("status --exit-code tells every outcome apart") {
    const std::pair<Outcome, int> table[] = {
        {Outcome::updated, 0},      {Outcome::nothing_to_do, 0},  {Outcome::observed, 0},
        {Outcome::refused, 22},     {Outcome::gave_up, 22},       {Outcome::cancelled, 22},
        {Outcome::rolled_back, 23}, {Outcome::needs_restart, 24}, {Outcome::needs_attention, 25},
        {Outcome::unconfirmed, 26},
    };
    Status status;
    CHECK(exit_code(status) == 0);
    for (const auto& [outcome, code] : table) {
        CHECK(exit_code(outcome) == code);
        CHECK(parse_outcome(text(outcome)) == outcome);
        status.last = Report{};
        status.last->outcome = outcome;
        status.deployment.reset();
        status.pending = 0;
        CHECK(exit_code(status) == code);
        status.pending = 1;
        CHECK(exit_code(status) == 21);
        status.pending = 0;
        status.deployment = ActiveDeployment{};
        CHECK(exit_code(status) == 21);
    }
}

TEST_CASE("what needs a person is told until a later deployment finds the client in order") {
    const auto report = [](const std::string& id, Outcome outcome) {
        Report made;
        made.id = id;
        made.outcome = outcome;
        return made;
    };
    for (const Outcome needing : {Outcome::needs_attention, Outcome::needs_restart})
        for (const Outcome outcome : {Outcome::refused, Outcome::gave_up, Outcome::cancelled}) {
            Status status;
            take_report(status, report("1", needing));
            take_report(status, report("2", outcome));
            CHECK(exit_code(status) == exit_code(needing));
            CHECK(status.last->id == "2");
            CHECK(status_text(status, 0).find("still needs a person") != std::string::npos);
        }
    for (const Outcome outcome :
         {Outcome::updated, Outcome::nothing_to_do, Outcome::observed, Outcome::rolled_back, Outcome::unconfirmed}) {
        Status status;
        take_report(status, report("1", Outcome::needs_attention));
        take_report(status, report("2", outcome));
        CHECK(exit_code(status) == exit_code(outcome));
        CHECK(!status.unsettled);
    }
}

TEST_CASE("a refusal does not hide that the new client became sick in its probation") {
    Status status;
    status.last = Report{};
    status.last->outcome = Outcome::refused;
    status.probation = Probation{};
    CHECK(exit_code(status) == 22);
    status.probation->failed = "it crashed three times";
    CHECK(exit_code(status) == 25);
}

TEST_CASE("status comes back from its file as it was") {
    Status status;
    status.written_at = 5;
    status.mode = "armed";
    status.channel = "stable";
    status.installed = "8.1.25.0";
    status.deployment = ActiveDeployment{.id = "1",
                                         .kind = "trigger",
                                         .from = "8.1.25.0",
                                         .to = "8.1.27.0",
                                         .phase = Phase::wait,
                                         .since = 3,
                                         .accepted_at = 1,
                                         .deadline = 9,
                                         .waiting_for = {"the window"},
                                         .next_look = 7,
                                         .doing = "waiting",
                                         .done = 1,
                                         .total = 2};
    status.told = {"1", 2, {"wait", "apply: stop the services"}};
    status.last = Report{};
    status.unsettled = Report{};
    status.metadata = MetadataAge{.refreshed_at = 1,
                                  .parts = {{"root", 2, Seconds(5)}},
                                  .expires_at = 2,
                                  .expires_first = "timestamp",
                                  .time_floor = 1,
                                  .source = "folder /media",
                                  .problem = ""};
    status.pending = 1;
    status.next = "something";
    status.rollback_to = "8.1.24.0";
    status.problems = {{"one", 4, 5}};
    CHECK(status_from_json(parse_json(pretty_json(status_json(status, 10)))) == status);
}

TEST_CASE("the repository's metadata warns 90, 30 and 7 days before it expires") {
    MetadataAge metadata;
    CHECK(!expiry_warning(metadata, 0));
    metadata.parts = {{"root", 200 * 86400, Seconds(0)}};
    CHECK(!expiry_warning(metadata, UnixTime(109) * 86400));
    CHECK(expiry_warning(metadata, UnixTime(110) * 86400)->priority == 6);
    CHECK(expiry_warning(metadata, UnixTime(170) * 86400)->priority == 4);
    CHECK(expiry_warning(metadata, UnixTime(193) * 86400)->priority == 3);
    CHECK(expiry_warning(metadata, UnixTime(200) * 86400)->text.find("has expired") != std::string::npos);
    // A timestamp that lives for a month is made anew every day.
    metadata.parts = {{"timestamp", 30 * 86400, Seconds(30 * 86400)}};
    CHECK(!expiry_warning(metadata, 0));
    CHECK(!expiry_warning(metadata, UnixTime(22) * 86400));
    CHECK(expiry_warning(metadata, UnixTime(23) * 86400)->priority == 3);
    metadata.parts.push_back({"root", 24 * 86400, Seconds(0)});
    CHECK(expiry_warning(metadata, UnixTime(20) * 86400)->text.find("(root)") != std::string::npos);
}

TEST_CASE("the status file is written at once, then at most once a second") {
    FakeFileSystem files;
    files.put_directory("/run/autodeploy");
    FakeClock clock;
    FakeServiceHost host(clock);
    Progress progress(files, clock, host, "/run/autodeploy/status.json");
    CHECK(!progress.flush());
    const auto installed = [&] {
        return status_from_json(parse_json(*files.content("/run/autodeploy/status.json"))).installed;
    };
    progress.change([](Status& status) { status.installed = "8.1.25.0"; });
    CHECK(host.interrupts == 1);
    REQUIRE(progress.flush());
    CHECK(installed().empty());
    clock.pass(Milliseconds(400));
    CHECK(progress.flush() == Milliseconds(600));
    clock.pass(Milliseconds(600));
    CHECK(!progress.flush());
    CHECK(installed() == "8.1.25.0");
    progress.change([](Status& status) { status.installed = "8.1.27.0"; });
    CHECK(!progress.flush(true));
    CHECK(installed() == "8.1.27.0");
}

TEST_CASE("a status that cannot be written stops nobody") {
    FakeFileSystem files;
    FakeClock clock;
    FakeServiceHost host(clock);
    Progress progress(files, clock, host, "/run/autodeploy/status.json");
    CHECK_NOTHROW(progress.flush());
}

TEST_CASE("who looks now and then is told every line of progress once, also of a deployment that has ended") {
    FakeFileSystem files;
    FakeClock clock;
    FakeServiceHost host(clock);
    Progress progress(files, clock, host, "/run/autodeploy/status.json");
    const auto doing = [&](const std::string& what) {
        progress.change([&](Status& status) {
            status.deployment = ActiveDeployment{};
            status.deployment->id = "one";
            status.deployment->phase = Phase::apply;
            status.deployment->doing = what;
        });
    };
    doing("stop");
    doing("install");
    const ToldProgress first = progress.current().told;
    CHECK(new_lines({}, first) == std::vector<std::string>{"apply: stop", "apply: install"});
    doing("start");
    progress.change([](Status& status) { status.deployment.reset(); });
    CHECK(new_lines(first, progress.current().told) == std::vector<std::string>{"apply: start"});
    CHECK(new_lines(progress.current().told, progress.current().told).empty());
    for (int n = 0; n < 60; ++n)
        doing("line " + std::to_string(n));
    CHECK(progress.current().told.lines.size() == 50);
    CHECK(new_lines(first, progress.current().told).size() == 50);
    progress.change([](Status& status) { status.deployment->id = "two"; });
    CHECK(new_lines(first, progress.current().told) == std::vector<std::string>{"apply: line 59"});
}

namespace {

void collect_members(const Json& json, std::set<std::string>& members) {
    if (json.is_object())
        for (const auto& [name, value] : json.object()) {
            members.insert(name);
            collect_members(value, members);
        }
    if (json.is_array())
        for (const Json& value : json.array())
            collect_members(value, members);
}

} // namespace

TEST_CASE("every member of status and reports, and every metric, is told in the agent's README") {
    std::ifstream file(tests_directory() + "/../agent/README.md");
    const std::string readme((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    Status status;
    status.last = Report{};
    status.last->requirements = {ReportedRequirement{}};
    status.deployment = ActiveDeployment{};
    status.metadata = MetadataAge{};
    status.metadata->parts = {MetadataPart{}};
    status.probation = Probation{};
    status.probation->services = {WatchedService{}};
    status.probation->first_backup = "NIGHTLY ended well";
    std::set<std::string> members;
    collect_members(status_json(status, 0), members);
    CHECK(members.size() > 60);
    for (const std::string& member : members) {
        CAPTURE(member);
        CHECK(readme.find("`" + member + "`") != std::string::npos);
    }
    std::istringstream metrics(metrics_text(status));
    for (std::string line; std::getline(metrics, line);)
        if (line.starts_with("# HELP ")) {
            CAPTURE(line);
            CHECK(readme.find("`" + line.substr(7, line.find(' ', 7) - 7) + "`") != std::string::npos);
        }
}
