#include "installer/repository/metadata.h"
#include "tests/installer/repository/bench.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

/// The cause when a valid targets file is read after the change to its JSON.
template<class F> std::string after(F&& change) {
    FakeRepository repository(1800000000);
    repository.add_target("targets", "file", "content");
    repository.delegate("targets", "role", {"x/*"});
    Json document = parse_json(repository.bytes("targets"));
    change(document);
    return cause_of([&] { read_targets(compact_json(document), "targets.json"); });
}

template<class F> std::string root_after(F&& change) {
    Json document = parse_json(FakeRepository(1800000000).bytes("root"));
    change(document);
    return cause_of([&] { read_root(compact_json(document), "root.json"); });
}

const std::string malformed = "metadata_malformed";

} // namespace

TEST_CASE("a metadata file needs its common fields in their types and ranges") {
    CHECK(after([](Json&) {}) == "ok");
    CHECK(after([](Json& d) { d["x-unknown"] = 1; }) == "ok");
    CHECK(after([](Json& d) { d["signed"]["x-unknown"] = 1; }) == "ok");
    for (const char* field : {"_type", "spec_version", "version", "expires", "targets"}) {
        CAPTURE(field);
        CHECK(after([&](Json& d) { d["signed"].object().erase(field); }) == malformed);
        CHECK(after([&](Json& d) { d["signed"][field] = nullptr; }) == malformed);
        CHECK(after([&](Json& d) { d["signed"][field] = true; }) == malformed);
        CHECK(after([&](Json& d) { d["signed"][field] = "1"; }) == malformed);
    }
    CHECK(after([](Json& d) { d["signed"]["_type"] = "snapshot"; }) == malformed);
    CHECK(after([](Json& d) { d["signed"]["version"] = 1; }) == "ok");
    CHECK(after([](Json& d) { d["signed"]["version"] = 0; }) == malformed);
    CHECK(after([](Json& d) { d["signed"]["version"] = -1; }) == malformed);
    CHECK(after([](Json& d) { d.object().erase("signed"); }) == malformed);
    CHECK(after([](Json& d) { d = Json::Array{}; }) == malformed);
    CHECK(after([](Json& d) { d = 1; }) == malformed);
}

TEST_CASE("bad metadata is told with its file, the place and why; its smallest neighbour is read") {
    const std::string good = FakeRepository(1800000000).bytes("targets");
    const auto with = [&](const std::string& what, const std::string& text) {
        std::string bytes = good;
        REQUIRE(bytes.find(what) != std::string::npos);
        return bytes.replace(bytes.find(what), what.size(), text);
    };
    const auto target = [&](const std::string& text) {
        return with("\"targets\":{}", "\"targets\":{\"f\":" + text + "}");
    };
    const std::string sha256 = R"("sha256":")" + std::string(64, 'a') + "\"";
    const struct {
        std::string bad, why, neighbour;
    } rows[] = {
        {"", "line 1", good},
        {good.substr(0, good.size() - 1), "line 1", good},
        {good + good, "line 1", good + "\n"},
        {"[" + good + "]", "object", good},
        {with("\"targets\",", "\"timestamp\","), "timestamp", good},
        {with("\"1.0", "\"2.0"), "2.0", with("\"1.0", "\"1.1")},
        {with("\"version\":1", "\"version\":0"), "version", good},
        {with("\"version\":1", "\"version\":1,\"version\":1"), "version", good},
        {with("Z\"", "\""), "date", good},
        {with("\"signatures\":", "\"signature\":"), "signatures",
         with("\"signatures\":", "\"signature\":[],\"signatures\":")},
        {target("{\"hashes\":{" + sha256 + "},\"length\":-1}"), "length",
         target("{\"hashes\":{" + sha256 + "},\"length\":0}")},
        {target("{\"hashes\":{},\"length\":1}"), "hash", target("{\"hashes\":{" + sha256 + "},\"length\":1}")},
        {target("{\"hashes\":{\"sha256\":\"aa\"},\"length\":1}"), "sha256",
         target("{\"hashes\":{" + sha256 + "},\"length\":1}")},
    };
    for (const auto& row : rows) {
        CAPTURE(row.bad);
        const std::string message = message_of([&] { read_targets(row.bad, "targets.json"); });
        CAPTURE(message);
        CHECK(message.starts_with("cannot read targets.json: "));
        CHECK(message.find(row.why) != std::string::npos);
        CHECK(message_of([&] { read_targets(row.neighbour, "targets.json"); }) == "");
    }
}

TEST_CASE("only version 1 of the specification is read") {
    for (const char* good : {"1.0", "1.0.0", "1.0.34", "1.1.0", "1.12.345"})
        CHECK(after([&](Json& d) { d["signed"]["spec_version"] = good; }) == "ok");
    for (const char* bad :
         {"", "1", "1.", "1.0.", ".1", "2.0.0", "0.9", "10.0.0", "1.0.0.0", "1.0.x", "1.0.0-rc", "v1.0"})
        CHECK(after([&](Json& d) { d["signed"]["spec_version"] = bad; }) == malformed);
}

TEST_CASE("a date has one form and must exist") {
    CHECK(read_date("1970-01-01T00:00:00Z") == 0);
    CHECK(read_date("2028-02-29T23:59:59Z") == 1835481599);
    for (const char* bad :
         {"", "2026-11-28", "2026-11-28T20:00:00", "2026-11-28T20:00:00+00:00", "2026-11-28T20:00:00.0Z",
          "2026-11-28t20:00:00Z", "2026-11-28 20:00:00Z", "2026-11-28T20:00:00Z ", "2027-02-29T00:00:00Z",
          "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z",
          "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "+026-01-01T00:00:00Z", "2026-1--01T00:00:00Z"})
        CHECK(cause_of([&] { read_date(bad); }) == malformed);
}

TEST_CASE("signatures must be there, well formed, and one for each key") {
    CHECK(after([](Json& d) { d.object().erase("signatures"); }) == malformed);
    CHECK(after([](Json& d) { d["signatures"] = Json::Object{}; }) == malformed);
    CHECK(after([](Json& d) { d["signatures"].array()[0].object().erase("sig"); }) == malformed);
    CHECK(after([](Json& d) { d["signatures"].array()[0]["keyid"] = 1; }) == malformed);
    CHECK(after([](Json& d) { d["signatures"].array().push_back(d["signatures"].array()[0]); }) == malformed);
    CHECK(after([](Json& d) { d["signatures"].array()[0]["sig"] = ""; }) == "ok");
    CHECK(after([](Json& d) { d["signatures"] = Json::Array{}; }) == "ok");
}

TEST_CASE("the JSON itself is read strictly") {
    const std::string good = FakeRepository(1800000000).bytes("targets");
    const auto cause = [](const std::string& bytes) { return cause_of([&] { read_targets(bytes, "targets.json"); }); };
    CHECK(cause(good) == "ok");
    CHECK(cause(good + "\n ") == "ok");
    CHECK(cause(good + "x") == malformed);
    CHECK(cause(good.substr(0, good.size() - 1)) == malformed);
    CHECK(cause("") == malformed);
    const auto replaced = [&](const std::string& what, const std::string& with) {
        std::string bytes = good;
        return bytes.replace(bytes.find(what), what.size(), with);
    };
    CHECK(cause(replaced("\"version\":1", "\"version\":1,\"version\":1")) == malformed);
    CHECK(cause(replaced("\"version\":1", "\"version\":1.0")) == malformed);
    CHECK(cause(replaced("\"version\":1", "\"version\":1e0")) == malformed);
    CHECK(cause(replaced("\"version\":1", "\"version\":18446744073709551617")) == malformed);
    CHECK(cause(replaced("\"version\":1", "\"version\":9223372036854775807")) == "ok");
    CHECK(cause(replaced("\"targets\":{}", "\"targets\":{\"\xFF\":1}")) == malformed);
    CHECK(cause(replaced("\"targets\":{}",
                         "\"x\":" + std::string(100, '[') + std::string(100, ']') + ",\"targets\":{}")) == malformed);
}

TEST_CASE("a threshold is at least one") {
    const auto cause = [](int threshold) {
        return root_after([&](Json& d) { d["signed"]["roles"]["snapshot"]["threshold"] = threshold; });
    };
    CHECK(cause(1) == "ok");
    CHECK(cause(2) == "ok");
    CHECK(cause(0) == malformed);
    CHECK(cause(-1) == malformed);
    const auto delegated = [](int threshold) {
        return after([&](Json& d) { d["signed"]["delegations"]["roles"].array()[0]["threshold"] = threshold; });
    };
    CHECK(delegated(1) == "ok");
    CHECK(delegated(0) == malformed);
    CHECK(delegated(-1) == malformed);
}

TEST_CASE("a root lists all four roles, and each key of a role once") {
    CHECK(root_after([](Json&) {}) == "ok");
    for (const char* role : {"root", "timestamp", "snapshot", "targets"})
        CHECK(root_after([&](Json& d) { d["signed"]["roles"].object().erase(role); }) == malformed);
    CHECK(root_after([](Json& d) {
              Json::Array& ids = d["signed"]["roles"]["root"]["keyids"].array();
              ids.push_back(ids[0]);
          }) == malformed);
    CHECK(root_after([](Json& d) { d["signed"]["roles"]["root"]["keyids"].array().push_back("unknown"); }) == "ok");
    CHECK(root_after([](Json& d) { d["signed"]["consistent_snapshot"] = "true"; }) == malformed);
    CHECK(root_after([](Json& d) { d["signed"].object().erase("consistent_snapshot"); }) == "ok");
}

TEST_CASE("a key under an id that is not its own spoils the root") {
    CHECK(root_after([](Json& d) { d["signed"]["keys"][std::string(64, '0')] = SigningKey::ed25519("x").object; }) ==
          "keyid_mismatch");
    CHECK(root_after([](Json& d) {
              const SigningKey key = SigningKey::ed25519("x");
              d["signed"]["keys"][key.id()] = key.object;
          }) == "ok");
}

TEST_CASE("a target needs a length and sound hashes") {
    const auto cause = [](const std::string& field, const Json& value) {
        return after([&](Json& d) { d["signed"]["targets"]["file"][field] = value; });
    };
    CHECK(cause("length", 0) == "ok");
    CHECK(cause("length", -1) == malformed);
    CHECK(cause("length", "7") == malformed);
    CHECK(cause("hashes", Json::Object{}) == malformed);
    CHECK(cause("hashes", Json::Object{{"sha256", std::string(64, 'a')}}) == "ok");
    CHECK(cause("hashes", Json::Object{{"sha256", std::string(63, 'a')}}) == malformed);
    CHECK(cause("hashes", Json::Object{{"sha256", std::string(64, 'A')}}) == malformed);
    CHECK(cause("hashes", Json::Object{{"sha512", std::string(64, 'a')}}) == malformed);
    CHECK(cause("hashes", Json::Object{{"future", "anything"}}) == "ok");
    CHECK(after([](Json& d) { d["signed"]["targets"]["file"].object().erase("hashes"); }) == malformed);
}

TEST_CASE("a delegation says either paths or hash prefixes, and never takes a top-level name") {
    const auto cause = [](auto&& change) {
        return after([&](Json& d) { change(d["signed"]["delegations"]["roles"].array()[0]); });
    };
    CHECK(cause([](Json&) {}) == "ok");
    CHECK(cause([](Json& r) { r["path_hash_prefixes"] = Json::Array{"00"}; }) == malformed);
    CHECK(cause([](Json& r) { r.object().erase("paths"); }) == malformed);
    CHECK(cause([](Json& r) {
              r.object().erase("paths");
              r["path_hash_prefixes"] = Json::Array{"0f"};
          }) == "ok");
    for (const char* prefix : {"", "0F", "xy"})
        CHECK(cause([&](Json& r) {
                  r.object().erase("paths");
                  r["path_hash_prefixes"] = Json::Array{prefix};
              }) == malformed);
    for (const char* name : {"root", "timestamp", "snapshot", "targets", ""})
        CHECK(cause([&](Json& r) { r["name"] = name; }) == malformed);
    CHECK(cause([](Json& r) { r["terminating"] = 1; }) == malformed);
    CHECK(cause([](Json& r) { r.object().erase("terminating"); }) == malformed);
    CHECK(after([](Json& d) {
              Json::Array& roles = d["signed"]["delegations"]["roles"].array();
              roles.push_back(roles[0]);
          }) == malformed);
    CHECK(after([](Json& d) { d["signed"]["delegations"].object().erase("roles"); }) == malformed);
}

TEST_CASE("succinct delegations have 1 to 32 bits") {
    const auto cause = [](const Json& bits) {
        return after([&](Json& d) {
            d["signed"]["delegations"] = Json::Object{{"keys", Json::Object{}},
                                                      {"succinct_roles", Json::Object{{"keyids", Json::Array{}},
                                                                                      {"threshold", 1},
                                                                                      {"bit_length", bits},
                                                                                      {"name_prefix", "bin"}}}};
        });
    };
    CHECK(cause(1) == "ok");
    CHECK(cause(32) == "ok");
    CHECK(cause(0) == malformed);
    CHECK(cause(33) == malformed);
    CHECK(cause(-1) == malformed);
    CHECK(cause("8") == malformed);
}

TEST_CASE("a snapshot lists metadata files with versions from 1 on") {
    const auto cause = [](const std::string& file, const Json& version) {
        Json document = parse_json(FakeRepository(1800000000).bytes("snapshot"));
        document["signed"]["meta"][file] = Json::Object{{"version", version}};
        return cause_of([&] { read_snapshot(compact_json(document), "snapshot.json"); });
    };
    CHECK(cause("role.json", 1) == "ok");
    CHECK(cause("role.json", 0) == malformed);
    CHECK(cause("role.json", "1") == malformed);
    CHECK(cause("role.txt", 1) == malformed);
    CHECK(cause("role", 1) == malformed);
}

TEST_CASE("a star stays within one component of a path, and case counts") {
    CHECK(matches_path("*", "a"));
    CHECK(!matches_path("*", "a/b"));
    CHECK(!matches_path("*", "/a"));
    CHECK(matches_path("a/*/c", "a/b/c"));
    CHECK(!matches_path("a/*", "a/b/c"));
    CHECK(!matches_path("a/*", "a"));
    CHECK(matches_path("*.rpm", "x.rpm"));
    CHECK(!matches_path("*.rpm", "x.RPM"));
    CHECK(matches_path("a?c", "abc"));
    CHECK(!matches_path("a?c", "a/c"));
    CHECK(!matches_path("a?c", "ac"));
    CHECK(matches_path("*a*b*", "xxaxxbxx"));
    CHECK(!matches_path("*a*b*", "xxbxxaxx"));
    CHECK(matches_path("[ab]", "[ab]"));
    CHECK(!matches_path("[ab]", "a"));
    CHECK(matches_path("", ""));
    CHECK(!matches_path("", "a"));
}

TEST_CASE("a pattern of many stars is told from a long name at once") {
    CHECK(!matches_path("*a*a*a*a*a*a*a*a*a*a*a*a*b", std::string(5000, 'a')));
}
