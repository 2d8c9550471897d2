#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace autodeploy {

/// How a deployment ended.
enum class Outcome {
    updated,         ///< read back from the machine, committed
    nothing_to_do,   ///< the client runs what it shall run
    observed,        ///< the plan was made, and nothing but that was to be done
    refused,         ///< client untouched; blockers named
    gave_up,         ///< client untouched; the deadline passed while waiting
    cancelled,       ///< client untouched; a person withdrew it
    rolled_back,     ///< the old release runs, everything as before, verified
    needs_restart,   ///< only a restart of the machine completes it
    needs_attention, ///< a person is needed
    unconfirmed,     ///< the new release runs, its server cannot be reached by anyone from here
};

/// As it stands in status, history and logs: "rolled_back".
std::string text(Outcome outcome);
std::optional<Outcome> parse_outcome(std::string_view text);

/// For people: "rolled back".
std::string readable(Outcome outcome);

namespace exit_codes {
inline constexpr int good = 0;
inline constexpr int failed = 1;
inline constexpr int usage = 2;
inline constexpr int trigger_refused = 12;
inline constexpr int waiting = 21;
inline constexpr int untouched = 22; ///< refused, gave_up, cancelled; check and plan: something blocks
} // namespace exit_codes

/// Of `status --exit-code`, `deploy`, `rollback`; `status` maps deployments that go on to exit_codes::waiting.
int exit_code(Outcome outcome);

} // namespace autodeploy
