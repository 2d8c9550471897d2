#include "installer/apply.h"

#include "platform/error.h"
#include "tests/fakes/fake_machine.h"
#include "tests/fakes/spread.h"

#include <doctest/doctest.h>

#include <map>

using namespace autodeploy;

namespace {

const std::string old_release = "8.1.25.0";
const std::string new_release = "8.1.27.0";
const std::string state = "/var/lib/autodeploy";
const std::string password_store = "/etc/adsm/TSM.IDX";

/// A deployment whose new program is in use by others: in place only after restarts of the machine.
struct Deployment {
    FakeMachine machine;
    bool restart_allowed = true;

    explicit Deployment(int restarts = 1, PackageTool tool = PackageTool::dpkg) : machine(tool) {
        machine.restarts_wanted[new_release] = restarts;
        machine.disk.put_directory("/var", 0755);
        machine.disk.put_directory("/var/lib", 0755);
        machine.disk.make_private_directory(state);
    }

    StepContext context() {
        return {machine.platform(), machine.client(), folder(), state + "/restart-services", [](const std::string&) {}};
    }
    static std::string folder() { return state + "/attempts/1"; }
    Journal journal() { return Journal::open(machine.platform().files, folder()); }
    bool waits() { return waits_for_restart(journal().state(), machine.platform().clock.boot_id()); }

    ApplyResult begin() {
        PlanTarget target;
        target.attempt = "1";
        target.release = new_release;
        target.target = machine.packages(new_release);
        target.way_back = machine.packages(old_release);
        PlanPolicy policy;
        policy.restart_allowed = restart_allowed;
        Journal begun =
            Journal::begin(machine.platform().files, folder(), make_plan(machine.detection(), target, policy));
        StepContext step_context = context();
        return apply(begun, step_context);
    }
    ApplyResult take_up() {
        if (!machine.disk.content(folder() + "/plan.json")) return {};
        Journal found = journal();
        StepContext step_context = context();
        return apply(found, step_context);
    }
    ApplyResult give_up() {
        Journal found = journal();
        StepContext step_context = context();
        return give_up_restart(found, step_context, "restart_did_not_come", "cannot finish: nobody restarts it");
    }
    ApplyResult after_restart() {
        machine.restart_machine();
        return take_up();
    }
};

std::string good_state(const std::string& release) {
    static std::map<std::string, std::string> states;
    std::string& known = states[release];
    if (!known.empty()) return known;
    Deployment deployment(0);
    if (release == new_release) deployment.begin();
    return known = deployment.machine.snapshot();
}

/// All that must be so, however it ended.
void check_ended(Deployment& deployment, const ApplyResult& result, Applied wanted) {
    INFO(result.message);
    for (const std::string& note : result.notes)
        INFO(note);
    CHECK(result.applied == wanted);
    CHECK(deployment.machine.snapshot() ==
          good_state(wanted == Applied::committed || wanted == Applied::unconfirmed ? new_release : old_release));
    CHECK(deployment.machine.scheduler_runs());
    CHECK_FALSE(deployment.machine.disk.content(state + "/restart-services"));
    CHECK(deployment.take_up() == result);
}

} // namespace

TEST_CASE("an allowed restart is awaited with the services running, and the deployment finished after it") {
    for (const PackageTool tool : {PackageTool::dpkg, PackageTool::rpm}) {
        Deployment deployment(1, tool);
        const ApplyResult waiting = deployment.begin();
        CHECK(waiting.applied == Applied::awaiting_restart);
        CHECK(waiting.cause == "");
        CHECK(waiting.message == "/opt/tivoli/tsm/client/ba/bin/dsmc waits for a restart; 8.1.25.0 runs now, 8.1.27.0 "
                                 "will after a restart of the machine");
        CHECK(waiting.down_ms > 0);
        CHECK(deployment.waits());
        CHECK(deployment.machine.scheduler_runs());
        CHECK(deployment.machine.is_held()); // nothing of it starts at boot before the rest is done
        CHECK(deployment.machine.disk.content(state + "/restart-services"));

        const ApplyResult result = deployment.after_restart();
        check_ended(deployment, result, Applied::committed);
        CHECK(result.down_ms > 0);
    }
}

TEST_CASE("a restart that does not come leaves the services running, however often the agent is started") {
    Deployment deployment;
    const ApplyResult waiting = deployment.begin();
    for (int times = 0; times < 3; ++times) {
        deployment.machine.restart_agent();
        CHECK(deployment.take_up() == waiting);
        CHECK(deployment.machine.scheduler_runs());
    }
    check_ended(deployment, deployment.after_restart(), Applied::committed);
}

TEST_CASE("the time for which the services ran while a restart was awaited is not told as down") {
    Deployment deployment;
    const ApplyResult waiting = deployment.begin();
    deployment.machine.platform().clock.sleep(Milliseconds(3600000));
    const ApplyResult result = deployment.after_restart();
    CHECK(result.down_ms >= waiting.down_ms);
    CHECK(result.down_ms < 60000);
}

TEST_CASE("a password that the scheduler stored while a restart was awaited is kept, on the way there and back") {
    for (const bool sick : {false, true}) {
        Deployment deployment;
        if (sick) deployment.machine.sickness[new_release] = Sickness::dies_later;
        deployment.begin();
        deployment.machine.change_password("a new one");
        const ApplyResult result = deployment.after_restart();
        CHECK(result.applied == (sick ? Applied::rolled_back : Applied::committed));
        CHECK(deployment.machine.disk.content(password_store) == "a new one");
        CHECK(deployment.machine.scheduler_runs());
    }
}

TEST_CASE("what needs a restart that is not allowed goes back") {
    Deployment deployment;
    deployment.restart_allowed = false;
    deployment.machine.pending_is_forgotten = true;
    const ApplyResult result = deployment.begin();
    CHECK(result.cause == "restart_not_allowed");
    check_ended(deployment, result, Applied::rolled_back);
}

TEST_CASE("a way back that only a restart completes is told with what runs now, and finished after it") {
    Deployment deployment;
    deployment.restart_allowed = false;
    const ApplyResult result = deployment.begin();
    CHECK(result.applied == Applied::needs_restart);
    CHECK(result.cause == "restart_not_allowed");
    CHECK(result.message.ends_with("; 8.1.25.0 runs now, and whole after a restart of the machine"));
    CHECK(deployment.waits());
    CHECK(deployment.machine.scheduler_runs());
    CHECK_FALSE(deployment.machine.is_held()); // the machine may be restarted by anyone, at any time
    const ApplyResult again = deployment.take_up();
    CHECK(again.applied == Applied::needs_restart);
    CHECK(again.message == result.message);

    // At the restart the new program takes the place of the old one, which was put back before: that is mended.
    const ApplyResult end = deployment.after_restart();
    CHECK(end.cause == "restart_not_allowed");
    check_ended(deployment, end, Applied::rolled_back);
}

TEST_CASE("a restart that does not help is the only one: back, and whole after whatever restart comes") {
    Deployment deployment(2);
    CHECK(deployment.begin().applied == Applied::awaiting_restart);
    const ApplyResult result = deployment.after_restart();
    CHECK(result.applied == Applied::needs_restart);
    CHECK(result.cause == "restart_not_enough");
    CHECK(deployment.machine.scheduler_runs());
    check_ended(deployment, deployment.after_restart(), Applied::rolled_back);

    Deployment forgetful(2);
    forgetful.machine.pending_is_forgotten = true;
    forgetful.begin();
    check_ended(forgetful, forgetful.after_restart(), Applied::rolled_back);
}

TEST_CASE("waiting for a restart is given up: back at once, or after whatever restart comes") {
    for (const bool forgotten : {false, true}) {
        Deployment deployment;
        deployment.machine.pending_is_forgotten = forgotten;
        deployment.begin();
        ApplyResult result = deployment.give_up();
        CHECK(result.cause == "restart_did_not_come");
        CHECK(deployment.machine.scheduler_runs());
        if (!forgotten) {
            CHECK(result.applied == Applied::needs_restart);
            CHECK(deployment.waits());
            result = deployment.after_restart();
        }
        check_ended(deployment, result, Applied::rolled_back);
    }
}

TEST_CASE("services that do not run while a restart is awaited are told, and the restart still finishes all") {
    Deployment deployment;
    deployment.machine.refused_starts = 6;
    const ApplyResult waiting = deployment.begin();
    CHECK(waiting.applied == Applied::awaiting_restart);
    CHECK(waiting.cause == "service_start_failed");
    CHECK(waiting.notes.back().starts_with("cannot start dsm"));
    CHECK(deployment.take_up().cause == ""); // tried again by the next agent
    check_ended(deployment, deployment.after_restart(), Applied::committed);
}

TEST_CASE("a crash at any change of a deployment that awaits a restart ends entirely old or entirely new") {
    const std::vector<Fault> faults{Fault::error, Fault::error_torn, Fault::crash_before, Fault::crash_torn,
                                    Fault::crash_after};
    struct Row {
        int restarts;
        bool allowed;
        Sickness sickness;
    };
    int number = 0;
    for (const Row& row : {Row{1, true, Sickness::none}, Row{1, false, Sickness::none}, Row{2, true, Sickness::none},
                           Row{1, true, Sickness::dies_at_start}, Row{1, true, Sickness::changes_options}})
        for (const bool power_goes : {false, true})
            for (const bool forgotten : {false, true})
                for (const Fault fault : faults) {
                    ++number;
                    bool happened = true;
                    for (int k = 1; happened; ++k) {
                        REQUIRE(k < 400);
                        if (!is_due(number + k)) continue;
                        CAPTURE(row.restarts);
                        CAPTURE(row.allowed);
                        CAPTURE(int(row.sickness));
                        CAPTURE(power_goes);
                        CAPTURE(forgotten);
                        CAPTURE(int(fault));
                        CAPTURE(k);
                        Deployment deployment(row.restarts);
                        deployment.restart_allowed = row.allowed;
                        deployment.machine.pending_is_forgotten = forgotten;
                        deployment.machine.sickness[new_release] = row.sickness;
                        deployment.machine.faults.plan(k, fault);
                        bool begun = false;
                        int restarts = 0;
                        std::optional<ApplyResult> result;
                        for (int turns = 0; turns < 12 && !result; ++turns) {
                            try {
                                const ApplyResult now =
                                    begun ? deployment.take_up() : (begun = true, deployment.begin());
                                if (now.applied != Applied::awaiting_restart && now.applied != Applied::needs_restart) {
                                    result = now;
                                    continue;
                                }
                                // Nothing but a sick new program keeps a service from running meanwhile; the agent then
                                // gives up.
                                const bool told =
                                    now.cause == "service_start_failed" && row.sickness == Sickness::dies_at_start;
                                CHECK((deployment.machine.scheduler_runs() || told));
                                // What is planned to go wrong may do so after the restart.
                                const int left = k - deployment.machine.faults.count();
                                deployment.machine.restart_machine();
                                if (left > 0) deployment.machine.faults.plan(left, fault);
                                ++restarts;
                            } catch (const Crash&) {
                                if (power_goes) {
                                    deployment.machine.restart_machine();
                                    ++restarts;
                                } else {
                                    deployment.machine.restart_agent();
                                }
                            } catch (const Error&) { // a mark could not be written: again
                            }
                        }
                        happened = deployment.machine.faults.count() >= k;
                        REQUIRE(result);
                        INFO(result->message);
                        CHECK(restarts <= 4);
                        CHECK(result->applied != Applied::needs_attention);
                        const bool is_new = result->applied == Applied::committed;
                        if (is_new)
                            CHECK(((row.allowed || power_goes) && row.restarts <= restarts &&
                                   row.sickness != Sickness::dies_at_start));
                        CHECK(deployment.machine.snapshot() == good_state(is_new ? new_release : old_release));
                        CHECK(deployment.machine.scheduler_runs());
                        CHECK_FALSE(deployment.machine.disk.content(state + "/restart-services"));
                    }
                }
}
