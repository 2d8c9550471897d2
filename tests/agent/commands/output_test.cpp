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
        {{"service", "status"}, 1},
        {{"trigger"}, 0},
    };
    for (const auto& row : rows) {
        CAPTURE(row.arguments.front());
        Desk desk("repository: {mirrors: [/srv/none]}\n");
        Service own;
        own.name = desk.paths.service + ".service";
        own.running = true;
        desk.machine.services.push_back(own);
        std::ostringstream full;
        full.setstate(std::ios::badbit);
        std::ostringstream complaints;
        CHECK(run_command(row.arguments, desk.machine.platform(), desk.host, desk.paths, full, complaints) == row.code);
        CHECK(complaints.str().find("cannot write the answer of `" + row.arguments.front() + "`") != std::string::npos);
    }
}

TEST_CASE("help that could not be written is no success") {
    Desk desk("mode: armed\n");
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--help"}, {"status", "--help"}}) {
        std::ostringstream full;
        full.setstate(std::ios::badbit);
        std::ostringstream complaints;
        CHECK(run_command(arguments, desk.machine.platform(), desk.host, desk.paths, full, complaints) == 1);
        CHECK(complaints.str().find("cannot write the help") != std::string::npos);
    }
}

TEST_CASE("what was typed comes back for a terminal: no escape sequences, and not without end") {
    Desk desk("mode: armed\n");
    CHECK(desk.run({"explain", "\x1b]0;owned\x07" + std::string(100000, 'x')}) == exit_codes::failed);
    CHECK(desk.told.find('\x1b') == std::string::npos);
    CHECK(desk.told.find('\x07') == std::string::npos);
    CHECK(desk.told.size() < 5000);
    CHECK(desk.run({"\x9b"
                    "31mstatus"}) == exit_codes::usage);
    CHECK(desk.told.find('\x9b') == std::string::npos);
}

TEST_CASE("an id is explained as check and reports print it, with the colon behind it") {
    Desk desk("mode: armed\n");
    CHECK(desk.run({"explain", "packages-not-held:"}) == 0);
    CHECK(desk.told.starts_with("packages-not-held\n"));
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
