#include "agent/outlook.h"

#include "tests/agent/fake_parts.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

WayBack foreseen(FakeParts& parts) {
    look_ahead(parts, Settings{}, 1795896000, true);
    return parts.last_preflight.way_back.value_or(WayBack{.set = {}, .differences = {"not looked for"}});
}

} // namespace

TEST_CASE("that an update would have no way back is foreseen before anything is fetched") {
    FakeParts parts;
    CHECK(foreseen(parts).complete());

    parts.in_keep.clear();
    CHECK(foreseen(parts).differences ==
          std::vector<std::string>{"the packages of the installed release are neither kept nor in the repository"});

    SUBCASE("the repository has the very packages that are installed") {
        parts.view.packages.push_back(available("8.1.25.0"));
        CHECK(foreseen(parts).complete());
    }
    SUBCASE("it has others of the same level") {
        parts.view.packages.push_back(available("8.1.25.0"));
        parts.view.packages.back().manifest.payloads[0].digest = "another digest";
        CHECK(foreseen(parts).differences ==
              std::vector<std::string>{"tivsm-ba 8.1.25.0 amd64 is installed, but not from the very package that is "
                                       "kept (digest digest of 8.1.25.0, kept another digest)"});
    }
    SUBCASE("it has the same level twice, of which one is what is installed") {
        AvailablePackage other = available("8.1.25.0");
        other.manifest.payloads[0].digest = "another digest";
        parts.view.packages.push_back(other);
        parts.view.packages.push_back(available("8.1.25.0"));
        CHECK(foreseen(parts).complete());
    }
    SUBCASE("it has them for another platform") {
        parts.view.packages.push_back(available("8.1.25.0"));
        parts.view.packages.back().manifest.platform = "linux-x86_64-rpm";
        CHECK_FALSE(foreseen(parts).complete());
    }
    SUBCASE("what is kept is damaged, and the repository has it anew") {
        StagedRelease damaged = staged_release("8.1.25.0");
        damaged.paths.clear();
        parts.in_keep["8.1.25.0"] = damaged;
        CHECK_FALSE(foreseen(parts).complete());
        parts.view.packages.push_back(available("8.1.25.0"));
        CHECK(foreseen(parts).complete());
    }
    // Nothing was brought for it.
    for (const std::string& line : parts.log)
        CHECK((line == "detect" || line == "refresh"));
}

TEST_CASE(
    "a look ahead judges the release as a deployment would: a recall may go down, what was approved is approved") {
    FakeParts parts;
    parts.choice.recall = true;
    parts.choice.crossed_one_way = {"tls-1.3"};
    look_ahead(parts, Settings{}, 1795896000, true);
    CHECK(parts.last_preflight.way_down_allowed);
    CHECK(parts.last_preflight.approved_one_way == std::vector<std::string>{"tls-1.3"});
    CHECK(parts.last_preflight.release == parts.choice.package->manifest);
}

TEST_CASE("a look ahead without a repository judges the machine alone and says why") {
    FakeParts parts;
    parts.fails["refresh"] = 1;
    Outlook outlook = look_ahead(parts, Settings{}, 1795896000, true);
    CHECK_FALSE(outlook.choice);
    CHECK_FALSE(outlook.repository_error.empty());
    CHECK_FALSE(parts.last_preflight.release);

    parts.log.clear();
    outlook = look_ahead(parts, Settings{}, 1795896000, false);
    CHECK(outlook.repository_error.empty());
    CHECK(parts.log == std::vector<std::string>{"detect"});
}
