#include "installer/client/probe.h"

#include "tests/fakes/still_machine.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

const std::string path = "/var/log/dsmsched.log";
const std::string answered = "11/28/2026 20:00:00 --- SCHEDULEREC QUERY BEGIN\n"
                             "11/28/2026 20:00:00 --- SCHEDULEREC QUERY END\n";
const std::string earlier = "11/28/2026 19:58:20 --- SCHEDULEREC QUERY BEGIN\n"
                            "11/28/2026 19:58:20 --- SCHEDULEREC QUERY END\n";
const std::string unanswered = "11/28/2026 20:00:00 --- SCHEDULEREC QUERY BEGIN\n";

std::optional<bool> reached(const std::string& before, const std::string& after) {
    StillMachine machine;
    put_client(machine, "dpkg");
    DetectingProbe probe(machine.platform(), {});
    const Service& service = machine.services.front();
    if (before.empty())
        machine.files.remove_durably(path);
    else
        machine.files.put(path, before);
    const ContactMark mark = probe.contact_mark(service);
    machine.files.put(path, after);
    return probe.reached_server(service, mark);
}

} // namespace

TEST_CASE("an answer that the old scheduler had in the second of the start is none of the new one") {
    CHECK(reached(earlier + answered, earlier + answered) == false);
    CHECK(reached(earlier + answered, earlier + answered + unanswered) == false);
    CHECK(reached(earlier + answered, earlier + answered + answered) == true);
}

TEST_CASE("a log that was begun anew or pruned since the start is read whole, and only new answers count") {
    CHECK(reached(earlier + answered, unanswered) == false);
    CHECK(reached(earlier + earlier + earlier, earlier) == false);
    CHECK(reached(earlier + earlier + earlier, earlier + answered) == true);
    CHECK(reached("", answered) == true);
}
