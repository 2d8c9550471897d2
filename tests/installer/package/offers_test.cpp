#include "installer/package/offers.h"

#include "tests/installer/package/example_manifest.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

Offers example_offers() {
    Offers offers;
    offers.offers = {{{8, 1, 27, 0},
                      "stable",
                      {"linux-x86_64"},
                      {"PROD*", "TEST?"},
                      10,
                      "CHG0012345",
                      {{"alice", 1796414400}, {"bob", 1796414401}},
                      {"session-security"},
                      "first wave"},
                     {{8, 1, 25, 0}, "pilot", {}, {}, 100, "", {}, {}, ""}};
    offers.recalls = {{{8, 1, 26, 0}, {8, 1, 25, 0}, {"aix"}, "loses sparse files", "CHG7", {{"bob", 5}}, {"edge"}}};
    offers.arm = {{Mode::armed, "stable", {"linux-x86_64"}, {"PROD*"}}, {Mode::observe, "", {}, {"PROD9"}}};
    return offers;
}

Halt example_halt() {
    Halt halt;
    halt.releases = {{{8, 1, 28, 0}, {"aix"}, "scheduler dies", {"carol", 1796414400}}};
    halt.freezes = {{1796414400, 1796500800, {"stable"}, "end of the year", {"carol", 1796000000}}};
    return halt;
}

} // namespace

TEST_CASE("offers and halts come back from their JSON as they were") {
    CHECK(offers_from_json(offers_json(example_offers())) == example_offers());
    CHECK(offers_from_json(parse_json(pretty_json(offers_json(Offers{})))) == Offers{});
    CHECK(halt_from_json(halt_json(example_halt())) == example_halt());
    CHECK(halt_from_json(parse_json(pretty_json(halt_json(Halt{})))) == Halt{});
}

TEST_CASE("offers that are not exactly as they must be are refused with the field's path and why") {
    struct Case {
        const char* what;
        std::function<void(Json&)> spoil;
        const char* message;
        std::function<void(Json&)> neighbour; ///< the nearest that is taken
    };
    const auto first = [](Json& json, const char* list) -> Json& { return json[list].array().at(0); };
    const Case cases[] = {
        {"another format", [](Json& j) { j["format"] = 3; },
         "offers_too_new: cannot use the offers: the format is 3, this agent knows format 1; update the agent first",
         [](Json& j) { j["format"] = 1; }},
        {"unknown field", [](Json& j) { j["promises"] = Json::Array{}; },
         "offers_malformed: cannot use the offers: promises: this agent does not know the field; it may be a "
         "restriction "
         "that a newer agent understands",
         [](Json& j) { j["recalls"] = Json::Array{}; }},
        {"share over all", [&](Json& j) { first(j, "offers")["share"] = 101; },
         "offers_malformed: cannot use the offers: offers[0].share: expected 0 to 100, found 101",
         [&](Json& j) { first(j, "offers")["share"] = 100; }},
        {"share missing", [&](Json& j) { first(j, "offers").object().erase("share"); },
         "offers_malformed: cannot use the offers: offers[0].share: it is missing",
         [&](Json& j) { first(j, "offers")["share"] = 0; }},
        {"nodes no list", [&](Json& j) { first(j, "offers")["nodes"] = "*"; },
         "offers_malformed: cannot use the offers: offers[0].nodes: expected a list, found a text",
         [&](Json& j) { first(j, "offers")["nodes"] = Json::Array{"*"}; }},
        {"empty pattern", [&](Json& j) { first(j, "offers")["nodes"] = Json::Array{""}; },
         "offers_malformed: cannot use the offers: offers[0].nodes[0]: it is empty",
         [&](Json& j) { first(j, "offers")["nodes"] = Json::Array{}; }},
        {"time with an offset",
         [&](Json& j) { first(j, "offers")["approvals"].array().at(0)["at"] = "2026-12-04T20:00:00+01:00"; },
         "offers_malformed: cannot use the offers: offers[0].approvals[0].at: expected a time in UTC like "
         "2026-11-28T20:00:00Z, found \"2026-12-04T20:00:00+01:00\"",
         [&](Json& j) { first(j, "offers")["approvals"].array().at(0)["at"] = "2026-12-04T19:00:00Z"; }},
        {"recall upwards", [&](Json& j) { first(j, "recalls")["to"] = "8.1.26.0"; },
         "offers_malformed: cannot use the offers: recalls[0].to: a recall leads to an older release",
         [&](Json& j) { first(j, "recalls")["to"] = "8.1.25.9"; }},
        {"two recalls of one release",
         [&](Json& j) {
             Json again = first(j, "recalls");
             again["platforms"] = Json::Array{"aix", "windows-x64"};
             again["to"] = "8.1.24.0";
             j["recalls"].array().push_back(again);
         },
         "offers_malformed: cannot use the offers: recalls[1].from: 8.1.26.0 is recalled by recalls[0] already",
         [&](Json& j) {
             Json again = first(j, "recalls");
             again["platforms"] = Json::Array{"windows-x64"};
             j["recalls"].array().push_back(again);
         }},
        {"a rule that arms to follow", [&](Json& j) { first(j, "arm")["mode"] = "follow"; },
         "offers_malformed: cannot use the offers: arm[0].mode: expected one of observe, armed; found \"follow\"",
         [&](Json& j) { first(j, "arm")["mode"] = "observe"; }},
        {"not a list", [](Json& j) { j["offers"] = Json::Object{}; },
         "offers_malformed: cannot use the offers: offers: expected a list, found an object",
         [](Json& j) { j["offers"] = Json::Array{}; }},
    };
    for (const Case& bad : cases) {
        CAPTURE(bad.what);
        Json json = offers_json(example_offers());
        bad.spoil(json);
        CHECK(error_of([&] { offers_from_json(json); }) == bad.message);
        json = offers_json(example_offers());
        bad.neighbour(json);
        CHECK_NOTHROW(offers_from_json(json));
    }
}

TEST_CASE("a halt list that is not exactly as it must be is refused with the field's path and why") {
    Json json = halt_json(example_halt());
    json["freezes"].array().at(0)["to"] = "2026-12-04T20:00:00Z";
    CHECK(error_of([&] { halt_from_json(json); }) ==
          "halt_malformed: cannot use the halt list: freezes[0].to: it is not later than from");
    json["freezes"].array().at(0)["to"] = "2026-12-04T20:00:01Z";
    CHECK_NOTHROW(halt_from_json(json));
    json["releases"].array().at(0).object().erase("approval");
    CHECK(error_of([&] { halt_from_json(json); }) ==
          "halt_malformed: cannot use the halt list: releases[0].approval: it is missing");
    CHECK(error_of([] { halt_from_json(parse_json("{\"format\":2}")); }) ==
          "halt_too_new: cannot use the halt list: the format is 2, this agent knows format 1; update the agent first");
    CHECK(halt_from_json(parse_json("{\"format\":1}")) == Halt{});
}

TEST_CASE("a pattern stands for the whole name, letter case aside") {
    for (const auto& row : std::vector<std::pair<const char*, const char*>>{{"*", ""},
                                                                            {"*", "NODE"},
                                                                            {"node1", "NODE1"},
                                                                            {"N?DE*", "node17"},
                                                                            {"*DB", "prod-db"},
                                                                            {"a*b*c", "aXbYbZc"},
                                                                            {"**", "x"},
                                                                            {"?", "x"},
                                                                            {"*.EXAMPLE.COM", "host.example.com"}}) {
        const char* const pattern = row.first;
        const char* const name = row.second;
        CAPTURE(pattern);
        CHECK(matches_node(pattern, name));
    }
    for (const auto& row : std::vector<std::pair<const char*, const char*>>{{"", "x"},
                                                                            {"NODE", "NODE1"},
                                                                            {"ODE*", "NODE1"},
                                                                            {"?", ""},
                                                                            {"?", "xy"},
                                                                            {"a*b*c", "acb"},
                                                                            {"*DB", "db2"}}) {
        const char* const pattern = row.first;
        const char* const name = row.second;
        CAPTURE(pattern);
        CHECK_FALSE(matches_node(pattern, name));
    }
    // No pattern takes more than a moment.
    CHECK_FALSE(matches_node("*a*a*a*a*a*a*a*a*a*a*b", std::string(4000, 'a')));
}
