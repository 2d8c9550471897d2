#pragma once

#include "platform/time_units.h"

#include <string>
#include <vector>

namespace autodeploy {

/// What a person should look at, met while the agent ran. One that is over goes by itself, a day after it was last met.
struct Problem {
    std::string text;
    UnixTime since = 0; ///< when it was first met
    UnixTime last = 0;  ///< and last, to ten minutes
    bool operator==(const Problem&) const = default;
};

/// Newest last, at most 20. Whether it is a new one: those that stay would otherwise fill the log by turns.
bool add_problem(std::vector<Problem>& problems, const std::string& text, UnixTime now);
/// Those that are over.
void drop_old_problems(std::vector<Problem>& problems, UnixTime now);

/// "problem, for 3 days: cannot list …", "problem, 2 hours ago: …"
std::string problem_text(const Problem& problem, UnixTime now);

} // namespace autodeploy
