#include "agent/quiet.h"

#include "tests/agent/requirements/requirement_cases.h"

#include <doctest/doctest.h>

#include <functional>

using namespace autodeploy;

namespace {

struct QuietCase {
    std::string name;
    std::function<void(Detection&, QuietInput&)> change;
    Activity activity;
    std::vector<std::string> reasons;
};

void add_process(Detection& detection, const std::string& program, const std::string& service,
                 std::int64_t parent = 1) {
    detection.processes.push_back({{900, parent, "77", program, {}}, service, false, ""});
}

} // namespace

TEST_CASE("the client is quiet only where everything that could be at work is known to rest") {
    const std::string dsmc = "/opt/tivoli/tsm/client/ba/bin/dsmc";
    const std::vector<QuietCase> cases{
        {"at rest", [](Detection&, QuietInput&) {}, Activity::quiet, {}},
        {"in an event",
         [](Detection& d, QuietInput&) {
             d.services.front().log.activity = Activity::busy;
             d.services.front().log.why = "the event NIGHTLY began and has not ended";
         },
         Activity::busy,
         {"dsmcad.service: /var/log/dsmsched.log: the event NIGHTLY began and has not ended"}},
        {"no log",
         [](Detection& d, QuietInput&) {
             d.services.front().log.activity = Activity::unknown;
             d.services.front().log.why = "it does not exist";
         },
         Activity::unknown,
         {"dsmcad.service: /var/log/dsmsched.log: it does not exist"}},
        {"a service that does not run",
         [](Detection& d, QuietInput&) {
             d.services.front().log.activity = Activity::unknown;
             d.services.front().service.running = false;
         },
         Activity::quiet,
         {}},
        {"options that nobody can tell",
         [](Detection& d, QuietInput&) {
             d.services.front().schedules = false;
             d.services.front().options.unreadable = "cannot tell the options in force: x";
         },
         Activity::unknown,
         {"dsmcad.service: cannot tell the options in force: x"}},
        {"a person restores files",
         [&](Detection& d, QuietInput&) { add_process(d, dsmc, ""); },
         Activity::busy,
         {dsmc + " (process 900) is at work"}},
        {"a second child of the acceptor is judged by the log",
         [&](Detection& d, QuietInput&) { add_process(d, dsmc, "dsmcad.service"); },
         Activity::quiet,
         {}},
        {"the administrative client under a service",
         [](Detection& d, QuietInput&) { add_process(d, "/opt/tivoli/tsm/client/ba/bin/dsmadmc", "dsmcad.service"); },
         Activity::busy,
         {"/opt/tivoli/tsm/client/ba/bin/dsmadmc (process 900) is at work"}},
        {"the journal daemon",
         [](Detection& d, QuietInput&) { add_process(d, "/opt/tivoli/tsm/client/ba/bin/tsmjbbd", ""); },
         Activity::quiet,
         {}},
        {"our own retrieval",
         [&](Detection& d, QuietInput& q) {
             add_process(d, dsmc, "", 4711);
             q.own_processes = {4711};
         },
         Activity::quiet,
         {}},
        {"other software with the library",
         [](Detection& d, QuietInput&) {
             d.processes.push_back({{901, 1, "7", "/opt/db2/db2sysc", {}}, "", true, "/opt/tivoli/"});
         },
         Activity::quiet,
         {}},
        {"processes cannot be listed",
         [](Detection& d, QuietInput&) { d.unreadable["processes"] = "cannot read /proc: x"; },
         Activity::unknown,
         {"cannot read /proc: x"}},
        {"busy weighs more than unknown",
         [&](Detection& d, QuietInput&) {
             d.unreadable["services"] = "cannot ask systemd: x";
             add_process(d, dsmc, "");
         },
         Activity::busy,
         {"cannot ask systemd: x", dsmc + " (process 900) is at work"}},
        {"the trigger's scheduler has ended",
         [](Detection& d, QuietInput& q) {
             q.origins = {{d.taken_at, 12345, "1"}};
         },
         Activity::quiet,
         {}},
        {"the trigger's scheduler lives, and its log has gone on",
         [](Detection& d, QuietInput& q) {
             q.origins = {{d.taken_at - 200, 101, "51"}};
         },
         Activity::quiet,
         {}},
        {"the trigger's scheduler lives, and nothing was written since",
         [](Detection& d, QuietInput& q) {
             q.origins = {{d.taken_at - 20, 101, "51"}};
         },
         Activity::unknown,
         {"nothing was written to the scheduler's log since the trigger of 2026-11-28T19:59:40Z, so its event may not "
          "be reported to the server yet"}},
        {"another process has come to use the id",
         [](Detection& d, QuietInput& q) {
             q.origins = {{d.taken_at - 20, 101, "52"}};
         },
         Activity::quiet,
         {}},
        {"nobody knows which process ran the trigger",
         [](Detection& d, QuietInput& q) {
             q.origins = {{d.taken_at - 20, 0, ""}};
         },
         Activity::unknown,
         {"nothing was written to the scheduler's log since the trigger of 2026-11-28T19:59:40Z, so its event may not "
          "be reported to the server yet"}},
    };
    for (const QuietCase& quiet_case : cases) {
        CAPTURE(quiet_case.name);
        Detection detection = good_detection("rpm");
        QuietInput input;
        quiet_case.change(detection, input);
        const ClientActivity found = client_activity(detection, input);
        CHECK(found.activity == quiet_case.activity);
        CHECK(found.reasons == quiet_case.reasons);
    }
}
