#include "agent/requests.h"

#include "platform/error.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_file_system.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

struct Spool {
    FakeFileSystem files;
    FakeClock clock;
    Requests requests{files, clock, "/state/requests"};
    std::vector<RefusedRequest> refused;

    Spool() { files.put_directory("/state", 0700); }
    Request add(RequestKind kind, const std::string& release = "") {
        Request request;
        request.kind = kind;
        request.release = release;
        request.requested_by = "root";
        return requests.add(request);
    }
    std::vector<Request> pending() {
        refused.clear();
        return requests.pending(refused);
    }
};

const char* const valid = R"({"format":1,"id":"20261128T200000Z-0001","kind":"trigger","accepted_at":1795896000,)"
                          R"("requested_by":"root","release":"","started_by":null})";

} // namespace

TEST_CASE("a request is on the disk before it is accepted, and comes back as it was") {
    Spool spool;
    Request request;
    request.kind = RequestKind::trigger;
    request.requested_by = "root for alice";
    request.started_by = StartingProcess{812, "1795890000.25", "/opt/tivoli/tsm/client/ba/bin/dsmc"};
    const Request written = spool.requests.add(request);
    CHECK(written.id == "20261128T200000Z-0001");
    CHECK(written.accepted_at == spool.clock.now());
    const auto pending = spool.pending();
    REQUIRE(pending.size() == 1);
    CHECK(pending[0] == written);
}

TEST_CASE("twice is once") {
    Spool spool;
    const Request first = spool.add(RequestKind::trigger);
    spool.clock.pass(Seconds(5));
    CHECK(spool.add(RequestKind::trigger) == first);
    CHECK(spool.pending().size() == 1);
    spool.requests.remove(first.id);
    CHECK(spool.add(RequestKind::trigger).id > first.id);
}

TEST_CASE("no id is given twice, also where the spool was emptied in the same second") {
    Spool spool;
    const Request first = spool.add(RequestKind::trigger);
    spool.requests.remove(first.id);
    CHECK(spool.add(RequestKind::trigger).id > first.id);
    for (const char* damaged : {"", "garbage", "99991231T235959Z-9999"}) {
        spool.files.put("/state/requests/.last", damaged);
        if (std::string(damaged).size() > 10)
            CHECK_THROWS_WITH_AS(spool.add(RequestKind::deploy),
                                 doctest::Contains("/state/requests/.last; see that the clock is right"), Error);
        else
            CHECK_NOTHROW(spool.add(RequestKind::deploy, std::string(damaged) + "x"));
    }
}

TEST_CASE("what cannot be put aside keeps no other request from being taken up") {
    Spool spool;
    const Request good = spool.add(RequestKind::trigger);
    spool.files.put("/state/requests/bad.json", "{");
    spool.files.put("/state/requests/refused", "a file where a folder belongs");
    const auto pending = spool.pending();
    REQUIRE(pending.size() == 1);
    CHECK(pending[0] == good);
    REQUIRE(spool.refused.size() == 1);
    CHECK(spool.refused[0].name == "bad.json");
    CHECK(spool.refused[0].moved_to.empty());
    CHECK(spool.files.content("/state/requests/bad.json"));
}

TEST_CASE("requests of another kind or release wait beside each other, in the order of asking") {
    Spool spool;
    spool.add(RequestKind::trigger);
    spool.add(RequestKind::deploy, "8.1.27.0");
    spool.add(RequestKind::deploy, "8.1.28.0");
    const auto pending = spool.pending();
    REQUIRE(pending.size() == 3);
    CHECK(pending[0].kind == RequestKind::trigger);
    CHECK(pending[1].release == "8.1.27.0");
    CHECK(pending[2].release == "8.1.28.0");
}

TEST_CASE("a clock that was put back does not change the order of asking") {
    Spool spool;
    spool.add(RequestKind::trigger);
    spool.clock.set(spool.clock.now() - 86400);
    spool.add(RequestKind::cancel);
    const auto pending = spool.pending();
    REQUIRE(pending.size() == 2);
    CHECK(pending[1].kind == RequestKind::cancel);
}

TEST_CASE("what is no request is put aside with a clear message, its smallest neighbour and the others are taken") {
    const auto with = [](std::string from, const std::string& to) {
        std::string text = valid;
        const std::size_t at = text.find(from);
        REQUIRE(at != std::string::npos);
        return text.replace(at, from.size(), to);
    };
    const std::string name = "20261128T200000Z-0001.json";
    const std::string line = valid;
    const struct {
        std::string name, content, message, neighbour;
    } bad[] = {
        {name, "", "line 1", line},
        {name, "{\"format\":1,", "line 1", line},
        {name, "[" + line + "]", "object", line},
        {name, with("\"format\":1", "\"format\":2"), "format is 2", line},
        {name, with("\"trigger\"", "\"update\""), "\"update\", not one of trigger", with("\"trigger\"", "\"deploy\"")},
        {name, with("1795896000", "\"1795896000\""), "integer", line},
        {name, with("1795896000", "-1"), "before 1970", with("1795896000", "0")},
        {name, with("\"release\":\"\"", "\"release\":\"../../x\""), "its release is no version",
         with("\"release\":\"\"", "\"release\":\"8.1.27.0\"")},
        {name, with("\"release\"", "\"path\""), "unknown member \"path\"", line},
        {name, with("\"id\":\"20261128T200000Z-0001", "\"id\":\"../20261128T200000Z-0001"), "its id holds more", line},
        {"something-else.json", line, "its id is 20261128T200000Z-0001",
         with("20261128T200000Z-0001", "something-else")},
        {name, line + std::string(65537 - line.size(), ' '), "file_too_large",
         line + std::string(65536 - line.size(), ' ')},
        {name, with(",\"started_by\":null", ""), "started_by", line},
        {name, with("null}", "{}}"), "process",
         with("null}", R"({"process":812,"started":"4711","program":"/opt/dsmc"}})")},
        {name, line + line, "line 1", line + "\n"},
    };
    for (const auto& row : bad) {
        CAPTURE(row.content);
        Spool spool;
        spool.files.make_private_directory("/state/requests");
        spool.files.put("/state/requests/" + row.name, row.content);
        spool.files.put("/state/requests/20261128T200001Z-0001.json", with("200000Z", "200001Z"));
        CHECK(spool.pending().size() == 1);
        REQUIRE(spool.refused.size() == 1);
        CAPTURE(spool.refused[0].why);
        CHECK(spool.refused[0].why.find("cannot ") == 0);
        CHECK(spool.refused[0].why.find(row.message) != std::string::npos);
        CHECK(spool.files.content(spool.refused[0].moved_to) == row.content);
        CHECK(spool.pending().size() == 1);
        CHECK(spool.refused.empty());
        spool.files.put("/state/requests/" + row.name, row.neighbour);
        CHECK(spool.pending().size() == 2);
        CHECK(spool.refused.empty());
    }
}

TEST_CASE("a directory or a link in the spool is put aside, and nothing behind the link is touched") {
    Spool spool;
    spool.files.make_private_directory("/state/requests");
    spool.files.put_directory("/state/requests/folder");
    spool.files.put("/etc/shadow", "secret");
    spool.files.put_link("/state/requests/20261128T200000Z-0001.json", "/etc/shadow");
    CHECK(spool.pending().empty());
    CHECK(spool.refused.size() == 2);
    CHECK(spool.files.content("/etc/shadow") == "secret");
}

TEST_CASE("two bad files of one name are both kept") {
    Spool spool;
    spool.files.make_private_directory("/state/requests");
    spool.files.put("/state/requests/x", "one");
    spool.pending();
    spool.files.put("/state/requests/x", "two");
    spool.pending();
    CHECK(spool.files.content("/state/requests/refused/x") == "one");
    CHECK(spool.files.content("/state/requests/refused/x.1") == "two");
}

TEST_CASE("bad files do not hinder new requests, whatever their names") {
    Spool spool;
    spool.files.make_private_directory("/state/requests");
    spool.files.put("/state/requests/99991231T235959Z-9998.json", "garbage");
    spool.files.put("/state/requests/zzz.json", "garbage");
    CHECK(spool.add(RequestKind::trigger).kind == RequestKind::trigger);
    CHECK(spool.pending().size() == 1);
}

TEST_CASE("the spool is bounded") {
    Spool spool;
    for (int number = 0; number < 64; ++number)
        spool.add(RequestKind::deploy, "8.1." + std::to_string(number) + ".0");
    CHECK_THROWS_WITH_AS(spool.add(RequestKind::trigger), doctest::Contains("64 wait in /state/requests already"),
                         Error);
    CHECK_THROWS_AS(spool.add(RequestKind::trigger), Error);
}

TEST_CASE("killed at any moment of accepting, there is a whole request or none") {
    for (int call = 1; call <= 6; ++call)
        for (const CrashMoment moment : {CrashMoment::before, CrashMoment::torn, CrashMoment::after}) {
            Spool spool;
            spool.files.crash_at(call, moment);
            try {
                spool.add(RequestKind::trigger);
            } catch (const Crash&) {
            }
            spool.files.restart();
            CHECK(spool.pending().size() <= 1);
            CHECK(spool.refused.empty());
        }
}
