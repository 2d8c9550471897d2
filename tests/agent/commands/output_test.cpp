#include "tests/agent/commands/desk.h"

#include <doctest/doctest.h>

using namespace autodeploy;

TEST_CASE("an answer that could not be written is no success, and a deed that was done is no failure") {
    const struct {
        std::vector<std::string> arguments;
        int code;
    } rows[] = {
        {{"status"}, 1},
        {{"status", "--exit-code"}, 0},
        {{"check", "--offline"}, 22},
        {{"history", "--json"}, 1},
        {{"explain", "room"}, 1},
        {{"version"}, 1},
        {{"trigger"}, 0},
    };
    for (const auto& row : rows) {
        CAPTURE(row.arguments.front());
        Desk desk("repository: {mirrors: [/srv/none]}\n");
        std::ostringstream full;
        full.setstate(std::ios::badbit);
        std::ostringstream complaints;
        CHECK(run_command(row.arguments, desk.machine.platform(), desk.host, desk.paths, full, complaints) == row.code);
        CHECK(complaints.str().find("cannot write the answer of `" + row.arguments.front() + "`") != std::string::npos);
    }
}

TEST_CASE("the first line of a requirement that is not met says what is wrong, the next what is wanted") {
    Desk desk("repository: {mirrors: [/srv/none]}\n");
    desk.machine.services.front().running = false;
    CHECK(desk.run({"check", "--offline"}) == 22);
    CHECK(desk.told.find("NOT MET  scheduler-running: dsmcad.service is enabled but does not run\n"
                         "    required: a scheduler of the client runs\n"
                         "    mend: start the service") != std::string::npos);
    CHECK(desk.told.find("met  client-present: the backup-archive client is installed\n"
                         "    seen in /opt/tivoli/tsm/client/ba/bin/dsmc 8.1.25.0\n") != std::string::npos);
}
