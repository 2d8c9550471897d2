#include "packaging/repository/arm_rules.h"
#include "tests/packaging/repository/publisher.h"

using namespace autodeploy;
using namespace autodeploy::publisher;

namespace {

bool patterns_meet(const std::string& one, const std::string& other) {
    ArmRule rule;
    rule.nodes = {one};
    ArmRule beside;
    beside.mode = Mode::observe;
    beside.nodes = {other};
    return !meeting(rule, {beside}, Mode::observe).empty();
}

bool says(const Publisher& publisher, const std::string& words) {
    const bool found = publisher.out.str().find(words) != std::string::npos;
    if (!found) MESSAGE(publisher.out.str());
    return found;
}

} // namespace

TEST_CASE("patterns meet if there is a name that fits both") {
    for (const auto& pair : std::vector<std::pair<const char*, const char*>>{{"WEB*", "web1"},
                                                                             {"*", "X"},
                                                                             {"*_SQL", "WEB*"},
                                                                             {"W?B1", "*B?"},
                                                                             {"A*B*C", "*B*C"},
                                                                             {"*", "**"},
                                                                             {"???", "*AB*"},
                                                                             {"A*", "A"}}) {
        CAPTURE(pair.first);
        CAPTURE(pair.second);
        CHECK(patterns_meet(pair.first, pair.second));
        CHECK(patterns_meet(pair.second, pair.first));
    }
    for (const auto& pair : std::vector<std::pair<const char*, const char*>>{
             {"WEB*", "DB*"}, {"WEB1", "WEB10"}, {"??", "*ABC*"}, {"*A", "*B"}, {"A?", "A"}}) {
        CAPTURE(pair.first);
        CAPTURE(pair.second);
        CHECK_FALSE(patterns_meet(pair.first, pair.second));
        CHECK_FALSE(patterns_meet(pair.second, pair.first));
    }
}

TEST_CASE("rules for other channels or platforms do not meet") {
    ArmRule rule;
    ArmRule other;
    rule.platforms = {"aix", "linux-x86_64"};
    other.platforms = {"linux-x86_64"};
    CHECK(meeting(rule, {other}, Mode::armed).size() == 1);
    CHECK(meeting(rule, {other}, Mode::observe).empty());
    other.platforms = {"windows-x64"};
    CHECK(meeting(rule, {other}, Mode::armed).empty());
    other.platforms = {};
    rule.channel = "slow";
    CHECK(meeting(rule, {other}, Mode::armed).size() == 1);
    other.channel = "stable";
    CHECK(meeting(rule, {other}, Mode::armed).empty());
}

TEST_CASE("whoever arms is told of each rule that still holds clients back, and the told command takes it away") {
    Publisher publisher;
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    REQUIRE(publisher.run({"arm", "observe", "--nodes", "WEB*", "--nodes", "DB1"}) == 0);
    REQUIRE(publisher.run({"arm", "armed"}) == 0);
    CHECK(says(publisher, "arm: armed for all; publish"));
    CHECK(says(publisher, "observe wins for clients of both: observe for the nodes WEB*, DB1"));
    CHECK(says(publisher, "autodeploy-repository arm observe --nodes 'WEB*' --nodes DB1 --cancel --repository "
                          "/srv/updates\n"));
    REQUIRE(publisher.run({"arm", "armed", "--json"}) == 0);
    const Json answer = parse_json(publisher.out.str());
    CHECK(answer.at("detail").at("others").array().at(0).at("rule").string() == "observe for the nodes WEB*, DB1");
    REQUIRE(publisher.run({"status"}) == 0);
    CHECK(says(publisher, "armed    armed for all, but observe for the nodes WEB*, DB1\n"));

    // In another order and letter case it is the same rule.
    CHECK(publisher.refuses({"arm", "armed", "--nodes", "DB1", "--nodes", "web*", "--cancel"}, 1,
                            "the rule 'armed for the nodes DB1, web*'"));
    REQUIRE(publisher.run({"arm", "observe", "--nodes", "DB1", "--nodes", "web*", "--cancel"}) == 0);
    CHECK(publisher.draft().offers().arm.size() == 1);
    REQUIRE(publisher.run({"arm", "armed"}) == 0);
    CHECK(publisher.out.str() == "arm: armed for all; publish to make it so\n");
}

TEST_CASE("whoever arms some is told that all others' rule holds them back") {
    Publisher publisher;
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    REQUIRE(publisher.run({"arm", "observe"}) == 0);
    REQUIRE(publisher.run({"arm", "armed", "--nodes", "WEB1"}) == 0);
    CHECK(says(publisher, "but observe wins for clients of both: observe for all"));
    CHECK(says(publisher, "autodeploy-repository arm observe --cancel --repository /srv/updates\n"));
    REQUIRE(publisher.run({"arm", "observe"}) == 0);
    CHECK(says(publisher, "without effect for clients of both: armed for the nodes WEB1"));
}

TEST_CASE("whoever takes a rule back is told of those that still say the same") {
    Publisher publisher;
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    REQUIRE(publisher.run({"arm", "armed"}) == 0);
    REQUIRE(publisher.run({"arm", "armed", "--nodes", "WEB1"}) == 0);
    REQUIRE(publisher.run({"arm", "armed", "--nodes", "WEB1", "--cancel"}) == 0);
    CHECK(says(publisher, "arm taken back: armed for the nodes WEB1"));
    CHECK(says(publisher, "another rule still says so: armed for all"));
    // To hold some back from what is for everybody needs no word.
    REQUIRE(publisher.run({"arm", "observe", "--nodes", "WEB1"}) == 0);
    CHECK(publisher.out.str() == "arm: observe for the nodes WEB1; publish to make it so\n");
}
