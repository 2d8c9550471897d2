#include "agent/deployment.h"

#include "tests/agent/fake_parts.h"
#include "tests/installer/repository/bench.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

using namespace autodeploy;

namespace {

constexpr UnixTime minute = 60;
constexpr UnixTime hour = 3600;
constexpr UnixTime day = 86400;

/// Central Europe in 2026: UTC+1, UTC+2 from 29 March 01:00 UTC to 25 October 01:00 UTC. Both are Sundays.
constexpr UnixTime spring = 1774746000;
constexpr UnixTime autumn = 1792890000;

class BerlinClock : public FakeClock {
  public:
    using FakeClock::FakeClock;
    Seconds local_offset(UnixTime at) override { return Seconds(at >= spring && at < autumn ? 7200 : 3600); }
};

/// Chooses as every client does, from what the repository offers all of them.
class FleetParts : public FakeParts {
  public:
    Offers offers;
    Choice choose(const ChoiceInput& input, const RepositoryView& seen) override {
        return choose_release(input, offers, halt, seen.packages);
    }
};

class Waiting : public DeploymentControl {
  public:
    explicit Waiting(FakeClock& clock) : clock_(clock) {}
    Wish wish() override { return now; }
    std::string cancelled_by() override { return "nobody"; }
    std::vector<Request> joined() override { return {}; }
    void joined_are_safe(const std::vector<Request>&) override {}
    void wait(Milliseconds time) override {
        clock_.pass(time);
        if (on_wait) on_wait();
    }
    bool begin_change() override { return true; }
    void end_change() override {}
    Wish now = Wish::none;
    std::function<void()> on_wait;

  private:
    FakeClock& clock_;
};

/// One client of the fleet, from its trigger to its report.
struct Client {
    FakeFileSystem files;
    BerlinClock clock;
    FakeServiceHost host{clock};
    StandardPaths paths = test_paths();
    Settings settings;
    Progress progress{files, clock, host, paths.status()};
    FleetParts parts;
    Waiting control{clock};
    DeploymentState state;
    std::optional<UnixTime> changed_at;

    Client(const std::string& node, UnixTime accepted_at) : clock(accepted_at) {
        files.put_directory("/state", 0700);
        parts.found.services[0].node_name = node;
        Offer offer;
        offer.release = {8, 1, 27, 0};
        parts.offers.offers.push_back(offer);
        parts.on["apply"] = [this] { changed_at = clock.now(); };
        state.request.id = "20260101T000000Z-0001";
        state.request.kind = RequestKind::trigger;
        state.request.accepted_at = accepted_at;
        settings.mode = Mode::armed;
    }
    void window(const std::string& rule) { settings.wait.window.rules = {parse_window_rule(rule)}; }
    std::optional<Report> run() {
        Deployment deployment({parts, files, clock, settings, paths, progress}, control, state);
        auto report = deployment.run();
        state = deployment.state();
        return report;
    }
    Report report() {
        auto report = run();
        REQUIRE(report);
        return *report;
    }
};

/// 2026-03-28T12:00:00Z and the like: noon of the day before a change of the clocks.
constexpr UnixTime before_spring = spring - 13 * hour;
constexpr UnixTime before_autumn = autumn - 13 * hour;

std::string node_name(int number) {
    const char* kinds[] = {"WEB", "DB", "FILE", "MAIL"};
    return std::string(kinds[number % 4]) + std::to_string(number);
}

Choice choice_of(const std::string& node, const Offers& offers, Mode mode = Mode::armed) {
    ChoiceInput input;
    input.platform = "linux-x86_64-deb";
    input.installed = ClientVersion{8, 1, 25, 0};
    input.node_names = {node};
    input.mode = mode;
    return choose_release(input, offers, Halt{}, {available("8.1.27.0")});
}

} // namespace

TEST_CASE("eight thousand clients: a share takes that many of them, and whoever was in stays in when it grows") {
    Offers offers;
    offers.offers.resize(1);
    offers.offers[0].release = {8, 1, 27, 0};
    std::set<std::string> before;
    for (const int share : {0, 1, 5, 10, 25, 50, 99, 100}) {
        CAPTURE(share);
        offers.offers[0].share = share;
        std::set<std::string> in;
        for (int node = 0; node < 8000; ++node) {
            const Choice choice = choice_of(node_name(node), offers);
            if (choice.package)
                in.insert(node_name(node));
            else
                CHECK(choice.cause == "not_in_share");
        }
        // Four standard deviations of a fair draw.
        const double expected = 80.0 * share;
        const double spread = 4 * std::sqrt(expected * (100 - share) / 100);
        CHECK(double(in.size()) >= expected - spread);
        CHECK(double(in.size()) <= expected + spread);
        CHECK(std::includes(in.begin(), in.end(), before.begin(), before.end()));
        before = in;
    }
}

TEST_CASE("eight thousand clients: each release begins with others, a pattern takes its nodes only, observe wins") {
    Offers offers;
    offers.offers.resize(1);
    offers.offers[0].release = {8, 1, 27, 0};
    int both = 0;
    for (int node = 0; node < 8000; ++node)
        both +=
            share_number(node_name(node), {8, 1, 27, 0}) < 1000 && share_number(node_name(node), {8, 1, 28, 0}) < 1000;
    CHECK(both > 40); // one in a hundred, not the same tenth again
    CHECK(both < 130);

    offers.offers[0].nodes = {"web*", "DB??"};
    ArmRule all;
    ArmRule held;
    held.mode = Mode::observe;
    held.nodes = {"WEB1*"};
    offers.arm = {all, held};
    int acting = 0;
    int observing = 0;
    for (int node = 0; node < 8000; ++node) {
        const std::string name = node_name(node);
        const Choice choice = choice_of(name, offers, Mode::follow);
        CHECK(choice.package.has_value() == (name.starts_with("WEB") || (name.starts_with("DB") && name.size() == 4)));
        if (!choice.package) continue;
        CHECK((choice.mode == Mode::observe) == name.starts_with("WEB1"));
        ++(choice.mode == Mode::armed ? acting : observing);
    }
    CHECK(acting + observing == 2000 + 22); // DB13, DB17 … DB97
    CHECK(observing > 250);
}

TEST_CASE("from observe to armed for one node, a pattern, the fleet: each then does what its rehearsal has said") {
    const std::vector<std::string> nodes{"WEB1", "WEB2", "WEB13", "DB1", "FILE1"};
    const std::string blocked = "WEB2"; // something is wrong there, rehearsed or not
    const auto run = [&](const std::string& node, const std::vector<ArmRule>& arm, bool& changed) {
        Client client(node, before_spring);
        client.settings.mode = Mode::follow;
        client.parts.offers.arm = arm;
        if (node == blocked)
            client.parts.wanting = {{"client-option-autodeploy", "not_met", "blocker", "x", "dsm.sys:9", "y"}};
        const Report report = client.report();
        changed = client.changed_at.has_value();
        return report;
    };
    const auto armed = [](const char* pattern) {
        ArmRule rule;
        if (*pattern != '\0') rule.nodes = {pattern};
        return rule;
    };
    std::map<std::string, Report> rehearsals;
    for (const std::string& node : nodes) {
        bool changed = false;
        const Report report = rehearsals[node] = run(node, {}, changed);
        CAPTURE(node);
        CHECK_FALSE(changed);
        CHECK(report.mode == (node == blocked ? "follow" : "observe")); // it did not come to the metadata
        CHECK(report.outcome == (node == blocked ? Outcome::refused : Outcome::observed));
    }
    const struct {
        std::vector<ArmRule> rules;
        std::set<std::string> act;
    } steps[] = {
        {{armed("WEB1")}, {"WEB1"}},
        {{armed("WEB1"), armed("WEB*")}, {"WEB1", "WEB2", "WEB13"}},
        {{armed("")}, {"WEB1", "WEB2", "WEB13", "DB1", "FILE1"}},
    };
    for (const auto& step : steps)
        for (const std::string& node : nodes) {
            CAPTURE(step.act.size());
            CAPTURE(node);
            bool changed = false;
            const Report report = run(node, step.rules, changed);
            const Report& rehearsal = rehearsals[node];
            const bool acts = step.act.contains(node);
            CHECK(changed == (acts && node != blocked));
            CHECK(report.mode == (node == blocked ? "follow" : acts ? "armed" : "observe"));
            CHECK(report.outcome == (node == blocked ? Outcome::refused : acts ? Outcome::updated : Outcome::observed));
            CHECK(report.from == rehearsal.from);
            CHECK(report.to == rehearsal.to);
            CHECK(report.direction == rehearsal.direction);
            CHECK(report.requirements == rehearsal.requirements);
        }
}

TEST_CASE("eight thousand clients: jitter spreads them evenly, the same each time") {
    std::map<UnixTime, int> in_ten_minutes;
    for (int node = 0; node < 8000; ++node)
        ++in_ten_minutes[stable_jitter(node_name(node), Seconds(4 * hour)).count() / (10 * minute)];
    CHECK(in_ten_minutes.size() >= 24);
    for (const auto& [part, clients] : in_ten_minutes) {
        if (part == 24) continue; // the last second
        CHECK(clients > 333 - 80);
        CHECK(clients < 333 + 80);
    }
}

TEST_CASE(
    "windows over midnight and over both changes of the clocks: each client is changed while its window is open") {
    const struct {
        const char* window;
        UnixTime accepted;
        UnixTime opens;
        UnixTime closes;
    } table[] = {
        // An ordinary night, asked for before it, in its evening, behind midnight, and when it has just closed.
        {"sat 22:00-04:00", spring - 9 * day, spring - 7 * day - 4 * hour, spring - 7 * day + 2 * hour},
        {"sat 22:00-04:00", spring - 7 * day - 3 * hour, spring - 7 * day - 3 * hour, spring - 7 * day + 2 * hour},
        {"sat 22:00-04:00", spring - 7 * day + hour, spring - 7 * day + hour, spring - 7 * day + 2 * hour},
        {"sat 22:00-04:00", spring - 7 * day + 2 * hour, spring - 4 * hour, spring + hour},
        // The night in which an hour is missing is an hour shorter, the one that has an hour twice is longer.
        {"sat 22:00-04:00", before_spring, spring - 4 * hour, spring + hour},
        {"sat 22:00-04:00", before_autumn, autumn - 5 * hour, autumn + 2 * hour},
        // A window that lies in the missing hour does not open on that day.
        {"daily 02:15-02:45", before_spring, 0, 0},
        // One that lies in the hour that comes twice opens at the first and closes at the second.
        {"daily 02:15-02:45", before_autumn, autumn - 45 * minute, autumn + 45 * minute},
        {"sun 02:30-05:00", before_spring, spring, spring + 2 * hour},
        {"sun 00:00-02:30", before_spring, spring - 2 * hour, spring},
    };
    for (const auto& row : table) {
        CAPTURE(row.window);
        CAPTURE(utc_text(row.accepted));
        for (const Seconds jitter : {Seconds(0), Seconds(2 * hour)}) {
            for (int node = 0; node < 5; ++node) {
                Client client(node_name(node), row.accepted);
                client.window(row.window);
                client.settings.wait.jitter = jitter;
                const Report report = client.report();
                CHECK(report.outcome == Outcome::updated);
                REQUIRE(client.changed_at);
                CAPTURE(utc_text(*client.changed_at));
                CHECK(is_open(client.settings.wait.window, *client.changed_at,
                              [&](UnixTime at) { return client.clock.local_offset(at); }));
                if (row.closes == 0) {
                    CHECK(*client.changed_at > spring + 12 * hour); // not on the day of the change
                    CHECK(*client.changed_at < spring + 2 * day);
                    continue;
                }
                if (jitter.count() == 0) CHECK(*client.changed_at == row.opens);
                CHECK(*client.changed_at >= row.opens);
                CHECK(*client.changed_at < row.closes);
            }
        }
    }
}

TEST_CASE("a freeze: nobody begins in it, whenever he was triggered; the next trigger behind it goes on") {
    const UnixTime begin = 1797724800; // 2026-12-20T00:00:00Z
    const UnixTime end = 1799020800;   // 2027-01-04T00:00:00Z
    const struct {
        UnixTime accepted;
        const char* window;
        bool updated;
    } table[] = {
        {begin - 2 * day, "daily 22:00-23:00", true},   // the night before
        {begin - 2 * hour, "daily 20:00-04:00", true},  // at once, still before it
        {begin - 2 * hour, "daily 02:00-04:00", false}, // accepted before it, its window lies in it
        {begin, "daily 00:00-24:00", false},            // its first second
        {end - 1, "daily 00:00-24:00", false},          // its last
        {end, "daily 00:00-24:00", true},               // and the first behind it
    };
    for (const auto& row : table) {
        CAPTURE(utc_text(row.accepted));
        Client client("NODE1", row.accepted);
        client.window(row.window);
        const Freeze freeze{begin, end, {}, "end of year", {}};
        client.parts.on["halt"] = [&] { client.parts.halt.freezes = {freeze}; };
        if (row.accepted >= begin) client.parts.halt.freezes = {freeze};
        const Report report = client.report();
        CHECK(text(report.outcome) == (row.updated ? "updated" : "refused"));
        CHECK(report.cause == (row.updated ? "" : "frozen"));
        CHECK(client.parts.applied() == row.updated);
    }
}

TEST_CASE("a halt while a fleet waits: whose turn came before it is updated, everybody else is untouched") {
    const UnixTime accepted = 1795896000; // Saturday 20:00
    const UnixTime opens = accepted + hour;
    const UnixTime halted = opens + 90 * minute;
    int updated = 0;
    int refused = 0;
    for (int node = 0; node < 300; ++node) {
        Client client(node_name(node), accepted);
        client.window("sat 22:00-04:00");
        client.settings.wait.jitter = Seconds(3 * hour);
        client.parts.on["halt"] = [&] {
            if (client.clock.now() < halted) return;
            HaltedRelease halt;
            halt.release = {8, 1, 27, 0};
            halt.reason = "backups fail";
            client.parts.halt.releases = {halt};
        };
        const Report report = client.report();
        const UnixTime turn = opens + stable_jitter(node_name(node), Seconds(3 * hour)).count();
        CHECK(client.parts.applied() == (turn < halted));
        CHECK(text(report.outcome) == (turn < halted ? "updated" : "refused"));
        if (turn >= halted) CHECK(report.cause == "release_halted");
        ++(turn < halted ? updated : refused);
    }
    CHECK(updated > 100);
    CHECK(refused > 100);
}

TEST_CASE("late machines: what was off in its window waits for the next one, and never begins between") {
    for (const int days_off : {1, 3, 6, 8, 30}) {
        CAPTURE(days_off);
        const UnixTime accepted = 1795896000; // Saturday 20:00
        Client client("NODE1", accepted);
        client.window("sat 22:00-04:00");
        client.control.on_wait = [&] { client.control.now = DeploymentControl::Wish::stop; };
        REQUIRE(!client.run());
        client.control.now = DeploymentControl::Wish::none;
        client.control.on_wait = nullptr;
        client.clock.set(accepted + days_off * day);
        CHECK(client.report().outcome == Outcome::updated);
        REQUIRE(client.changed_at);
        CHECK((*client.changed_at - (accepted + hour)) % (7 * day) == 0); // 22:00 of a Saturday
        CHECK(*client.changed_at - client.state.request.accepted_at < (days_off + 8) * day);
    }
}

TEST_CASE("a clock that was ahead at the trigger and was put right: nobody waits for that time to come again") {
    const UnixTime now = 1795896000;
    const UnixTime ahead = now + 20000 * day;
    for (const char* window : {"", "sat 22:00-04:00"}) {
        CAPTURE(window);
        for (const bool while_waiting : {false, true}) {
            CAPTURE(while_waiting);
            Client client("NODE1", ahead);
            client.settings.wait.jitter = Seconds(hour);
            if (*window) client.window(window);
            client.parts.activities.assign(3, ClientActivity{Activity::busy, {"a backup runs"}, {}});
            if (while_waiting)
                client.control.on_wait = [&, looks = 0]() mutable {
                    if (++looks == 2) client.clock.set(now);
                };
            else
                client.clock.set(now);
            const Report report = client.report();
            CHECK(report.outcome == Outcome::updated);
            CHECK(report.accepted_at >= now);
            CHECK(report.accepted_at < now + day);
            REQUIRE(client.changed_at);
            CHECK(*client.changed_at < now + 2 * day);
        }
    }
    Client never("NODE1", ahead);
    never.clock.set(now);
    never.parts.activities.assign(100000, ClientActivity{Activity::busy, {"a backup runs"}, {}});
    CHECK(never.report().outcome == Outcome::gave_up);
    CHECK(never.clock.now() <= now + day + minute);
}

TEST_CASE("a failure noted by a clock that was ahead: the next attempt waits for its pause, not for that time") {
    const UnixTime now = 1795896000;
    Client client("NODE1", now);
    ReleaseRecords(client.files, client.paths.releases()).failed("8.1.27.0", "1", now + 20000 * day);
    CHECK(client.report().outcome == Outcome::updated);
    CHECK(client.clock.now() < now + hour);
}

TEST_CASE("a backup that never ends: each wave is given up at its deadline, and the client is never stopped") {
    const ClientActivity busy{Activity::busy, {"a backup runs"}, {}};
    UnixTime accepted = 1795896000;
    for (int wave = 0; wave < 4; ++wave) {
        Client client("NODE1", accepted);
        client.window("sat 22:00-04:00");
        client.parts.activities.assign(100000, busy);
        const Report report = client.report();
        CHECK(report.outcome == Outcome::gave_up);
        CHECK(report.message.find("a backup runs") != std::string::npos);
        CHECK(!client.parts.applied());
        // A day from the opening, not from the trigger.
        CHECK(client.clock.now() >= accepted + hour + day);
        CHECK(client.clock.now() <= accepted + hour + day + minute);
        accepted += 7 * day;
    }
}

TEST_CASE(
    "two years of metadata: it never runs out while the publisher's timer runs, and stops updates only while not") {
    Bench bench;
    const UnixTime begin = bench.clock.time;
    const auto expires = [&](const std::string& role, int days) {
        bench.repository.roles[role]["expires"] = utc_text(bench.clock.time + days * day);
    };
    const int away_from = 400;
    const int away_to = 460;
    expires("root", 365);
    bench.repository.publish_root();
    int refused = 0;
    for (int today = 0; today < 730; ++today) {
        CAPTURE(today);
        bench.clock.time = begin + today * day;
        const bool at_work = today < away_from || today >= away_to;
        if (at_work && today % 300 == 299) { // once in a year, and in time
            expires("root", 365);
            bench.repository.publish_root();
        }
        if (at_work && (today % 5 == 0 || today == away_to)) {
            for (const char* role : {"timestamp", "snapshot"})
                expires(role, 7);
            const bool offered_anew = today % 80 == 0 || today == away_to;
            if (offered_anew) expires("targets", 90);
            bench.repository.publish(offered_anew ? std::vector<std::string>{"targets"} : std::vector<std::string>{});
        }
        const std::string result = bench.refresh();
        const bool expired = today >= away_from + 2 && !at_work; // published on day 395, for 7 days
        CHECK(result == (expired ? "metadata_expired" : "ok"));
        refused += expired;
    }
    CHECK(refused == 58);

    // One that was off all the time catches up by itself, over every root.
    Bench late;
    late.clock.time = begin + 730 * day;
    late.repository.roles = bench.repository.roles;
    late.repository.metadata_files = bench.repository.metadata_files;
    CHECK(late.refresh() == "ok");
}

TEST_CASE("expired metadata refuses a deployment with that cause and leaves the client alone") {
    Client client("NODE1", 1795896000);
    client.parts.on["refresh"] = [] { throw Error("metadata_expired", "cannot use timestamp.json: it expired"); };
    const Report report = client.report();
    CHECK(report.outcome == Outcome::refused);
    CHECK(report.cause == "metadata_expired");
    CHECK(!client.parts.applied());
}
