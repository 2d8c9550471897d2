#include "agent/reports/problems.h"

#include "agent/reports/report.h"

#include <algorithm>
#include <cstdlib>

namespace autodeploy {
namespace {

constexpr std::size_t most = 20;
constexpr UnixTime kept = 86400;
constexpr UnixTime fineness = 600; ///< the status file is not written anew for each time that it is met

} // namespace

bool add_problem(std::vector<Problem>& problems, const std::string& text, UnixTime now) {
    const auto known =
        std::find_if(problems.begin(), problems.end(), [&](const Problem& problem) { return problem.text == text; });
    if (known != problems.end()) {
        if (std::abs(now - known->last) >= fineness) known->last = now;
        return false;
    }
    problems.push_back({text, now, now});
    if (problems.size() > most) problems.erase(problems.begin());
    return true;
}

void drop_old_problems(std::vector<Problem>& problems, UnixTime now) {
    // A clock that was put back must not keep them for ever.
    std::erase_if(problems, [now](const Problem& problem) { return std::abs(now - problem.last) > kept; });
}

std::string problem_text(const Problem& problem, UnixTime now) {
    std::string when;
    if (now - problem.last >= 2 * fineness)
        when = ", " + duration_text(Seconds(now - problem.last)) + " ago";
    else if (problem.last - problem.since >= fineness)
        when = ", for " + duration_text(Seconds(problem.last - problem.since));
    return "problem" + when + ": " + problem.text;
}

} // namespace autodeploy
