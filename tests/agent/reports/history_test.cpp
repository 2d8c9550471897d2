#include "agent/reports/history.h"

#include "platform/error.h"
#include "tests/fakes/fake_file_system.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

Report report(const std::string& id, Outcome outcome = Outcome::updated) {
    Report report;
    report.id = id;
    report.kind = "trigger";
    report.outcome = outcome;
    report.from = "8.1.25.0";
    report.to = "8.1.27.0";
    report.down_ms = 12400;
    report.requirements = {{"client-option-autodeploy", "not_met", "blocker", "it says no", "/dsm.opt:3", "set it"}};
    report.notes = {"a note"};
    return report;
}

} // namespace

TEST_CASE("reports come back from the history as they were") {
    FakeFileSystem files;
    files.put_directory("/state");
    History history(files, "/state/history.jsonl");
    CHECK(history.read().reports.empty());
    history.add(report("1"));
    history.add(report("2", Outcome::rolled_back));
    const History::Content content = history.read();
    REQUIRE(content.reports.size() == 2);
    CHECK(content.reports[0] == report("1"));
    CHECK(content.reports[1] == report("2", Outcome::rolled_back));
    CHECK(content.unreadable == 0);
}

TEST_CASE("a torn last line hurts neither the lines before it nor those after") {
    FakeFileSystem files;
    files.put_directory("/state");
    History history(files, "/state/history.jsonl");
    history.add(report("1"));
    files.append_durably("/state/history.jsonl", "{\"format\":1,\"id\":\"2\",\"outc");
    CHECK(history.read().reports.size() == 1);
    CHECK(history.read().unreadable == 1);
    history.add(report("3"));
    const History::Content content = history.read();
    REQUIRE(content.reports.size() == 2);
    CHECK(content.reports[1].id == "3");
    CHECK(content.unreadable == 1);
}

TEST_CASE("a later line of the same deployment takes the place of the earlier one") {
    FakeFileSystem files;
    files.put_directory("/state");
    History history(files, "/state/history.jsonl");
    history.add(report("1", Outcome::unconfirmed));
    history.add(report("1", Outcome::updated));
    REQUIRE(history.read().reports.size() == 1);
    CHECK(history.read().reports[0].outcome == Outcome::updated);
    // What was learned later changes no order; what ended later does.
    Report second = report("2", Outcome::updated);
    history.add(second);
    history.add(report("1", Outcome::updated));
    CHECK(history.read().reports.back().id == "2");
    Report again = report("1", Outcome::updated);
    again.ended_at += 1;
    history.add(again);
    CHECK(history.read().reports.back().id == "1");
}

TEST_CASE("the history is bounded, and the newest reports stay") {
    FakeFileSystem files;
    files.put_directory("/state");
    History history(files, "/state/history.jsonl");
    Report large = report("");
    large.message = std::string(100000, 'x');
    for (int number = 0; number < 60; ++number) {
        large.id = std::to_string(number);
        history.add(large);
        REQUIRE(files.content("/state/history.jsonl")->size() <= 2 << 20);
    }
    CHECK(history.read().reports.back().id == "59");
    CHECK(history.read().reports.size() >= 9);
    CHECK(history.read().unreadable == 0);
}

TEST_CASE("a report of a newer agent is read as far as it is known") {
    FakeFileSystem files;
    files.put("/state/history.jsonl", "{\"id\":\"1\",\"outcome\":\"updated\",\"something_new\":[1,2]}\n");
    CHECK(History(files, "/state/history.jsonl").read().reports.at(0).outcome == Outcome::updated);
}

TEST_CASE("a deployment is found by the beginning of its id") {
    FakeFileSystem files;
    files.put_directory("/state");
    History history(files, "/state/history.jsonl");
    history.add(report("20261128T200000Z-0001"));
    CHECK(history.find("20261128").id == "20261128T200000Z-0001");
    CHECK(history.find("last").id == "20261128T200000Z-0001");
    CHECK_THROWS_WITH_AS(history.find("2027"), doctest::Contains("cannot find the deployment 2027"), Error);
}
