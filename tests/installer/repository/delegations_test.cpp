#include "platform/digest.h"
#include "tests/installer/repository/bench.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

/// The roles that a search asked the server for, in order.
Names visited(const Bench& bench) {
    Names roles;
    for (const std::string& file : bench.repository.requests)
        if (file.starts_with("1.") && file != "1.root.json") roles.push_back(file.substr(2, file.size() - 7));
    return roles;
}

/// DELEGATOR>ROLE, with "!" behind for a terminating one; all for every path of one component.
Names walk(const std::vector<std::string>& edges) {
    Bench bench;
    Names roles;
    for (const std::string& edge : edges) {
        const std::size_t arrow = edge.find('>');
        const bool terminating = edge.ends_with("!");
        const std::string role = edge.substr(arrow + 1, edge.size() - arrow - 1 - (terminating ? 1 : 0));
        bench.repository.delegate(edge.substr(0, arrow), role, {"*"}, terminating);
        if (std::find(roles.begin(), roles.end(), role) == roles.end()) roles.push_back(role);
    }
    for (const std::string& role : roles)
        bench.repository.roles[role]["version"] = 1;
    roles.push_back("targets");
    for (const std::string& role : roles)
        bench.repository.put(role);
    bench.repository.publish({"targets"});
    CHECK(bench.find("wanted") == "nobody");
    return visited(bench);
}

} // namespace

TEST_CASE("delegations are searched in order, and in depth before breadth") {
    CHECK(walk({"targets>a", "targets>b"}) == Names{"a", "b"});
    CHECK(walk({"targets>a", "targets>b", "a>c", "a>d"}) == Names{"a", "c", "d", "b"});
    CHECK(walk({"targets>a", "targets>b", "a>c", "c>d"}) == Names{"a", "c", "d", "b"});
}

TEST_CASE("behind a terminating delegation nothing else is searched") {
    CHECK(walk({"targets>a", "targets>b", "a>c!", "a>d"}) == Names{"a", "c"});
    CHECK(walk({"targets>a", "targets>b", "a>c!", "c>d"}) == Names{"a", "c", "d"});
    CHECK(walk({"targets>a", "targets>b!", "targets>c", "a>d"}) == Names{"a", "d", "b"});
}

TEST_CASE("a cycle of delegations is walked once") {
    CHECK(walk({"targets>a", "a>b", "b>a"}) == Names{"a", "b"});
    CHECK(walk({"targets>a", "a>a"}) == Names{"a"});
}

TEST_CASE("a terminating delegation that does not match ends nothing") {
    Bench bench;
    bench.repository.delegate("targets", "a", {"other/*"}, true);
    bench.repository.delegate("targets", "b", {"*"});
    bench.repository.add_target("b", "file", "content");
    bench.repository.publish({"a", "b", "targets"});
    CHECK(bench.find("file") == "b");
}

TEST_CASE("at most 32 delegated roles are asked for one target") {
    for (const int count : {32, 33}) {
        Bench bench;
        Names roles;
        for (int i = 0; i < count; ++i) {
            roles.push_back("role" + std::to_string(i));
            bench.repository.delegate("targets", roles.back(), {"*"});
        }
        roles.push_back("targets");
        bench.repository.publish(roles);
        CHECK(bench.find("file") == (count == 32 ? "nobody" : "too_many_roles"));
        CHECK(bench.repository.requests.size() == 4 + 32);
    }
}

TEST_CASE("a role speaks only for the paths that are delegated to it") {
    Bench bench;
    bench.repository.delegate("targets", "a", {"a/*"});
    bench.repository.add_target("a", "a/file", "content");
    bench.repository.add_target("a", "b/file", "content");
    bench.repository.add_target("a", "a/deep/file", "content");
    bench.repository.publish({"a", "targets"});
    CHECK(bench.find("a/file") == "a");
    CHECK(bench.find("b/file") == "nobody");
    CHECK(bench.find("a/deep/file") == "nobody");
    CHECK(bench.find("A/file") == "nobody");
}

TEST_CASE("the role that lists a target and the one that delegates to it are told") {
    Bench bench;
    bench.repository.delegate("targets", "a", {"x/*"});
    bench.repository.delegate("a", "b", {"x/*"});
    bench.repository.add_target("b", "x/file", "content", Json::Object{{"level", 3}});
    bench.repository.publish({"a", "b", "targets"});
    Updater updater = bench.updater();
    const auto found = updater.find_target("x/file");
    REQUIRE(found);
    CHECK(found->role == "b");
    CHECK(found->delegator == "a");
    CHECK(found->file.custom.at("level").integer() == 3);
}

TEST_CASE("hash prefixes delegate by the digest of the path") {
    Bench bench;
    const std::string digest = sha256_hex("dir/file");
    Json& delegation = bench.repository.delegate("targets", "a", {});
    delegation.object().erase("paths");
    delegation["path_hash_prefixes"] = Json::Array{"0123456789", digest.substr(0, 3)};
    bench.repository.add_target("a", "dir/file", "content");
    bench.repository.add_target("a", "dir/other", "content");
    bench.repository.publish({"a", "targets"});
    CHECK(bench.find("dir/file") == "a");
    CHECK(sha256_hex("dir/other").substr(0, 3) != digest.substr(0, 3));
    CHECK(bench.find("dir/other") == "nobody");
}

TEST_CASE("succinct roles find the one role of a path") {
    const std::string digest = sha256_hex("file");
    struct Case {
        int bits;
        std::string role;
    };
    // The digest is 3b9c358f…: its first bits are 0011 1011 1001 …
    REQUIRE(digest.starts_with("3b9c358f"));
    for (const Case& one : {Case{1, "bin-0"}, Case{3, "bin-1"}, Case{4, "bin-3"}, Case{5, "bin-07"}, Case{8, "bin-3b"},
                            Case{10, "bin-0ee"}, Case{16, "bin-3b9c"}, Case{32, "bin-3b9c358f"}}) {
        CAPTURE(one.bits);
        Bench bench;
        bench.repository.delegate("targets", one.role, {"x"});
        Json& delegations = bench.repository.roles["targets"]["delegations"];
        const Json keyids = delegations["roles"].array()[0]["keyids"];
        delegations.object().erase("roles");
        delegations["succinct_roles"] =
            Json::Object{{"keyids", keyids}, {"threshold", 1}, {"bit_length", one.bits}, {"name_prefix", "bin"}};
        bench.repository.add_target(one.role, "file", "content");
        bench.repository.publish({one.role, "targets"});
        CHECK(bench.find("file") == one.role);
        CHECK(bench.updater().targets_of(one.role).size() == 1);
        CHECK(cause_of([&] { bench.updater().targets_of("bin-"); }) == "role_not_delegated");
        CHECK(cause_of([&] { bench.updater().targets_of(one.role + "0"); }) == "role_not_delegated");
    }
}

TEST_CASE("the name of a succinct role must be in its range") {
    const SuccinctDelegation bins{{}, 5, "bin"};
    CHECK(bins.has_role("bin-00"));
    CHECK(bins.has_role("bin-1f"));
    CHECK(!bins.has_role("bin-20"));
    CHECK(!bins.has_role("bin-1F"));
    CHECK(!bins.has_role("bin-1"));
    CHECK(!bins.has_role("other-1f"));
}

TEST_CASE("a delegated role is checked like any other") {
    const auto with = [](auto&& change) {
        Bench bench;
        bench.repository.delegate("targets", "role", {"*"});
        bench.repository.add_target("role", "file", "content");
        bench.repository.hashes_of_metadata = true;
        bench.repository.publish({"role", "targets"});
        change(bench);
        const std::string cause = bench.find("file");
        CHECK(bench.stored("role") == (cause == "role" ? 1 : 0));
        return cause;
    };
    const std::string file = "1.role.json";
    CHECK(with([](Bench&) {}) == "role");
    CHECK(with([&](Bench& b) { b.repository.metadata_files.erase(file); }) == "metadata_missing");
    CHECK(with([&](Bench& b) { b.repository.metadata_files[file].pop_back(); }) == "metadata_mismatch");
    CHECK(with([&](Bench& b) {
              std::string& bytes = b.repository.metadata_files[file];
              bytes.replace(bytes.find(':'), 1, " ");
          }) == "metadata_mismatch");
    CHECK(with([](Bench& b) {
              b.repository.roles["role"]["expires"] = utc_text(b.clock.time);
              b.repository.put("role");
              b.repository.publish({});
          }) == "metadata_expired");
    CHECK(with([](Bench& b) {
              b.repository.signers["role"] = {SigningKey::ed25519("attacker")};
              b.repository.put("role");
              b.repository.publish({});
          }) == "signature_threshold");
    CHECK(with([](Bench& b) {
              b.repository.signers["role"] = {};
              b.repository.put("role");
              b.repository.publish({});
          }) == "signature_threshold");
    CHECK(with([](Bench& b) {
              b.repository.signers["role"].push_back(b.repository.signers["role"][0]);
              b.repository.put("role");
              b.repository.publish({});
          }) == "metadata_malformed");
    CHECK(with([&](Bench& b) {
              b.repository.hashes_of_metadata = false;
              b.repository.put("role");
              b.repository.publish({});
              b.repository.roles["role"]["version"] = 2;
              b.repository.metadata_files[file] = b.repository.bytes("role");
          }) == "version_mismatch");
}

TEST_CASE("one signature does not count twice in a delegated role") {
    const auto signed_by = [](const std::vector<SigningKey>& signing) {
        Bench bench;
        SigningKey disguised = SigningKey::ed25519("a");
        disguised.object["x"] = "the same key";
        bench.repository.delegate("targets", "role", {"*"});
        bench.repository.signers["role"] = {SigningKey::ed25519("a"), SigningKey::ed25519("b"), disguised};
        bench.repository.roles["targets"]["delegations"]["roles"].array().clear();
        bench.repository.delegate("targets", "role", {"*"})["threshold"] = 2;
        bench.repository.signers["role"] = signing;
        bench.repository.publish({"role", "targets"});
        return bench.find("file");
    };
    SigningKey disguised = SigningKey::ed25519("a");
    disguised.object["x"] = "the same key";
    CHECK(signed_by({SigningKey::ed25519("a"), SigningKey::ed25519("b")}) == "nobody");
    CHECK(signed_by({SigningKey::ed25519("a")}) == "signature_threshold");
    CHECK(signed_by({SigningKey::ed25519("a"), disguised}) == "signature_threshold");
}

TEST_CASE("an older delegated role is refused through the snapshot, over restarts") {
    Bench bench;
    bench.repository.delegate("targets", "role", {"*"});
    bench.repository.publish({"role", "targets"});
    bench.repository.add_target("role", "file", "content");
    bench.repository.publish({"role"});
    CHECK(bench.find("file") == "role");
    bench.repository.roles["role"]["version"] = 0;
    bench.repository.publish({"role"});
    CHECK(bench.find("file") == "metadata_older");
    CHECK(bench.stored("role") == 2);
}

TEST_CASE("a delegated role that the snapshot does not list is refused without a request") {
    Bench bench;
    bench.repository.delegate("targets", "role", {"*"});
    bench.repository.publish({"role", "targets"});
    bench.repository.roles["snapshot"]["meta"].object().erase("role.json");
    bench.repository.publish({});
    CHECK(bench.find("file") == "role_not_listed");
    CHECK(visited(bench).empty());
    bench.repository.publish({"role"});
    CHECK(bench.find("file") == "nobody");
}

TEST_CASE("a delegated role that fails ends the search: nothing of lower priority takes its place") {
    Bench bench;
    bench.repository.delegate("targets", "first", {"*"});
    bench.repository.delegate("targets", "second", {"*"});
    bench.repository.add_target("second", "file", "content");
    bench.repository.publish({"first", "second", "targets"});
    bench.repository.metadata_files["1.first.json"] = "{}";
    CHECK(bench.find("file") == "metadata_malformed");
    bench.repository.put("first");
    CHECK(bench.find("file") == "second");
}

TEST_CASE("trust in a role belongs to the delegator: what one verified is verified again for another") {
    Bench bench;
    FakeRepository& repository = bench.repository;
    repository.delegate("targets", "a", {"a/*"});
    repository.delegate("targets", "b", {"b/*"});
    repository.delegate("a", "shared", {"a/*"});
    const std::vector<SigningKey> keys = repository.signers["shared"];
    repository.signers["shared"] = {SigningKey::ed25519("another key")};
    repository.delegate("b", "shared", {"b/*"});
    repository.signers["shared"] = keys;
    repository.add_target("shared", "a/file", "content");
    repository.add_target("shared", "b/file", "content");
    repository.publish({"a", "b", "shared", "targets"});

    Updater updater = bench.updater();
    CHECK(updater.find_target("a/file")->role == "shared");
    CHECK(cause_of([&] { updater.find_target("b/file"); }) == "signature_threshold");
    CHECK(bench.find("b/file") == "signature_threshold"); // and not from the store either
    CHECK(bench.find("a/file") == "shared");
}

TEST_CASE("a stored delegated role is used again only if it still verifies") {
    Bench bench;
    bench.repository.delegate("targets", "role", {"*"});
    bench.repository.add_target("role", "file", "content");
    bench.repository.publish({"role", "targets"});
    CHECK(bench.find("file") == "role");
    CHECK(visited(bench) == Names{"role"});
    CHECK(bench.find("file") == "role");
    CHECK(visited(bench).empty());
    bench.files.put("/trust/role.json",
                    bench.repository.wrap(bench.repository.roles["role"], {SigningKey::ed25519("attacker")}));
    CHECK(bench.find("file") == "role");
    CHECK(visited(bench) == Names{"role"});
    bench.clock.time += 20 * 86400;
    CHECK(bench.find("file") == "role");
    bench.repository.roles["role"]["expires"] = utc_text(bench.clock.time + 86400);
    bench.repository.publish({"role"});
    CHECK(bench.find("file") == "role");
    CHECK(bench.stored("role") == 2);
    bench.clock.time += 2 * 86400;
    CHECK(bench.find("file") == "metadata_expired");
}

TEST_CASE("names of roles never become paths, at the server or in the store") {
    for (const std::string role :
         {"../x", "/x", "a/b", "..", ".", "CON", "con", "a:b", "..\\x", "x.", "lock", "?", "#"}) {
        CAPTURE(role);
        Bench bench;
        bench.repository.delegate("targets", role, {"*"});
        bench.repository.add_target(role, "file", "content");
        bench.repository.publish({role, "targets"});
        const auto before = bench.files.everything();
        CHECK(bench.find("file") == role);
        CHECK(bench.repository.requests.back() == "1." + percent_encoded(role) + ".json");
        int made = 0;
        for (const auto& [path, content] : bench.files.everything())
            if (!before.contains(path)) {
                CHECK(path.starts_with("/trust/"));
                CHECK(path.find_first_of("/\\:?#", 7) == std::string::npos);
                ++made;
            }
        CHECK(made == 5); // timestamp, snapshot, targets, the role, the record
        CHECK(bench.find("file") == role);
        CHECK(visited(bench).empty());
    }
}

TEST_CASE("roles whose names differ only in case have files of their own") {
    Bench bench;
    for (const char* role : {"role", "ROLE", "Role"})
        bench.repository.delegate("targets", role, {"*"});
    bench.repository.publish({"role", "ROLE", "Role", "targets"});
    CHECK(bench.find("file") == "nobody");
    Names files;
    for (const std::string& file : bench.files.list("/trust"))
        if (file.ends_with(".json")) files.push_back(file);
    CHECK(files.size() == 7);
    CHECK(files.front() == "%52%4F%4C%45.json");
}

TEST_CASE("names of targets that could leave a folder are refused before any request") {
    Bench bench;
    for (const char* bad : {"../file", "/file", "a/../file", "a\\file", "C:file", "a//b", ""}) {
        bench.repository.add_target("targets", bad, "content");
        CHECK(bench.find(bad) == "path_refused");
        CHECK(bench.repository.requests.empty());
    }
    bench.repository.add_target("targets", "dir/file", "content");
    bench.repository.publish();
    CHECK(bench.find("dir/file") == "targets");
    Updater updater = bench.updater();
    FoundTarget found = updater.find_target("dir/file").value();
    CHECK(updater.targets_of("targets").size() == 1);
    found.file.path = "../file";
    CHECK(cause_of([&] { updater.download(found, "/trust/x"); }) == "path_refused");
}

TEST_CASE("the targets of a role are those that it may speak for") {
    Bench bench;
    bench.repository.delegate("targets", "linux", {"packages/linux/*"});
    bench.repository.add_target("linux", "packages/linux/a", "a");
    bench.repository.add_target("linux", "packages/linux/b", "b");
    bench.repository.add_target("linux", "packages/aix/c", "c");
    bench.repository.add_target("linux", "packages/linux/a\\d", "d");
    bench.repository.delegate("linux", "deeper", {"packages/linux/*"});
    bench.repository.publish({"linux", "deeper", "targets"});
    Updater updater = bench.updater();
    Names paths;
    for (const FoundTarget& target : updater.targets_of("linux")) {
        paths.push_back(target.file.path);
        CHECK(target.role == "linux");
        CHECK(target.delegator == "targets");
        CHECK(target.remote_path ==
              "packages/linux/" + target.file.hashes.at("sha256") + "." + paths.back().substr(15));
    }
    CHECK(paths == Names{"packages/linux/a", "packages/linux/b"});
    CHECK(cause_of([&] { updater.targets_of("deeper"); }) == "role_not_delegated");
    CHECK(cause_of([&] { updater.targets_of("aix"); }) == "role_not_delegated");
}

// Targets themselves

TEST_CASE("a target comes down only as its metadata says") {
    Bench bench;
    bench.files.put_directory("/down", 0700);
    bench.repository.add_target("targets", "file", "content");
    bench.repository.publish();
    Updater updater = bench.updater();
    const FoundTarget found = updater.find_target("file").value();
    const auto attempt = [&] {
        DownloadLimits once;
        once.attempts = 1;
        return cause_of([&] { updater.download(found, "/down/file", once); });
    };
    bench.repository.target_files[found.remote_path] = "CONTENT";
    CHECK(attempt() == "target_mismatch");
    CHECK(!bench.files.status("/down/file"));
    bench.repository.target_files[found.remote_path] = "content";
    CHECK(attempt() == "ok");
    CHECK(bench.files.content("/down/file") == "content");
}

TEST_CASE("a target without a hash of a known kind is not downloaded") {
    Bench bench;
    bench.files.put_directory("/down", 0700);
    bench.repository.add_target("targets", "file", "content");
    bench.repository.roles["targets"]["targets"]["file"]["hashes"] = Json::Object{{"future", "00"}};
    bench.repository.target_files["file"] = "content";
    bench.repository.publish();
    Updater updater = bench.updater();
    const FoundTarget found = updater.find_target("file").value();
    CHECK(cause_of([&] { updater.download(found, "/down/file"); }) == "hash_unknown");
    CHECK(!bench.files.status("/down/file"));
}
