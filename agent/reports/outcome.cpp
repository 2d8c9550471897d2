#include "agent/reports/outcome.h"

#include <algorithm>
#include <array>

namespace autodeploy {
namespace {

struct Row {
    Outcome outcome;
    const char* name;
    int code;
};

constexpr std::array<Row, 10> table{{
    {Outcome::updated, "updated", 0},
    {Outcome::nothing_to_do, "nothing_to_do", 0},
    {Outcome::observed, "observed", 0},
    {Outcome::refused, "refused", 22},
    {Outcome::gave_up, "gave_up", 22},
    {Outcome::cancelled, "cancelled", 22},
    {Outcome::rolled_back, "rolled_back", 23},
    {Outcome::needs_restart, "needs_restart", 24},
    {Outcome::needs_attention, "needs_attention", 25},
    {Outcome::unconfirmed, "unconfirmed", 26},
}};

} // namespace

std::string text(Outcome outcome) {
    return std::find_if(table.begin(), table.end(), [&](const Row& row) { return row.outcome == outcome; })->name;
}

std::optional<Outcome> parse_outcome(std::string_view text) {
    for (const Row& row : table)
        if (row.name == text) return row.outcome;
    return std::nullopt;
}

std::string readable(Outcome outcome) {
    std::string words = text(outcome);
    std::replace(words.begin(), words.end(), '_', ' ');
    return words;
}

int exit_code(Outcome outcome) {
    return std::find_if(table.begin(), table.end(), [&](const Row& row) { return row.outcome == outcome; })->code;
}

} // namespace autodeploy
