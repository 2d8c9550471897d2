#include "installer/apply.h"

#include "platform/error.h"
#include "tests/fakes/fake_machine.h"
#include "tests/fakes/spread.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

const std::string old_release = "8.1.25.0";
const std::string new_release = "8.1.27.0";
const std::string state = "/var/lib/autodeploy";

const std::vector<Fault> all_faults{Fault::error, Fault::error_torn, Fault::crash_before, Fault::crash_torn,
                                    Fault::crash_after};

enum class Ending { agent_dies, power_goes };

struct Kind {
    PackageTool tool;
    Move move;
};
const std::vector<Kind> kinds{{PackageTool::dpkg, Move::none},
                              {PackageTool::rpm, Move::none},
                              {PackageTool::dpkg, Move::to_64_bit},
                              {PackageTool::dpkg, Move::windows_to_64_bit}};

/// There is nothing to install before the stop.
const std::map<std::string, std::string> newer_runtimes{{"VC", "v14.40.1.00"}, {"JRE", "15.0"}};

/// One deployment on a fake machine, as the agent makes it: a plan, a journal, apply; after a crash the journal again.
struct Deployment {
    FakeMachine machine;
    std::string to = new_release;
    int attempt = 1;
    PlanPolicy policy;

    explicit Deployment(PackageTool tool, Move move = Move::none) : machine(tool, move) {
        machine.disk.put_directory("/var", 0755);
        machine.disk.put_directory("/var/lib", 0755);
        machine.disk.make_private_directory(state);
    }

    StepContext context() {
        return {machine.platform(), machine.client(), folder(), state + "/restart-services", [](const std::string&) {}};
    }
    std::string folder() const { return state + "/attempts/" + std::to_string(attempt); }

    Plan plan() {
        PlanTarget target;
        target.attempt = std::to_string(attempt);
        target.release = to;
        target.bits = machine.bits(to);
        target.target = machine.packages(to);
        target.way_back = machine.packages(old_release);
        target.prerequisites = machine.prerequisites(to);
        return make_plan(machine.detection(), target, policy);
    }

    ApplyResult begin() {
        Journal journal = Journal::begin(machine.platform().files, folder(), plan());
        StepContext step_context = context();
        return apply(journal, step_context);
    }

    ApplyResult take_up() {
        if (!machine.disk.content(folder() + "/plan.json")) return {};
        Journal journal = Journal::open(machine.platform().files, folder());
        StepContext step_context = context();
        return apply(journal, step_context);
    }

    void die(Ending ending) {
        ending == Ending::power_goes ? machine.restart_machine() : machine.restart_agent();
        // Were this the last that is heard of the agent, the rescue program would start them.
        const std::string list = machine.disk.content(state + "/restart-services").value_or("");
        for (const std::string& name : machine.stopped()) {
            CAPTURE(name);
            CHECK(list.find(name + "\n") != std::string::npos);
        }
    }
    bool says_that_it_goes_back() {
        return machine.disk.content(folder() + "/journal").value_or("").find("\"going back\"") != std::string::npos;
    }

    /// Takes the deployment up until it has ended. second: one more fault in the recovery.
    ApplyResult recover(Ending ending, int second = 0, Fault fault = Fault::error) {
        if (second > 0) machine.faults.plan(second, fault);
        for (int tries = 0; tries < 6; ++tries) {
            try {
                return take_up();
            } catch (const Crash&) {
                die(ending);
            } catch (const Error&) { // the result could not be written: again
            }
        }
        FAIL("the deployment does not come to an end");
        return {};
    }

    ApplyResult run_with(int first, Fault fault, Ending ending, int second = 0, Fault second_fault = Fault::error) {
        machine.faults.reset_count();
        machine.faults.plan(first, fault);
        try {
            const ApplyResult result = begin();
            machine.faults.none();
            return result;
        } catch (const Crash&) {
            die(ending);
        } catch (const Error&) {
        }
        return recover(ending, second, second_fault);
    }
};

bool is_new(Applied applied) {
    return applied == Applied::committed || applied == Applied::unconfirmed;
}

struct Judge {
    std::string old_state;
    std::string new_state;

    explicit Judge(PackageTool tool, Sickness sickness = Sickness::none, Move move = Move::none) {
        Deployment deployment(tool, move);
        deployment.machine.sickness[new_release] = sickness;
        old_state = deployment.machine.snapshot();
        deployment.begin();
        new_state = deployment.machine.snapshot();
    }

    void check(Deployment& deployment, const ApplyResult& result) const {
        const std::string now = deployment.machine.snapshot();
        INFO(result.message);
        CHECK(deployment.machine.scheduler_runs());
        CHECK_FALSE(deployment.machine.is_held());
        CHECK_FALSE(deployment.machine.disk.content(state + "/restart-services").has_value());
        CHECK(result.applied != Applied::needs_attention);
        CHECK(deployment.machine.ran_without_runtime.empty());
        CHECK(now == (is_new(result.applied) ? new_state : old_state));
    }
};

int changes_of(PackageTool tool, Sickness sickness, Move move = Move::none) {
    Deployment deployment(tool, move);
    deployment.machine.sickness[new_release] = sickness;
    deployment.machine.faults.reset_count();
    deployment.begin();
    return deployment.machine.faults.count();
}

} // namespace

TEST_CASE("a healthy release is installed and committed") {
    Deployment deployment(PackageTool::dpkg);
    const std::string before = deployment.machine.snapshot();
    const ApplyResult result = deployment.begin();
    CHECK(result.message == "");
    CHECK(result.applied == Applied::committed);
    CHECK(result.down_ms > 0);
    CHECK(deployment.machine.snapshot() != before);
    CHECK(deployment.machine.scheduler_runs());
    CHECK(deployment.take_up() == result); // ended is ended
}

TEST_CASE("a 32-bit client becomes a 64-bit one in another directory, or back, or stays as it was") {
    struct Row {
        Move move;
        Sickness sickness;
    };
    for (const Row& row : {Row{Move::to_64_bit, Sickness::none}, Row{Move::to_64_bit, Sickness::dies_at_start},
                           Row{Move::to_64_bit, Sickness::wrong_version}, Row{Move::to_32_bit, Sickness::none},
                           Row{Move::to_32_bit, Sickness::dies_at_start}}) {
        const Sickness sickness = row.sickness;
        CAPTURE(int(row.move));
        CAPTURE(int(sickness));
        std::string old_place = "/usr/tivoli/tsm/client/ba/bin/", new_place = "/usr/tivoli/tsm/client/ba/bin64/";
        if (row.move == Move::to_32_bit) old_place.swap(new_place);
        Deployment deployment(PackageTool::dpkg, row.move);
        deployment.machine.sickness[new_release] = sickness;
        const std::string before = deployment.machine.snapshot();
        const ApplyResult result = deployment.begin();
        INFO(result.message);
        CHECK(deployment.machine.scheduler_runs());
        if (sickness == Sickness::none) {
            CHECK(result.applied == Applied::committed);
            CHECK(deployment.machine.disk.content(new_place + "dsm.opt") ==
                  deployment.machine.disk.content(old_place + "dsm.opt"));
            CHECK_FALSE(deployment.machine.disk.content(old_place + "dsmc").has_value());
            CHECK(deployment.machine.snapshot().find("dsmcad.service runs " + new_place + "dsmc") != std::string::npos);
        } else {
            CHECK(result.applied == Applied::rolled_back);
            CHECK(deployment.machine.snapshot() == before);
        }
    }
}

TEST_CASE("on Windows settings and files of a 32-bit client come along, and nothing of it is left in the old places") {
    for (const Move move : {Move::windows_to_64_bit, Move::windows_to_32_bit})
        for (const Sickness sickness : {Sickness::none, Sickness::dies_at_start, Sickness::wrong_version}) {
            CAPTURE(int(move));
            CAPTURE(int(sickness));
            std::string old_place = "C:\\Program Files (x86)\\Tivoli", new_place = "C:\\Program Files\\Tivoli";
            std::string old_view = "HKLM32", new_view = "HKLM64";
            if (move == Move::windows_to_32_bit) {
                old_place.swap(new_place);
                old_view.swap(new_view);
            }
            Deployment deployment(PackageTool::dpkg, move);
            deployment.machine.runtimes = newer_runtimes;
            deployment.machine.sickness[new_release] = sickness;
            const std::string before = deployment.machine.snapshot();
            const ApplyResult result = deployment.begin();
            INFO(result.message);
            const std::string after = deployment.machine.snapshot();
            CHECK(deployment.machine.scheduler_runs());
            if (sickness != Sickness::none) {
                CHECK(result.applied == Applied::rolled_back);
                CHECK(after == before);
                continue;
            }
            CHECK(result.applied == Applied::committed);
            CHECK(result.notes == std::vector<std::string>{});
            CHECK_FALSE(deployment.machine.disk.status(old_place).has_value());
            CHECK(after.find(old_view) == std::string::npos);
            CHECK(deployment.machine.disk.content(new_place + "\\TSM\\baclient\\dsm.opt") == "SERVERNAME backup1\n");
            CHECK(after.find(new_view +
                             "\\SOFTWARE\\IBM\\ADSM\\CurrentVersion\\BackupClient\\Scheduler Service\\second "
                             "interval 4:0c000000") != std::string::npos);
        }
}

TEST_CASE("an old file that an options file names stays, and its directory with it") {
    const std::string old_place = "C:\\Program Files (x86)\\Tivoli\\TSM\\baclient\\";
    Deployment deployment(PackageTool::dpkg, Move::windows_to_64_bit);
    deployment.machine.runtimes = newer_runtimes;
    deployment.machine.disk.put(old_place + "dsm.opt", "INCLEXCL \"" + old_place + "DSM.SYS\"\n");
    const ApplyResult result = deployment.begin();
    CHECK(result.applied == Applied::committed);
    CHECK(deployment.machine.disk.content(old_place + "dsm.sys").has_value());
    CHECK_FALSE(deployment.machine.disk.content(old_place + "dsm.opt").has_value());
    REQUIRE_FALSE(result.notes.empty());
    CHECK(result.notes[0] == old_place + "dsm.sys stays: an options file names it");
}

TEST_CASE("runtimes that a release needs are installed while the client works, and stay if it is led back") {
    for (const Sickness sickness : {Sickness::none, Sickness::dies_at_start}) {
        Deployment deployment(PackageTool::dpkg, Move::windows_to_64_bit);
        deployment.machine.sickness[new_release] = sickness;
        const Plan plan = deployment.plan();
        REQUIRE(std::holds_alternative<InstallPrerequisites>(plan.steps.at(1)));
        CHECK(plan_text(plan).find("2. install what the release needs, while the client works: VC 14.38, JRE 14.38\n"
                                   "   undo: nothing: they stay") != std::string::npos);
        CHECK(plan_from_json(plan_json(plan)) == plan);
        const ApplyResult result = deployment.begin();
        INFO(result.message);
        CHECK(result.applied == (sickness == Sickness::none ? Applied::committed : Applied::rolled_back));
        CHECK(deployment.machine.ran_without_runtime.empty());
        CHECK(deployment.machine.runtimes ==
              std::map<std::string, std::string>{{"JRE", "v14.38.00"}, {"VC", "v14.38.00"}});
        REQUIRE(result.notes.size() == 2);
        CHECK(result.notes[0] == "VC v14.38.00 was installed before the client was stopped (it was missing); it stays, "
                                 "whatever becomes of the client, as other programs may use it");
        CHECK(result.notes[1].find("JRE v14.38.00 was installed before the client was stopped (there was 8.0.7.20)") ==
              0);
        // Whoever has them is not asked again.
        CHECK(deployment.machine.prerequisites(new_release).empty());
    }
    Deployment without(PackageTool::dpkg);
    CHECK(std::holds_alternative<StopServices>(without.plan().steps.at(1)));
}

TEST_CASE(
    "a runtime that cannot be installed, or not now, or not without a restart, ends before the client is stopped") {
    struct Row {
        const char* what;
        std::function<void(FakeMachine&)> change;
        bool restart_allowed;
        Applied applied;
        const char* cause;
    };
    for (const Row& row : std::vector<Row>{
             {"it fails", [](FakeMachine& m) { m.runtimes_fail = 1; }, false, Applied::rolled_back,
              "prerequisite_failed"},
             {"another installer works", [](FakeMachine& m) { m.busy_calls = 1; }, false, Applied::busy, "busy"},
             {"another file", [](FakeMachine& m) { m.disk.put("/staging/VC", "other"); }, false, Applied::rolled_back,
              "payload_mismatch"},
             {"a restart", [](FakeMachine& m) { m.runtimes_wait_for_restart = true; }, false, Applied::rolled_back,
              "restart_not_allowed"},
             {"a restart, allowed", [](FakeMachine& m) { m.runtimes_wait_for_restart = true; }, true,
              Applied::awaiting_restart, ""}}) {
        CAPTURE(row.what);
        Deployment deployment(PackageTool::dpkg, Move::windows_to_64_bit);
        deployment.policy.restart_allowed = row.restart_allowed;
        const Plan plan = deployment.plan();
        row.change(deployment.machine);
        const std::string before = deployment.machine.snapshot();
        Journal journal = Journal::begin(deployment.machine.platform().files, deployment.folder(), plan);
        StepContext context = deployment.context();
        const ApplyResult result = apply(journal, context);
        INFO(result.message);
        CHECK(result.applied == row.applied);
        CHECK(result.cause == row.cause);
        CHECK(result.down_ms == 0);
        const std::vector<std::string>& changes = deployment.machine.faults.log;
        CHECK(std::none_of(changes.begin(), changes.end(),
                           [](const std::string& change) { return change.starts_with("stop "); }));
        CHECK(deployment.machine.snapshot() == before);
        if (row.applied != Applied::awaiting_restart) continue;
        deployment.machine.runtimes_wait_for_restart = false;
        deployment.machine.restart_machine();
        CHECK(deployment.take_up().applied == Applied::committed);
        CHECK(deployment.machine.ran_without_runtime.empty());
    }
}

TEST_CASE("each sick release ends as it must") {
    struct Row {
        Sickness sickness;
        Applied applied;
        const char* cause;
    };
    for (const Row& row : std::vector<Row>{{Sickness::dies_at_start, Applied::rolled_back, "service_start_failed"},
                                           {Sickness::dies_later, Applied::rolled_back, "service_did_not_stay_up"},
                                           {Sickness::loses_server, Applied::rolled_back, "server_not_reached"},
                                           {Sickness::wrong_version, Applied::rolled_back, "package_files_differ"},
                                           {Sickness::script_fails, Applied::rolled_back, "package_install_failed"},
                                           {Sickness::drops_unit, Applied::committed, ""},
                                           {Sickness::changes_options, Applied::committed, ""},
                                           {Sickness::starts_service, Applied::committed, ""}})
        for (const PackageTool tool : {PackageTool::dpkg, PackageTool::rpm}) {
            CAPTURE(int(row.sickness));
            Deployment deployment(tool);
            deployment.machine.sickness[new_release] = row.sickness;
            const std::string before = deployment.machine.snapshot();
            const ApplyResult result = deployment.begin();
            INFO(result.message);
            CHECK(result.applied == row.applied);
            CHECK(result.cause == row.cause);
            CHECK(deployment.machine.scheduler_runs());
            if (row.applied == Applied::rolled_back) CHECK(deployment.machine.snapshot() == before);
            CHECK(deployment.machine.disk.content("/opt/tivoli/tsm/client/ba/bin/dsm.opt") == "SERVERNAME backup1\n");
        }
}

TEST_CASE("what the administrator changed while a sick release was tried stays so, and the report says it") {
    Deployment deployment(PackageTool::dpkg);
    deployment.machine.sickness[new_release] = Sickness::dies_at_start;
    const std::string options = "/opt/tivoli/tsm/client/ba/bin/dsm.opt";
    Journal journal = Journal::begin(deployment.machine.platform().files, deployment.folder(), deployment.plan());
    StepContext context = deployment.context();
    context.progress = [&](const std::string& line) {
        if (line == "going back: verify") deployment.machine.disk.put(options, "SERVERNAME moved\n");
    };
    const ApplyResult result = apply(journal, context);
    CHECK(result.applied == Applied::rolled_back);
    CHECK(deployment.machine.disk.content(options) == "SERVERNAME moved\n");
    CHECK(result.notes ==
          std::vector<std::string>{options + " was changed by somebody else during the deployment and was kept so"});
}

TEST_CASE("a client that its database did not call whole is rolled back to a whole one, and that is the old state") {
    for (const char* word : {"iF", "APPLIED"}) {
        CAPTURE(word);
        Deployment deployment(PackageTool::dpkg);
        const std::string whole = deployment.machine.snapshot();
        deployment.machine.put_state(word);
        deployment.machine.sickness[new_release] = Sickness::dies_at_start;
        const ApplyResult result = deployment.begin();
        INFO(result.message);
        CHECK(result.applied == Applied::rolled_back);
        CHECK(deployment.machine.snapshot() == whole);
    }
}

TEST_CASE("a server that nobody reaches leaves the new release in place, unconfirmed") {
    Deployment deployment(PackageTool::dpkg);
    deployment.machine.server_is_up = false;
    CHECK(deployment.begin().applied == Applied::unconfirmed);
}

TEST_CASE("a scheduler whose own server was down before is not held against the new release") {
    Deployment deployment(PackageTool::dpkg);
    deployment.machine.cut_off = {"dsmsched2.service"};
    CHECK(deployment.begin().applied == Applied::committed);

    Deployment sick(PackageTool::dpkg); // the other one did reach its server, and does not any more
    sick.machine.cut_off = {"dsmsched2.service"};
    sick.machine.sickness[new_release] = Sickness::loses_server;
    const ApplyResult result = sick.begin();
    CHECK(result.applied == Applied::rolled_back);
    CHECK(result.cause == "server_not_reached");
}

TEST_CASE("where no scheduler reached its server before, an update is unconfirmed until one does") {
    Deployment deployment(PackageTool::dpkg);
    deployment.machine.cut_off = {"dsmcad.service", "dsmsched2.service"};
    const ApplyResult result = deployment.begin();
    CHECK(result.applied == Applied::unconfirmed);
    REQUIRE(!result.notes.empty());
    CHECK(result.notes.back().find("whether it could before is not known") != std::string::npos);
}

TEST_CASE("another package tool at work unwinds to the state before and is no failure of the release") {
    Deployment deployment(PackageTool::dpkg);
    const std::string before = deployment.machine.snapshot();
    deployment.machine.busy_calls = 1;
    const ApplyResult result = deployment.begin();
    CHECK(result.applied == Applied::busy);
    CHECK(deployment.machine.snapshot() == before);
    CHECK_FALSE(deployment.machine.is_held());
}

TEST_CASE("a scriptlet that failed and harmed nothing is judged by the files, or by policy puts all back") {
    for (const bool must_succeed : {false, true}) {
        Deployment deployment(PackageTool::dpkg);
        deployment.machine.scriptlets_grumble = true;
        deployment.policy.scriptlets_must_succeed = must_succeed;
        const std::string before = deployment.machine.snapshot();
        const ApplyResult result = deployment.begin();
        CHECK(result.applied == (must_succeed ? Applied::rolled_back : Applied::committed));
        CHECK(result.cause == (must_succeed ? "scriptlet_failed" : ""));
        CHECK((deployment.machine.snapshot() == before) == must_succeed);
        const std::string told = must_succeed ? result.message : result.notes.at(0);
        CHECK(told.find("tivsm-ba: its postinst failed") != std::string::npos);
        CHECK(deployment.machine.scheduler_runs());
    }
}

TEST_CASE("a scriptlet's failure that the policy does not accept is not forgotten in a crash at any change") {
    for (const PackageTool tool : {PackageTool::dpkg, PackageTool::rpm}) {
        const auto grumble = [](Deployment& deployment) {
            deployment.machine.scriptlets_grumble = true;
            deployment.policy.scriptlets_must_succeed = true;
        };
        Deployment whole(tool);
        grumble(whole);
        const std::string before = whole.machine.snapshot();
        whole.machine.faults.reset_count();
        whole.begin();
        const int changes = whole.machine.faults.count();
        for (const Ending ending : {Ending::agent_dies, Ending::power_goes})
            for (const Fault fault : {Fault::crash_before, Fault::crash_torn, Fault::crash_after})
                for (int k = 1; k <= changes; ++k) {
                    CAPTURE(k);
                    CAPTURE(int(fault));
                    CAPTURE(int(ending));
                    Deployment deployment(tool);
                    grumble(deployment);
                    const ApplyResult result = deployment.run_with(k, fault, ending);
                    INFO(result.message);
                    CHECK((result.applied == Applied::rolled_back || result.applied == Applied::untouched));
                    CHECK(deployment.machine.snapshot() == before);
                    CHECK(deployment.machine.scheduler_runs());
                }
    }
}

TEST_CASE("processes of the client that are left are given up on, awaited or ended, as the policy says") {
    enum class Policy { give_up, wait, end };
    struct Row {
        const char* what;
        Policy policy;
        FakeMachine::LeftOver process;
        bool updated;
        bool killed;
    };
    const std::string dsmc = "/opt/tivoli/tsm/client/ba/bin/dsmc";
    const Milliseconds never{-1};
    const Milliseconds soon{20000};
    const Milliseconds late{90000};
    for (const Row& row : std::vector<Row>{
             {"nothing of it is touched", Policy::give_up, {dsmc, late, soon}, false, false},
             {"it ends in time", Policy::wait, {dsmc, soon, never}, true, false},
             {"it ends too late", Policy::wait, {dsmc, late, soon}, false, false},
             {"it ends when asked", Policy::end, {dsmc, never, soon}, true, false},
             {"it does not end when asked", Policy::end, {dsmc, never, never}, true, true},
             {"it takes too long", Policy::end, {dsmc, never, late}, true, true},
             {"the journal daemon is asked only", Policy::end, {"/opt/tivoli/tsm/client/ba/bin/tsmjbbd"}, false, false},
             {"somebody else's", Policy::give_up, {"/opt/tivoli/tsm/client/ba/binary"}, true, false},
         }) {
        CAPTURE(row.what);
        Deployment deployment(PackageTool::dpkg);
        deployment.machine.left_over = {row.process};
        deployment.policy.end_remaining = row.policy == Policy::end;
        deployment.policy.await_remaining = row.policy == Policy::wait;
        deployment.policy.process_deadline_ms = 60000;
        const std::string before = deployment.machine.snapshot();
        const ApplyResult result = deployment.begin();
        INFO(result.message);
        CHECK(result.applied == (row.updated ? Applied::committed : Applied::rolled_back));
        CHECK(result.cause == (row.updated ? "" : "client_process_remains"));
        CHECK(deployment.machine.left_over[0].killed == row.killed);
        CHECK((deployment.machine.snapshot() == before) == !row.updated);
        CHECK(deployment.machine.scheduler_runs());
        CHECK(result.down_ms < 90000);
    }
}

TEST_CASE("a process that is left is seen below a directory of Windows, too, and its journal service is never killed") {
    const std::string directory = "C:\\Program Files\\Tivoli\\TSM\\baclient";
    for (const char* name : {"dsmc.exe", "tsmjbbd.exe"}) {
        CAPTURE(name);
        Deployment deployment(PackageTool::dpkg);
        deployment.policy.end_remaining = true;
        deployment.policy.process_deadline_ms = 60000;
        deployment.machine.left_over = {{directory + "\\" + name}};
        Plan plan = deployment.plan();
        for (Step& step : plan.steps)
            if (auto* const stop = std::get_if<StopServices>(&step)) stop->program_directories = {directory};
        Journal journal = Journal::begin(deployment.machine.platform().files, deployment.folder(), plan);
        StepContext context = deployment.context();
        const ApplyResult result = apply(journal, context);
        const bool journal_service = std::string(name) != "dsmc.exe";
        CHECK(result.cause == (journal_service ? "client_process_remains" : ""));
        CHECK(deployment.machine.left_over[0].killed == !journal_service);
    }
}

TEST_CASE("one fault at any change ends entirely old or entirely new, and new for a healthy package that crashed") {
    int row = 0;
    for (const Kind& kind : kinds)
        for (const bool can_hold : {true, false})
            for (const Sickness sickness :
                 {Sickness::none, Sickness::dies_at_start, Sickness::changes_options, Sickness::script_fails}) {
                const Judge judge(kind.tool, sickness, kind.move);
                const int changes = changes_of(kind.tool, sickness, kind.move);
                REQUIRE(changes > 20);
                for (const Ending ending : {Ending::agent_dies, Ending::power_goes})
                    for (const Fault fault : all_faults) {
                        ++row;
                        for (int k = 1; k <= changes + 5; ++k) {
                            if (!is_due(row + k)) continue;
                            Deployment deployment(kind.tool, kind.move);
                            deployment.machine.sickness[new_release] = sickness;
                            deployment.machine.can_hold = can_hold;
                            ApplyResult result = deployment.run_with(k, fault, ending);
                            CAPTURE(k);
                            CAPTURE(int(fault));
                            CAPTURE(int(ending));
                            CAPTURE(int(sickness));
                            CAPTURE(can_hold);
                            CAPTURE(int(kind.move));
                            CAPTURE(
                                deployment.machine.faults
                                    .log[std::size_t(std::min<int>(k, int(deployment.machine.faults.log.size()))) - 1]);
                            judge.check(deployment, result);
                            const bool crashed = fault != Fault::error && fault != Fault::error_torn;
                            if (sickness != Sickness::none || !crashed) continue;
                            if (result.applied == Applied::untouched) {
                                ++deployment.attempt; // the next trigger
                                result = deployment.begin();
                            }
                            CHECK(is_new(result.applied));
                        }
                    }
            }
}

TEST_CASE("a release that only verification finds sick is rolled back from a crash at any change") {
    for (const Sickness sickness : {Sickness::dies_later, Sickness::wrong_version}) {
        const Judge judge(PackageTool::dpkg, sickness);
        const int changes = changes_of(PackageTool::dpkg, sickness);
        for (const Ending ending : {Ending::agent_dies, Ending::power_goes})
            for (int k = 1; k <= changes; ++k) {
                CAPTURE(k);
                CAPTURE(int(ending));
                CAPTURE(int(sickness));
                Deployment deployment(PackageTool::dpkg);
                deployment.machine.sickness[new_release] = sickness;
                const ApplyResult result = deployment.run_with(k, Fault::crash_after, ending);
                judge.check(deployment, result);
                CHECK_FALSE(is_new(result.applied));
            }
    }
}

TEST_CASE("who has begun to go back goes back, even if the release would work by now") {
    const int changes = changes_of(PackageTool::rpm, Sickness::dies_later);
    int gone_back = 0;
    for (int k = 1; k <= changes; ++k) {
        CAPTURE(k);
        Deployment deployment(PackageTool::rpm);
        const std::string before = deployment.machine.snapshot();
        deployment.machine.sickness[new_release] = Sickness::dies_later;
        deployment.machine.faults.reset_count();
        deployment.machine.faults.plan(k, Fault::crash_after);
        try {
            deployment.begin();
            continue;
        } catch (const Crash&) {
            deployment.die(Ending::agent_dies);
        }
        if (!deployment.says_that_it_goes_back()) continue;
        ++gone_back;
        deployment.machine.sickness.clear();
        CHECK(deployment.recover(Ending::agent_dies).applied == Applied::rolled_back);
        CHECK(deployment.machine.snapshot() == before);
    }
    CHECK(gone_back > 10);
}

TEST_CASE("a service that does not start again at once on the way back is tried once more at the very end") {
    for (int refused = 0; refused < 8; ++refused) {
        CAPTURE(refused);
        Deployment deployment(PackageTool::dpkg);
        deployment.machine.sickness[new_release] = Sickness::script_fails; // it comes to no start before
        deployment.machine.refused_starts = refused;
        deployment.begin();
        CHECK(deployment.machine.scheduler_runs());
        CHECK_FALSE(deployment.machine.is_held());
    }
}

TEST_CASE(
    "nobody else can start a service while packages are replaced, on the way there and back, whenever a crash comes") {
    for (const Sickness sickness : {Sickness::none, Sickness::dies_at_start}) {
        const int changes = changes_of(PackageTool::dpkg, sickness);
        for (int k = 0; k <= changes; ++k) {
            CAPTURE(k);
            CAPTURE(int(sickness));
            Deployment deployment(PackageTool::dpkg);
            deployment.machine.sickness[new_release] = sickness;
            deployment.machine.somebody_starts = true;
            const ApplyResult result = deployment.run_with(k, Fault::crash_after, Ending::agent_dies);
            INFO(result.message);
            CHECK(deployment.machine.ran_while_replaced.empty());
            CHECK(deployment.machine.scheduler_runs());
        }
    }
}

TEST_CASE("a service that did not run before stays idle and is held by nothing, whenever a crash comes") {
    for (const Ending ending : {Ending::agent_dies, Ending::power_goes}) {
        Deployment whole(PackageTool::dpkg);
        whole.machine.leave_idle("dsmsched2.service");
        whole.machine.faults.reset_count();
        whole.begin();
        const int changes = whole.machine.faults.count();
        for (int k = 1; k <= changes; ++k) {
            CAPTURE(k);
            CAPTURE(int(ending));
            Deployment deployment(PackageTool::dpkg);
            deployment.machine.leave_idle("dsmsched2.service");
            const ApplyResult result = deployment.run_with(k, Fault::crash_after, ending);
            CHECK((is_new(result.applied) || result.applied == Applied::untouched));
            CHECK(deployment.machine.scheduler_runs());
            CHECK_FALSE(deployment.machine.is_held());
            CHECK(deployment.machine.snapshot().find("dsmsched2") != std::string::npos);
        }
    }
}

TEST_CASE("a second fault during the recovery from the first ends entirely old or entirely new") {
    const std::vector<Fault> faults{Fault::error, Fault::crash_torn, Fault::crash_after};
    int row = 0;
    for (const Kind& kind : kinds)
        for (const Sickness sickness : {Sickness::none, Sickness::dies_at_start}) {
            const Judge judge(kind.tool, sickness, kind.move);
            const int changes = changes_of(kind.tool, sickness, kind.move);
            for (const Ending ending : {Ending::agent_dies, Ending::power_goes})
                for (const Fault first : {Fault::crash_torn, Fault::crash_after}) {
                    ++row;
                    for (const Fault second : faults) {
                        ++row;
                        for (int k = 1; k <= changes; ++k)
                            for (int n = 1; n < 60; ++n) {
                                // All of it takes a minute and a half; else a spread of them.
                                const int lot = k * 7 + n;
                                if (!everything_is_due() && (lot % 11 != 0 || !is_due(lot / 11 + row))) continue;
                                Deployment deployment(kind.tool, kind.move);
                                deployment.machine.sickness[new_release] = sickness;
                                const ApplyResult result = deployment.run_with(k, first, ending, n, second);
                                const bool second_happened = deployment.machine.faults.happened();
                                CAPTURE(k);
                                CAPTURE(n);
                                CAPTURE(int(first));
                                CAPTURE(int(second));
                                CAPTURE(int(ending));
                                CAPTURE(int(kind.move));
                                judge.check(deployment, result);
                                if (!second_happened) break;
                            }
                    }
                }
        }
}
