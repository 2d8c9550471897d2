#include "agent/reports/problems.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

constexpr UnixTime begin = 1795896000;

} // namespace

TEST_CASE("a problem is new once, says how long it lasts, and goes a day after it was last met") {
    std::vector<Problem> problems;
    CHECK(add_problem(problems, "cannot write /x", begin));
    CHECK(problem_text(problems[0], begin) == "problem: cannot write /x");
    CHECK_FALSE(add_problem(problems, "cannot write /x", begin + 3600));
    CHECK(problem_text(problems[0], begin + 3600) == "problem, for 1 h 0 min: cannot write /x");
    CHECK(problem_text(problems[0], begin + 3 * 3600) == "problem, 2 h 0 min ago: cannot write /x");

    drop_old_problems(problems, begin + 3600 + 86400);
    CHECK(problems.size() == 1);
    drop_old_problems(problems, begin + 3600 + 86401);
    CHECK(problems.empty());
    CHECK(add_problem(problems, "cannot write /x", begin + 3 * 86400));
}

TEST_CASE("a problem met all the time has the status file written anew every ten minutes at most") {
    std::vector<Problem> problems;
    add_problem(problems, "x", begin);
    const std::vector<Problem> before = problems;
    add_problem(problems, "x", begin + 599);
    CHECK(problems == before);
    add_problem(problems, "x", begin + 600);
    CHECK(problems != before);
}

TEST_CASE("a clock that is put back keeps no problem for ever, and of many the newest twenty stay") {
    std::vector<Problem> problems;
    add_problem(problems, "of a clock years ahead", begin + 100 * 86400);
    drop_old_problems(problems, begin);
    CHECK(problems.empty());
    for (int i = 0; i < 25; ++i)
        add_problem(problems, std::to_string(i), begin);
    CHECK(problems.size() == 20);
    CHECK(problems.back().text == "24");
}
