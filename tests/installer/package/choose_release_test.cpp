#include "installer/package/offers.h"

#include "tests/installer/package/example_manifest.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

constexpr UnixTime noon = 1796385600; // 2026-12-04T12:00:00Z

ClientVersion level(const char* text) {
    return parse_client_version(text).value();
}

/// A repository with 8.1.25.0 to 8.1.28.0 for one platform and one of them for another; everything is offered to all.
struct World {
    ChoiceInput client;
    Offers offers;
    Halt halt;
    std::vector<AvailablePackage> available;

    World() {
        client.platform = "linux-x86_64";
        client.installed = level("8.1.26.0");
        client.node_names = {"Node1"};
        client.mode = Mode::armed;
        client.now = noon;
        for (const char* release : {"8.1.25.0", "8.1.27.0", "8.1.26.0", "8.1.28.0"}) {
            add(release, "linux-x86_64");
            offer(release);
        }
        add("8.1.29.0", "aix");
        offer("8.1.29.0");
    }
    Manifest& add(const char* release, const char* platform) {
        AvailablePackage package;
        package.manifest = example_manifest(release, platform);
        package.file.path = std::string("packages/") + platform + "/" + release + ".tar";
        available.push_back(package);
        return available.back().manifest;
    }
    Offer& offer(const char* release) {
        Offer offer;
        offer.release = level(release);
        offers.offers.push_back(offer);
        return offers.offers.back();
    }
    Manifest& manifest(const char* release) {
        for (AvailablePackage& package : available)
            if (package.manifest.release == level(release)) return package.manifest;
        throw Error("no_such", "cannot find it");
    }
    Offer& offer_of(const char* release) {
        for (Offer& offer : offers.offers)
            if (offer.release == level(release)) return offer;
        throw Error("no_such", "cannot find it");
    }
    Choice choose() const { return choose_release(client, offers, halt, available); }
    /// "8.1.28.0", or the cause of staying.
    std::string chosen() const {
        const Choice choice = choose();
        CHECK(choice.package.has_value() == choice.cause.empty());
        CHECK_FALSE(choice.why.empty());
        return choice.package ? text(choice.package->manifest.release) : choice.cause;
    }
    /// The last line of why.
    std::string why() const { return choose().why.back(); }
};

bool says(const Choice& choice, const std::string& line) {
    return std::find(choice.why.begin(), choice.why.end(), line) != choice.why.end();
}

} // namespace

TEST_CASE("the newest release that is offered is taken, of this platform and product only") {
    World world;
    const Choice choice = world.choose();
    REQUIRE(choice.package);
    CHECK(choice.package->file.path == "packages/linux-x86_64/8.1.28.0.tar");
    CHECK_FALSE(choice.recall);
    CHECK(says(choice, "goes from 8.1.26.0 to 8.1.28.0, offered in channel stable"));
    world.client.platform = "aix";
    CHECK(world.chosen() == "8.1.29.0");
    world.client.platform = "windows-x64";
    CHECK(world.chosen() == "no_package_for_platform");
    world.client.platform = "aix";
    world.client.product = "hsm-client";
    CHECK(world.chosen() == "no_package_for_platform");
}

TEST_CASE("where nothing newer is to be had the client stays, and says so") {
    World world;
    world.client.installed = level("8.1.28.0");
    CHECK(world.chosen() == "up_to_date");
    CHECK(world.why() == "8.1.28.0 is installed, nothing newer is there");
    world.client.installed = level("8.2.0.0");
    CHECK(world.chosen() == "up_to_date");
    world.client.installed.reset();
    CHECK(world.chosen() == "no_client");
}

TEST_CASE("a client takes only what its channel offers") {
    World world;
    world.offer_of("8.1.28.0").channel = "pilot";
    CHECK(world.chosen() == "8.1.27.0");
    CHECK(says(world.choose(), "8.1.28.0 is offered in channel pilot, this client follows stable"));
    world.client.channel = "pilot";
    CHECK(world.chosen() == "8.1.28.0");
    world.offers.offers.clear();
    CHECK(world.chosen() == "not_offered");
    CHECK(says(world.choose(), "8.1.28.0 is offered to nobody"));
    CHECK(world.why() == "stays at 8.1.26.0");
}

TEST_CASE("an offer to some platforms is none to the others") {
    World world;
    world.offer_of("8.1.28.0").platforms = {"aix", "windows-x64"};
    CHECK(world.chosen() == "8.1.27.0");
    world.offer_of("8.1.28.0").platforms.emplace_back("linux-x86_64");
    CHECK(world.chosen() == "8.1.28.0");
}

TEST_CASE("an offer to some nodes takes a client only if all of its nodes are named") {
    World world;
    world.offer_of("8.1.28.0").nodes = {"node*"};
    CHECK(world.chosen() == "8.1.28.0");
    world.client.node_names = {"NODE1", "db1"};
    CHECK(world.chosen() == "8.1.27.0");
    CHECK(says(world.choose(), "8.1.28.0 is offered to some nodes, and DB1 is none of them"));
    world.offer_of("8.1.28.0").nodes.emplace_back("DB?");
    CHECK(world.chosen() == "8.1.28.0");
    world.client.node_names.clear();
    CHECK(world.chosen() == "8.1.27.0");
}

TEST_CASE("a share is a growing set of clients, another one for each release") {
    const ClientVersion release = level("8.1.28.0");
    // Fixed for ever: other numbers would let every fleet's waves jump.
    CHECK(share_number("NODE1", release) == share_number("node1", release));
    CHECK(share_number("NODE1", release) == 5861);
    CHECK(share_number("NODE1", level("8.1.27.0")) == 661);
    int inside = 0;
    for (int i = 0; i < 10000; ++i) {
        const int number = share_number("NODE" + std::to_string(i), release);
        CHECK(number >= 0);
        CHECK(number < 10000);
        inside += number < 1000 ? 1 : 0;
    }
    CHECK(inside > 900);
    CHECK(inside < 1100);
}

TEST_CASE("a client is in a share from exactly its number on") {
    World world;
    const int number = share_number("NODE1", level("8.1.28.0"));
    const int first = number / 100 + 1;
    Offer& offer = world.offer_of("8.1.28.0");
    for (const int share : {0, 1, first - 1}) {
        offer.share = share;
        CAPTURE(share);
        CHECK(world.chosen() == "8.1.27.0");
    }
    for (const int share : {first, first + 1, 99, 100}) {
        offer.share = share;
        CAPTURE(share);
        CHECK(world.chosen() == "8.1.28.0");
    }
    offer.share = first - 1;
    CHECK(says(world.choose(), "8.1.28.0 is offered to " + std::to_string(first - 1) +
                                   " % so far; NODE1 follows when the share is over " + std::to_string(first - 1) +
                                   " %"));
    world.client.node_names = {"zzz", "node1"};
    offer.share = first;
    CHECK(world.chosen() == "8.1.28.0");
    world.client.node_names.clear();
    CHECK(world.chosen() == "8.1.27.0");
    offer.share = 100;
    CHECK(world.chosen() == "8.1.28.0");
}

TEST_CASE("of several offers of one release one that fits is enough") {
    World world;
    world.offer_of("8.1.28.0").share = 0;
    world.offer("8.1.28.0").nodes = {"OTHER"};
    CHECK(world.chosen() == "8.1.27.0");
    CHECK(says(world.choose(), "8.1.28.0 is offered to 0 % so far; NODE1 follows when the share is over 58 %"));
    Offer& pilots = world.offer("8.1.28.0");
    pilots.nodes = {"NODE1"};
    pilots.change = "CHG1";
    pilots.approvals = {{"alice", 1}};
    const Choice choice = world.choose();
    CHECK(choice.package->manifest.release == level("8.1.28.0"));
    CHECK(choice.change == "CHG1");
    CHECK(choice.approvals == pilots.approvals);
}

TEST_CASE("a pin is the only release that the client goes to") {
    World world;
    world.client.pin = level("8.1.27.0");
    CHECK(world.chosen() == "8.1.27.0");
    CHECK(says(world.choose(), "8.1.28.0 is not the release that the setting pin names (8.1.27.0)"));
    world.client.pin = level("8.1.26.0");
    CHECK(world.chosen() == "pinned");
    world.client.pin = level("8.1.25.0");
    CHECK(world.chosen() == "pinned");
    world.client.pin = level("8.1.27.0");
    world.offer_of("8.1.27.0").share = 0;
    CHECK(world.chosen() == "pinned");
    CHECK(says(world.choose(), "8.1.27.0 is offered to 0 % so far; NODE1 follows when the share is over 6 %"));
}

TEST_CASE("what a person asks for is taken if it is offered, and nothing else instead") {
    World world;
    world.client.wanted = level("8.1.27.0");
    CHECK(world.chosen() == "8.1.27.0");
    world.offer_of("8.1.27.0").channel = "pilot";
    CHECK(world.chosen() == "not_offered");
    world.client.wanted = level("8.1.26.0");
    CHECK(world.chosen() == "up_to_date");
    world.client.wanted = level("8.1.25.0");
    CHECK(world.chosen() == "downgrade_refused");
    world.client.wanted = level("8.1.99.0");
    CHECK(world.chosen() == "no_package_for_platform");
    CHECK(world.why() == "the repository has no package of 8.1.99.0 for linux-x86_64");
}

TEST_CASE("levels outside of what a package is meant for do not take it") {
    World world;
    world.manifest("8.1.28.0").from_at_least = level("8.1.27.0");
    CHECK(world.chosen() == "8.1.27.0");
    CHECK(says(world.choose(),
               "8.1.28.0 can be installed over 8.1.27.0 or later, and 8.1.26.0 is older; go to a release "
               "in between first"));
    world.client.installed = level("8.1.27.0");
    CHECK(world.chosen() == "8.1.28.0");
    world.manifest("8.1.28.0").from_at_most = level("8.1.26.9");
    CHECK(world.chosen() == "level_not_supported");
    world.manifest("8.1.28.0").from_at_most = level("8.1.27.0");
    CHECK(world.chosen() == "8.1.28.0");
}

TEST_CASE("a one-way edge is crossed only with approval, of the site or of the publisher") {
    World world;
    world.client.installed = level("7.1.6.0");
    CHECK(world.chosen() == "one_way_not_approved");
    CHECK(says(world.choose(),
               "8.1.28.0 crosses the one-way edge session-security (the stored password is moved to another format), "
               "which neither settings nor offer approve"));
    world.client.approved_one_way = {"another"};
    CHECK(world.chosen() == "one_way_not_approved");
    world.client.approved_one_way = {"session-security"};
    CHECK(world.chosen() == "8.1.28.0");
    CHECK(world.choose().crossed_one_way == std::vector<std::string>{"session-security"});
    world.client.approved_one_way.clear();
    world.offer_of("8.1.27.0").approved_one_way = {"session-security"};
    CHECK(world.chosen() == "8.1.27.0");
    world.client.installed = level("7.1.8.0");
    CHECK(world.chosen() == "8.1.28.0");
    CHECK(world.choose().crossed_one_way.empty());
}

TEST_CASE("a recall is the only way down, and it comes first") {
    World world;
    world.offers.recalls = {{level("8.1.26.0"), level("8.1.25.0"), {}, "loses files", "CHG9", {{"bob", 7}}, {}}};
    const Choice choice = world.choose();
    REQUIRE(choice.package);
    CHECK(choice.package->manifest.release == level("8.1.25.0"));
    CHECK(choice.recall);
    CHECK(choice.change == "CHG9");
    CHECK(choice.approvals.size() == 1);
    CHECK(says(choice, "8.1.26.0 is recalled to 8.1.25.0: loses files"));
    CHECK(says(choice, "goes down from 8.1.26.0 to 8.1.25.0"));

    SUBCASE("a package that is kept for the way back will do") {
        world.manifest("8.1.25.0").way_back_only = true;
        CHECK(world.chosen() == "8.1.25.0");
    }
    SUBCASE("it needs no offer") {
        world.offers.offers.clear();
        CHECK(world.chosen() == "8.1.25.0");
    }
    SUBCASE("it is meant for the platforms that it names") {
        world.offers.recalls[0].platforms = {"aix"};
        CHECK(world.chosen() == "8.1.28.0");
    }
    SUBCASE("other releases are not touched by it") {
        world.client.installed = level("8.1.27.0");
        CHECK(world.chosen() == "8.1.28.0");
    }
    SUBCASE("the package must be there") {
        world.offers.recalls[0].to = level("8.1.24.0");
        CHECK(world.chosen() == "no_package_for_platform");
    }
    SUBCASE("the levels that a package may be installed over are those of going up") {
        world.manifest("8.1.25.0").from_at_most = level("8.1.25.0");
        CHECK(world.chosen() == "8.1.25.0");
    }
    SUBCASE("a halt of its aim, a freeze and a pin hold it") {
        world.client.pin = level("8.1.28.0");
        CHECK(world.chosen() == "pinned");
        world.client.pin.reset();
        world.halt.releases = {{level("8.1.25.0"), {}, "", {"carol", 1}}};
        CHECK(world.chosen() == "release_halted");
        world.halt.releases.clear();
        world.halt.freezes = {{noon, noon + 1, {}, "", {"carol", 1}}};
        CHECK(world.chosen() == "frozen");
    }
    SUBCASE("a person who asks for another release is told") {
        world.client.wanted = level("8.1.28.0");
        CHECK(world.chosen() == "release_recalled");
        world.client.wanted = level("8.1.25.0");
        CHECK(world.chosen() == "8.1.25.0");
    }
    SUBCASE("a one-way edge is no less one-way downwards") {
        world.manifest("8.1.26.0").one_way_edges = {{"session-security", {0, 0, 0, 0}, level("8.1.25.0"), "why", ""}};
        CHECK(world.chosen() == "one_way_not_approved");
        world.offers.recalls[0].approved_one_way = {"session-security"};
        CHECK(world.chosen() == "8.1.25.0");
        CHECK(world.choose().crossed_one_way == std::vector<std::string>{"session-security"});
    }
}

TEST_CASE("a recalled release is not taken anew") {
    World world;
    world.offers.recalls = {{level("8.1.28.0"), level("8.1.27.0"), {}, "", "", {}, {}}};
    CHECK(world.chosen() == "8.1.27.0");
    CHECK(says(world.choose(), "8.1.28.0 was recalled to 8.1.27.0"));
    world.client.installed = level("8.1.27.0");
    CHECK(world.chosen() == "release_recalled");
}

TEST_CASE("a package that is kept for the way back is never offered, and nobody waits for it") {
    World world;
    world.manifest("8.1.28.0").way_back_only = true;
    CHECK(world.chosen() == "8.1.27.0");
    world.client.installed = level("8.1.27.0");
    CHECK(world.chosen() == "up_to_date");
}

TEST_CASE("a halted release is passed over on the platforms that it is halted on") {
    World world;
    world.halt.releases = {{level("8.1.28.0"), {}, "scheduler dies", {"carol", noon - 60}}};
    CHECK(world.chosen() == "8.1.27.0");
    CHECK(says(world.choose(), "8.1.28.0 was halted by carol at 2026-12-04T11:59:00Z: scheduler dies"));
    world.halt.releases[0].platforms = {"aix"};
    CHECK(world.chosen() == "8.1.28.0");
    world.halt.releases[0].platforms = {"aix", "linux-x86_64"};
    CHECK(world.chosen() == "8.1.27.0");
    world.client.installed = level("8.1.27.0");
    CHECK(world.chosen() == "release_halted");
}

TEST_CASE("a freeze counts in UTC, from its first second to the last before its end") {
    World world;
    world.halt.freezes = {{noon, noon + 3600, {}, "year's end", {"carol", 1}}};
    for (const UnixTime now : {noon, noon + 1, noon + 3599}) {
        world.client.now = now;
        CHECK(world.chosen() == "frozen");
        CHECK(says(world.choose(), "8.1.28.0 cannot start during the freeze from 2026-12-04T12:00:00Z to "
                                   "2026-12-04T13:00:00Z: year's end"));
    }
    for (const UnixTime now : {noon - 1, noon + 3600}) {
        world.client.now = now;
        CHECK(world.chosen() == "8.1.28.0");
    }
    world.client.now = noon;
    world.halt.freezes[0].channels = {"pilot"};
    CHECK(world.chosen() == "8.1.28.0");
    world.client.channel = "pilot";
    for (Offer& offer : world.offers.offers)
        offer.channel = "pilot";
    CHECK(world.chosen() == "frozen");
    CHECK(stopped(world.halt, level("8.1.28.0"), "linux-x86_64", "pilot", noon)->cause == "frozen");
    CHECK_FALSE(stopped(world.halt, level("8.1.28.0"), "linux-x86_64", "pilot", noon + 3600));
}

TEST_CASE("who observes and who acts is decided by the setting and the signed rules, and observing wins") {
    World world;
    const auto mode = [&] { return world.choose().mode; };
    using Rules = std::vector<ArmRule>;
    for (const auto& [setting, rules, expected] : std::vector<std::tuple<Mode, Rules, Mode>>{
             {Mode::follow, {}, Mode::observe},
             {Mode::follow, {{Mode::armed, "", {}, {}}}, Mode::armed},
             {Mode::follow, {{Mode::armed, "pilot", {}, {}}}, Mode::observe},
             {Mode::follow, {{Mode::armed, "stable", {}, {}}}, Mode::armed},
             {Mode::follow, {{Mode::armed, "", {"aix"}, {}}}, Mode::observe},
             {Mode::follow, {{Mode::armed, "", {"linux-x86_64"}, {"NODE?"}}}, Mode::armed},
             {Mode::follow, {{Mode::armed, "", {}, {"DB*"}}}, Mode::observe},
             {Mode::follow, {{Mode::armed, "", {}, {}}, {Mode::observe, "", {}, {"NODE1"}}}, Mode::observe},
             {Mode::follow, {{Mode::observe, "", {}, {"DB1"}}, {Mode::armed, "", {}, {}}}, Mode::armed},
             {Mode::armed, {}, Mode::armed},
             {Mode::armed, {{Mode::observe, "", {}, {}}}, Mode::observe},
             {Mode::observe, {{Mode::armed, "", {}, {}}}, Mode::observe}}) {
        world.client.mode = setting;
        world.offers.arm = rules;
        CHECK(text(mode()) == text(expected));
    }
    world.client.mode = Mode::follow;
    world.client.node_names = {"NODE1", "DB1"};
    world.offers.arm = {{Mode::armed, "", {}, {"NODE*"}}};
    CHECK(mode() == Mode::observe);
    world.offers.arm = {{Mode::armed, "", {}, {}}, {Mode::observe, "", {}, {"DB1"}}};
    CHECK(mode() == Mode::observe);
    // Which of the rules keeps it back is told, or nobody finds the one that outlived the arming of all.
    CHECK(world.choose().mode_reason == "the publisher's rule `observe` for the nodes DB1 says so");
    world.offers.arm = {{Mode::armed, "", {}, {}}, {Mode::observe, "stable", {"linux-x86_64"}, {"DB*", "X"}}};
    CHECK(world.choose().why.front() == "observes only: the publisher's rule `observe` for the nodes DB*, X, the "
                                        "platforms linux-x86_64, channel stable says so");
    world.offers.arm = {{Mode::observe, "", {}, {}}};
    CHECK(world.choose().mode_reason == "the publisher's rule `observe` for all says so");
    CHECK(parse_mode("armed") == Mode::armed);
    CHECK_FALSE(parse_mode("Armed"));
}
