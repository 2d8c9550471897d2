#include "installer/apply.h"

#include "platform/error.h"
#include "tests/fakes/fake_machine.h"
#include "tests/fakes/spread.h"

#include <doctest/doctest.h>

#include <functional>
#include <utility>

using namespace autodeploy;

namespace {

const std::string old_release = "8.1.25.0";
const std::string new_release = "8.1.27.0";
const std::string state = "/var/lib/autodeploy";

/// One attempt on a fake machine, taken up as often as the agent does.
struct Attempt {
    FakeMachine machine;
    const std::string folder = state + "/attempts/1";

    explicit Attempt(PackageTool tool, Sickness sickness) : machine(tool) {
        machine.sickness[new_release] = sickness;
        machine.disk.put_directory("/var", 0755);
        machine.disk.put_directory("/var/lib", 0755);
        machine.disk.make_private_directory(state);
        machine.faults.reset_count();
    }

    StepContext context() {
        return {machine.platform(), machine.client(), folder, state + "/restart-services", [](const std::string&) {}};
    }

    /// Nothing if the state cannot be written to the end.
    std::optional<ApplyResult> begin() {
        PlanTarget target;
        target.attempt = "1";
        target.release = new_release;
        target.target = machine.packages(new_release);
        target.way_back = machine.packages(old_release);
        const Plan plan = make_plan(machine.detection(), target, PlanPolicy{});
        try {
            Journal journal = Journal::begin(machine.platform().files, folder, plan);
            StepContext step_context = context();
            return apply(journal, step_context);
        } catch (const Error& error) {
            why = error.cause();
        }
        return take_up();
    }

    std::optional<ApplyResult> take_up() {
        for (int tries = 0; tries < 3; ++tries) {
            if (!machine.disk.content(folder + "/plan.json")) return ApplyResult{};
            try {
                Journal journal = Journal::open(machine.platform().files, folder);
                StepContext step_context = context();
                return apply(journal, step_context);
            } catch (const Error& error) {
                why = error.cause();
            }
        }
        return std::nullopt;
    }

    std::string why;
};

bool is_new(Applied applied) {
    return applied == Applied::committed || applied == Applied::unconfirmed;
}

struct States {
    std::string old_state;
    std::string new_state;
    int changes = 0;

    States(PackageTool tool, Sickness sickness) {
        Attempt attempt(tool, sickness);
        old_state = attempt.machine.snapshot();
        attempt.begin();
        new_state = attempt.machine.snapshot();
        changes = attempt.machine.faults.count();
    }
};

/// What was told, against the machine as it is.
void check_told(const ApplyResult& told, Attempt& attempt, const States& states) {
    INFO(told.message);
    std::string notes;
    for (const std::string& note : told.notes)
        notes += note + "\n";
    INFO(notes);
    CHECK(told.applied != Applied::needs_attention);
    CHECK(attempt.machine.snapshot() == (is_new(told.applied) ? states.new_state : states.old_state));
}

} // namespace

TEST_CASE("the state's disk, full or read-only from any change on: a scheduler runs, and what is told is so") {
    for (const PackageTool tool : {PackageTool::dpkg, PackageTool::rpm})
        for (const Sickness sickness : {Sickness::none, Sickness::dies_at_start, Sickness::changes_options}) {
            const States states(tool, sickness);
            REQUIRE(states.changes > 20);
            for (const RefusingDisk& disk : {RefusingDisk{state, 0, false, ""}, RefusingDisk{state, 0, true, ""},
                                             RefusingDisk{state, 0, false, state + "/attempts/1/reserve"}})
                for (int n = 0; n <= states.changes + 1; ++n) {
                    if (!is_due(n)) continue;
                    Attempt attempt(tool, sickness);
                    attempt.machine.refusing = disk;
                    attempt.machine.refusing.from = n;
                    const bool read_only = disk.read_only;
                    const std::optional<ApplyResult> result = attempt.begin();
                    CAPTURE(int(tool));
                    CAPTURE(int(sickness));
                    CAPTURE(read_only);
                    CAPTURE(disk.reserve);
                    CAPTURE(n);
                    CAPTURE(attempt.machine.faults.log.back());
                    CHECK(attempt.machine.scheduler_runs());
                    CHECK_FALSE(attempt.machine.is_held());
                    const std::string now = attempt.machine.snapshot();
                    CHECK((now == states.old_state || now == states.new_state));
                    if (result) {
                        check_told(*result, attempt, states);
                    } else {
                        CHECK(attempt.why == (read_only ? "read_only" : "disk_full"));
                    }
                    // Somebody makes room, and the agent is started again.
                    attempt.machine.refusing = {};
                    const std::optional<ApplyResult> later = attempt.take_up();
                    REQUIRE(later);
                    check_told(*later, attempt, states);
                    CHECK(attempt.machine.scheduler_runs());
                    CHECK_FALSE(attempt.machine.is_held());
                    CHECK_FALSE(attempt.machine.disk.content(state + "/restart-services").has_value());
                }
        }
}

TEST_CASE("a machine that dies anywhere, its state's disk full or read-only when it is up again") {
    for (const PackageTool tool : {PackageTool::dpkg, PackageTool::rpm})
        for (const Sickness sickness : {Sickness::none, Sickness::dies_at_start}) {
            const States states(tool, sickness);
            for (const bool power : {false, true})
                for (const bool read_only : {false, true})
                    for (int n = 1; n <= states.changes; ++n) {
                        if (!is_due(n)) continue;
                        Attempt attempt(tool, sickness);
                        attempt.machine.faults.plan(n, Fault::crash_torn);
                        std::optional<ApplyResult> result;
                        try {
                            result = attempt.begin();
                        } catch (const Crash&) {
                            power ? attempt.machine.restart_machine() : attempt.machine.restart_agent();
                            attempt.machine.refusing = {state, 0, read_only, ""};
                            result = attempt.take_up();
                        }
                        CAPTURE(int(tool));
                        CAPTURE(int(sickness));
                        CAPTURE(power);
                        CAPTURE(read_only);
                        CAPTURE(n);
                        CAPTURE(attempt.machine.faults.log[std::size_t(n) - 1]);
                        CHECK(attempt.machine.scheduler_runs());
                        if (result) check_told(*result, attempt, states);
                        attempt.machine.refusing = {};
                        const std::optional<ApplyResult> later = attempt.take_up();
                        REQUIRE(later);
                        check_told(*later, attempt, states);
                        CHECK(attempt.machine.scheduler_runs());
                        CHECK_FALSE(attempt.machine.is_held());
                    }
        }
}

TEST_CASE("any file of the attempt damaged when it is taken up: a scheduler runs, and what is told is so") {
    const std::pair<const char*, std::function<std::string(const std::string&)>> damages[] = {
        {"emptied", [](const std::string&) { return std::string(); }},
        {"cut in half", [](const std::string& text) { return text.substr(0, text.size() / 2); }},
        {"cut at a line's end",
         [](const std::string& text) { return text.substr(0, text.rfind('\n', text.size() / 2) + 1); }},
        {"overwritten", [](const std::string& text) { return std::string(text.size(), 'x'); }},
    };
    int needs_attention = 0;
    int told = 0;
    int points = 0;
    for (const Sickness sickness : {Sickness::none, Sickness::dies_at_start}) {
        const States states(PackageTool::dpkg, sickness);
        for (int n = 1; n <= states.changes; n += everything_is_due() ? 1 : 3) {
            if (!is_due(n / 3)) continue;
            ++points;
            std::size_t victims = 1;
            for (std::size_t victim = 0; victim < victims; ++victim)
                for (const auto& damaging : damages) {
                    Attempt attempt(PackageTool::dpkg, sickness);
                    attempt.machine.faults.plan(n, Fault::crash_after);
                    try {
                        attempt.begin();
                        continue;
                    } catch (const Crash&) {
                        attempt.machine.restart_machine();
                    }
                    std::vector<std::string> files;
                    for (const auto& [path, content] : attempt.machine.disk.everything())
                        if (path.starts_with(attempt.folder + "/") && !path.ends_with("/plan.json") &&
                            attempt.machine.disk.content(path))
                            files.push_back(path);
                    victims = files.size();
                    if (victim >= victims) continue;
                    const std::string before = *attempt.machine.disk.content(files[victim]);
                    attempt.machine.disk.put(files[victim], damaging.second(before), 0600);
                    const std::optional<ApplyResult> result = attempt.take_up();
                    CAPTURE(int(sickness));
                    CAPTURE(n);
                    CAPTURE(attempt.machine.faults.log[std::size_t(n) - 1]);
                    CAPTURE(files[victim]);
                    CAPTURE(std::string(damaging.first));
                    CHECK(attempt.machine.scheduler_runs());
                    REQUIRE(result);
                    ++told;
                    if (result->applied == Applied::needs_attention) {
                        ++needs_attention;
                        CHECK(!result->notes.empty());
                    } else {
                        CHECK(attempt.machine.snapshot() ==
                              (is_new(result->applied) ? states.new_state : states.old_state));
                    }
                    CHECK_FALSE(attempt.machine.is_held());
                }
        }
    }
    // Most of it is of no consequence; a person is asked for where a copy was needed that is damaged.
    INFO(told, " of ", points);
    CHECK(points > 3);
    CHECK(told > 10 * points);
    // Of some points only, chance has a part in it.
    if (everything_is_due() || is_due(1)) CHECK(needs_attention < told / 4);
}
