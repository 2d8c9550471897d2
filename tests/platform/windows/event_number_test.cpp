#include "platform/windows/event_number.h"

#include <doctest/doctest.h>

using namespace autodeploy;

TEST_CASE("the numbers of events in Windows' log are given out for ever") {
    CHECK(event_number("agent-started") == 100);
    CHECK(event_number("deployment-phase") == 101);
    CHECK(event_number("deployment-ended") == 102);
    CHECK(event_number("probation") == 103);
    CHECK(event_number("metadata-expires") == 104);
    CHECK(event_number("attempts-cleared") == 105);
    CHECK(event_number("problem") == 106);
    CHECK(event_number("restart-announced") == 107);
    CHECK(event_number("something else") == 1);
}

TEST_CASE("an event's text has its id and fields on lines of their own behind the message") {
    CHECK(event_text({6, "deployment-ended", "It ended.", {{"outcome", "updated"}, {"cause", ""}}}) ==
          "It ended.\r\n\r\nevent=deployment-ended\r\noutcome=updated");
    CHECK(event_text({6, "", "Plain.", {}}) == "Plain.");
}
