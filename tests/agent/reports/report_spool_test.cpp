#include "agent/reports/report_spool.h"

#include "tests/fakes/fake_file_system.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

const std::string spool = "/state/reports";

Report report(int number, const std::string& message = "") {
    Report report;
    report.id = "20261128T200000Z-" + std::to_string(1000 + number);
    report.message = message;
    return report;
}

} // namespace

TEST_CASE("a report waits whole for its receiver, and what was learned later comes under the same name") {
    FakeFileSystem files;
    files.put_directory("/state", 0700);
    CHECK(spool_report(files, spool, report(1)) == "");
    CHECK(spool_report(files, spool, report(1, "probation passed")) == "");
    CHECK(files.list(spool) == std::vector<std::string>{"20261128T200000Z-1001.json"});
    CHECK(report_from_json(parse_json(*files.content(spool + "/20261128T200000Z-1001.json"))) ==
          report(1, "probation passed"));
    files.remove_durably(spool + "/20261128T200000Z-1001.json"); // it was received
    CHECK(spool_report(files, spool, report(2)) == "");
    CHECK(files.list(spool) == std::vector<std::string>{"20261128T200000Z-1002.json"});
}

TEST_CASE("a receiver that never comes costs a bounded place: the newest reports stay") {
    FakeFileSystem files;
    files.put_directory("/state", 0700);
    const int all = int(most_spooled_reports) + 25;
    for (int number = 0; number < all; ++number)
        CHECK(spool_report(files, spool, report(number)) == "");
    CHECK(files.list(spool).size() == most_spooled_reports);
    CHECK_FALSE(files.content(spool + "/" + report(24).id + ".json"));
    CHECK(files.content(spool + "/" + report(25).id + ".json"));
    CHECK(files.content(spool + "/" + report(all - 1).id + ".json"));
}

TEST_CASE("a spool that takes nothing is told, and is nobody's failure") {
    FakeFileSystem files;
    files.put_directory("/state", 0700);
    files.fail_at(2, "disk_full");
    const std::string why = spool_report(files, spool, report(1));
    CHECK(why.starts_with("cannot put the report of 20261128T200000Z-1001 into the spool for a receiver: "));
    CHECK(spool_report(files, spool, report(1)) == "");
}
