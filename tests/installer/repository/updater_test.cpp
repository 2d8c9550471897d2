#include "platform/digest.h"
#include "tests/installer/repository/bench.h"

#include <doctest/doctest.h>

using namespace autodeploy;

TEST_CASE("a first refresh asks for each file once, and the next one only for what may be new") {
    Bench bench;
    CHECK(bench.refresh() == "ok");
    CHECK(bench.repository.requests == Names{"2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"});
    CHECK(bench.refresh() == "ok");
    CHECK(bench.repository.requests == Names{"2.root.json", "timestamp.json"});
    bench.repository.publish();
    CHECK(bench.refresh() == "ok");
    CHECK(bench.repository.requests == Names{"2.root.json", "timestamp.json", "2.snapshot.json", "2.targets.json"});
}

TEST_CASE("metadata is stored byte for byte as it was served") {
    Bench bench;
    bench.repository.metadata_files["timestamp.json"] += " \n";
    CHECK(bench.refresh() == "ok");
    for (const char* role : {"root", "snapshot", "targets"})
        CHECK(bench.files.content("/trust/" + std::string(role) + ".json") ==
              bench.repository.metadata_files["1." + std::string(role) + ".json"]);
    CHECK(bench.files.content("/trust/timestamp.json") == bench.repository.metadata_files["timestamp.json"]);
}

TEST_CASE("without consistent snapshots the files have no version in their names, but the roots have") {
    Bench bench;
    FakeRepository& repository = bench.repository;
    repository.roles["root"]["consistent_snapshot"] = false;
    repository.publish_root();
    repository.add_target("targets", "dir/file", "content");
    repository.publish();
    CHECK(bench.refresh() == "ok");
    CHECK(repository.requests ==
          Names{"2.root.json", "3.root.json", "timestamp.json", "snapshot.json", "targets.json"});
    Updater updater = bench.updater();
    const auto found = updater.find_target("dir/file");
    REQUIRE(found);
    CHECK(found->remote_path == "dir/file");
}

TEST_CASE("with consistent snapshots a target's hash stands before its name") {
    Bench bench;
    bench.repository.add_target("targets", "dir/file", "content");
    bench.repository.publish();
    Updater updater = bench.updater();
    const auto found = updater.find_target("dir/file");
    REQUIRE(found);
    CHECK(found->remote_path == "dir/" + sha256_hex("content") + ".file");
    CHECK(found->role == "targets");
    CHECK(found->delegator == "root");
}

// Roots

TEST_CASE("a store without a root asks nobody for anything") {
    Bench bench;
    bench.files.remove_durably("/trust/root.json");
    CHECK(bench.refresh() == "root_missing");
    CHECK(bench.repository.requests.empty());
}

TEST_CASE("a stored root that does not verify against itself asks nobody for anything") {
    Bench bench;
    const std::string root = *bench.files.content("/trust/root.json");
    bench.files.put("/trust/root.json",
                    bench.repository.wrap(parse_json(root).at("signed"), {SigningKey::ed25519("x")}));
    CHECK(bench.refresh() == "root_untrusted");
    bench.files.put("/trust/root.json", "damaged");
    CHECK(bench.refresh() == "root_untrusted");
    CHECK(bench.repository.requests.empty());
    bench.files.put("/trust/root.json", root);
    CHECK(bench.refresh() == "ok");
}

TEST_CASE("the administrator's root replaces one that is damaged or older, never one that is newer") {
    Bench bench;
    const std::string first = bench.repository.metadata_files["1.root.json"];
    bench.repository.publish_root();
    const std::string second = bench.repository.metadata_files["2.root.json"];
    bench.updater().init(second);
    CHECK(bench.stored("root") == 2);
    bench.updater().init(first);
    CHECK(bench.stored("root") == 2);
    bench.files.put("/trust/root.json", "damaged");
    bench.updater().init(first);
    CHECK(bench.stored("root") == 1);
}

TEST_CASE("another repository's root of the same version is refused") {
    Bench bench;
    const std::string same = bench.repository.metadata_files["1.root.json"];
    bench.repository.roles["root"]["x-other"] = true;
    CHECK(cause_of([&] { bench.updater().init(bench.repository.bytes("root")); }) == "root_conflict");
    CHECK(cause_of([&] { bench.updater().init(same); }) == "ok");
}

TEST_CASE("a root that does not verify is never taken from the administrator either") {
    Bench bench;
    bench.files.remove_durably("/trust/root.json");
    const Json part = bench.repository.roles["root"];
    CHECK(cause_of([&] { bench.updater().init(bench.repository.wrap(part, {})); }) == "signature_threshold");
    CHECK(cause_of([&] { bench.updater().init("{}"); }) == "metadata_malformed");
    CHECK(cause_of([&] { bench.updater().init(std::string(600000, ' ')); }) == "file_too_large");
    CHECK(bench.stored("root") == 0);
    CHECK(cause_of([&] { bench.updater().init(bench.repository.bytes("root")); }) == "ok");
}

TEST_CASE("roots are walked one by one, each stored, up to a limit") {
    Bench bench;
    for (int i = 0; i < 5; ++i)
        bench.repository.publish_root();
    bench.limits.new_roots = 3;
    CHECK(bench.refresh() == "ok");
    CHECK(bench.stored("root") == 4);
    CHECK(bench.refresh() == "ok");
    CHECK(bench.stored("root") == 6);
}

TEST_CASE("a new root needs the signatures of the old root's keys and of its own") {
    const SigningKey old_key = SigningKey::ed25519("root");
    const SigningKey new_key = SigningKey::ed25519("new root");
    const auto rotated = [&](const std::vector<SigningKey>& signing) {
        Bench bench;
        bench.repository.set_keys("root", {new_key}, 1);
        bench.repository.signers["root"] = signing;
        bench.repository.publish_root();
        const std::string cause = bench.refresh();
        CHECK(bench.stored("root") == (cause == "ok" ? 2 : 1));
        return cause;
    };
    CHECK(rotated({old_key, new_key}) == "ok");
    CHECK(rotated({old_key}) == "signature_threshold");
    CHECK(rotated({new_key}) == "signature_threshold");
}

TEST_CASE("a root that failed its check is not trusted after a restart") {
    Bench bench;
    bench.repository.signers["root"] = {SigningKey::ed25519("attacker")};
    bench.repository.publish_root();
    CHECK(bench.refresh() == "signature_threshold");
    CHECK(bench.refresh() == "signature_threshold");
    CHECK(bench.stored("root") == 1);
    bench.repository.metadata_files.erase("2.root.json");
    CHECK(bench.refresh() == "ok");
}

TEST_CASE("a root must have exactly the next version") {
    for (const int version : {1, 3}) {
        Bench bench;
        bench.repository.roles["root"]["version"] = version;
        bench.repository.metadata_files["2.root.json"] = bench.repository.bytes("root");
        CHECK(bench.refresh() == "version_mismatch");
        bench.repository.roles["root"]["version"] = 2;
        bench.repository.metadata_files["2.root.json"] = bench.repository.bytes("root");
        CHECK(bench.refresh() == "ok");
    }
}

TEST_CASE("a server that fails instead of saying that there is no newer root stops the update") {
    Bench bench;
    bench.repository.before_each = [](const std::string& file) {
        if (file == "2.root.json") throw Error("transport_failed", "cannot get it: status 500", Retry::later);
    };
    CHECK(bench.refresh() == "transport_failed");
    CHECK(bench.stored("timestamp") == 0);
    bench.repository.before_each = nullptr;
    CHECK(bench.refresh() == "ok");
}

TEST_CASE("an expired root stops the update, and a newer one heals it without a restart of anything") {
    Bench bench;
    bench.repository.roles["root"]["expires"] = utc_text(bench.clock.time + 86400);
    bench.repository.publish_root();
    CHECK(bench.refresh() == "ok");
    bench.clock.time += 86400;
    CHECK(bench.refresh() == "metadata_expired");
    CHECK(bench.repository.requests == Names{"3.root.json"});
    Updater updater = bench.updater();
    CHECK(cause_of([&] { updater.refresh(); }) == "metadata_expired");
    bench.repository.roles["root"]["expires"] = utc_text(bench.clock.time + 86400);
    bench.repository.publish_root();
    CHECK(cause_of([&] { updater.refresh(); }) == "ok");
}

// Rotation of online keys

TEST_CASE("taking a key away from the timestamp or the snapshot makes their stored files no floor any more") {
    for (const char* rotated : {"timestamp", "snapshot"}) {
        Bench bench;
        FakeRepository& repository = bench.repository;
        // A second snapshot key stays, so that what is stored still verifies: forgetting is what heals.
        repository.set_keys("snapshot", {SigningKey::ed25519("s1"), SigningKey::ed25519("s2")}, 1);
        repository.set_keys("timestamp", {SigningKey::ed25519("t1"), SigningKey::ed25519("t2")}, 1);
        repository.publish_root();
        for (int i = 0; i < 9; ++i)
            repository.publish();
        CHECK(bench.refresh() == "ok");
        CHECK(bench.stored("snapshot") == 10);
        for (const char* role : {"targets", "snapshot", "timestamp"})
            repository.roles[role]["version"] = 2;
        const SigningKey staying = repository.signers[rotated][1];
        repository.set_keys(rotated, {staying}, 1);
        repository.publish();
        CHECK(bench.refresh() == "metadata_older");
        repository.publish_root();
        CHECK(bench.refresh() == "ok");
        CHECK(bench.stored("snapshot") == 3);
    }
}

TEST_CASE("adding a key to the timestamp or the snapshot does so as well") {
    for (const char* role : {"timestamp", "snapshot"}) {
        Bench bench;
        FakeRepository& repository = bench.repository;
        repository.publish();
        CHECK(bench.refresh() == "ok");
        const SigningKey old = repository.signers[role][0];
        repository.roles["timestamp"]["version"] = 0;
        repository.roles["snapshot"]["version"] = 0;
        repository.roles["targets"]["version"] = 0;
        repository.set_keys(role, {old, SigningKey::ed25519("one more")}, 1);
        repository.publish();
        CHECK(bench.refresh() == "metadata_older");
        repository.publish_root();
        CHECK(bench.refresh() == "ok");
        CHECK(bench.stored("timestamp") == 1);
    }
}

TEST_CASE("a root that leaves the keys of timestamp and snapshot as they are takes no floor away") {
    Bench bench;
    FakeRepository& repository = bench.repository;
    repository.set_keys("timestamp", {SigningKey::ed25519("t1"), SigningKey::ed25519("t2")}, 2);
    repository.publish_root();
    repository.publish();
    CHECK(bench.refresh() == "ok");
    // Another order, another threshold, another role's keys: the same may sign.
    repository.set_keys("timestamp", {SigningKey::ed25519("t2"), SigningKey::ed25519("t1")}, 1);
    repository.set_keys("targets", {SigningKey::ed25519("targets"), SigningKey::ed25519("more")}, 1);
    repository.publish_root();
    repository.roles["timestamp"]["version"] = 1;
    repository.put("timestamp");
    CHECK(bench.refresh() == "metadata_older");
    CHECK(bench.stored("timestamp") == 2);
}

// Timestamp and snapshot

TEST_CASE("an older timestamp is refused with both versions named") {
    Bench bench;
    const std::string old = bench.repository.metadata_files["timestamp.json"];
    for (int i = 0; i < 2; ++i)
        bench.repository.publish();
    const std::string current = bench.repository.metadata_files["timestamp.json"];
    CHECK(bench.refresh() == "ok");
    bench.repository.metadata_files["timestamp.json"] = old;
    CHECK(bench.refresh() == "metadata_older");
    CHECK(bench.refusal() ==
          "cannot trust timestamp.json from the fake repository: bundle 1 is older than 3, which this "
          "machine has seen");
    CHECK(bench.stored("timestamp") == 3);
    bench.repository.metadata_files["timestamp.json"] = current;
    CHECK(bench.refresh() == "ok");
}

TEST_CASE("what was seen online is the floor for a folder, and the other way round") {
    Bench bench;
    FakeRepository folder = bench.repository;
    folder.name_ = "folder /media/updates";
    bench.repository.publish();
    CHECK(bench.refresh() == "ok");
    const auto from_folder = [&] {
        return cause_of([&] { Updater(bench.files, bench.clock, {&folder}, "/trust").refresh(); });
    };
    CHECK(from_folder() == "metadata_older");
    folder.publish();
    folder.publish();
    CHECK(from_folder() == "ok");
    CHECK(bench.refresh() == "metadata_older");
}

TEST_CASE("a timestamp of the version that is known changes nothing") {
    Bench bench;
    CHECK(bench.refresh() == "ok");
    bench.repository.roles["timestamp"]["meta"]["snapshot.json"]["version"] = 7;
    bench.repository.metadata_files["timestamp.json"] = bench.repository.bytes("timestamp");
    CHECK(bench.refresh() == "ok");
    CHECK(bench.repository.requests == Names{"2.root.json", "timestamp.json"});
}

TEST_CASE("a timestamp that names an older snapshot is refused and not stored") {
    Bench bench;
    bench.repository.publish();
    CHECK(bench.refresh() == "ok");
    bench.repository.roles["timestamp"]["version"] = 3;
    bench.repository.roles["timestamp"]["meta"]["snapshot.json"]["version"] = 1;
    bench.repository.metadata_files["timestamp.json"] = bench.repository.bytes("timestamp");
    CHECK(bench.refresh() == "metadata_older");
    CHECK(bench.stored("timestamp") == 2);
    bench.repository.roles["timestamp"]["meta"]["snapshot.json"]["version"] = 2;
    bench.repository.metadata_files["timestamp.json"] = bench.repository.bytes("timestamp");
    CHECK(bench.refresh() == "ok");
}

TEST_CASE("a stored timestamp that expired is still the floor, and a fresh one takes its place") {
    Bench bench;
    bench.repository.roles["timestamp"]["expires"] = utc_text(bench.clock.time + 3600);
    bench.repository.publish();
    CHECK(bench.refresh() == "ok");
    bench.clock.time += 7200;
    CHECK(bench.refresh() == "metadata_expired");
    bench.repository.roles["timestamp"]["expires"] = utc_text(bench.clock.time + 3600);
    bench.repository.roles["timestamp"]["version"] = 1;
    bench.repository.put("timestamp");
    CHECK(bench.refresh() == "metadata_older");
    bench.repository.publish({});
    bench.repository.publish({});
    CHECK(bench.refresh() == "ok");
}

TEST_CASE("an expired file is refused and not stored, and fresh until the very second before") {
    for (const std::string role : {"timestamp", "snapshot", "targets"}) {
        CAPTURE(role);
        Bench bench;
        bench.repository.roles[role]["expires"] = utc_text(bench.clock.time);
        bench.repository.publish();
        CHECK(bench.refresh() == "metadata_expired");
        CHECK(bench.stored(role) == 0);
        bench.clock.time -= 1;
        CHECK(bench.refresh() == "ok");
        bench.clock.time += 1;
        CHECK(bench.refresh() == "metadata_expired");
    }
}

TEST_CASE("each role's signature and type are checked") {
    for (const std::string role : {"timestamp", "snapshot", "targets"}) {
        CAPTURE(role);
        const std::string file = role == "timestamp" ? "timestamp.json" : "1." + role + ".json";
        Bench bench;
        const std::string good = bench.repository.metadata_files[file];
        const Json part = bench.repository.roles[role];
        bench.repository.metadata_files[file] = bench.repository.wrap(part, {SigningKey::ed25519("attacker")});
        CHECK(bench.refresh() == "signature_threshold");
        bench.repository.metadata_files[file] = bench.repository.wrap(part, {});
        CHECK(bench.refresh() == "signature_threshold");
        const std::string other = role == "targets" ? "snapshot" : "targets";
        bench.repository.metadata_files[file] =
            bench.repository.wrap(bench.repository.roles[other], bench.repository.signers[role]);
        CHECK(bench.refresh() == "metadata_malformed");
        CHECK(bench.stored(role) == 0);
        bench.repository.metadata_files[file] = good;
        CHECK(bench.refresh() == "ok");
    }
}

TEST_CASE("signatures below the threshold, or of one key in two guises, are refused for every role") {
    for (const std::string role : {"timestamp", "snapshot", "targets"}) {
        CAPTURE(role);
        const SigningKey a = SigningKey::ed25519("a");
        const SigningKey b = SigningKey::ed25519("b");
        SigningKey disguised = a;
        disguised.object["x-name"] = "another id, the same key";
        const auto signed_by = [&](const std::vector<SigningKey>& signing) {
            Bench bench;
            bench.repository.set_keys(role, {a, b, disguised}, 2);
            bench.repository.publish_root();
            bench.repository.signers[role] = signing;
            bench.repository.publish();
            return bench.refresh();
        };
        CHECK(signed_by({a, b}) == "ok");
        CHECK(signed_by({a}) == "signature_threshold");
        CHECK(signed_by({a, disguised}) == "signature_threshold");
        CHECK(signed_by({a, a}) == "metadata_malformed");
    }
}

TEST_CASE("a key taken from a role signs for it no more") {
    for (const std::string role : {"timestamp", "snapshot", "targets"}) {
        CAPTURE(role);
        Bench bench;
        CHECK(bench.refresh() == "ok");
        const std::vector<SigningKey> old = bench.repository.signers[role];
        bench.repository.set_keys(role, {SigningKey::ed25519("new " + role)}, 1);
        bench.repository.publish_root();
        const std::vector<SigningKey> renewed = bench.repository.signers[role];
        bench.repository.signers[role] = old;
        bench.repository.publish();
        CHECK(bench.refresh() == "signature_threshold");
        bench.repository.signers[role] = renewed;
        bench.repository.publish();
        CHECK(bench.refresh() == "ok");
    }
}

TEST_CASE("a snapshot or targets file must have the version that is listed") {
    for (const std::string role : {"snapshot", "targets"}) {
        CAPTURE(role);
        Bench bench;
        const std::string good = bench.repository.metadata_files["1." + role + ".json"];
        bench.repository.roles[role]["version"] = 2;
        bench.repository.metadata_files["1." + role + ".json"] = bench.repository.bytes(role);
        CHECK(bench.refresh() == "version_mismatch");
        CHECK(bench.stored(role) == 0);
        bench.repository.metadata_files["1." + role + ".json"] = good;
        CHECK(bench.refresh() == "ok");
    }
}

TEST_CASE("length and hash of metadata are checked where they are listed") {
    for (const std::string role : {"snapshot", "targets"}) {
        CAPTURE(role);
        Bench bench;
        bench.repository.hashes_of_metadata = true;
        bench.repository.publish();
        const std::string file = "2." + role + ".json";
        const std::string good = bench.repository.metadata_files[file];
        bench.repository.metadata_files[file] = good + " ";
        CHECK(bench.refresh() == "file_too_large");
        std::string same_length = good;
        same_length[same_length.find(':')] = ' ';
        bench.repository.metadata_files[file] = good.substr(0, good.size() - 1);
        CHECK(bench.refresh() == "metadata_mismatch");
        bench.repository.metadata_files[file] = same_length;
        CHECK(bench.refresh() == "metadata_mismatch");
        CHECK(bench.stored(role) == 0);
        bench.repository.metadata_files[file] = good;
        CHECK(bench.refresh() == "ok");
    }
}

TEST_CASE("metadata whose only hash is of an unknown kind is refused") {
    Bench bench;
    bench.repository.roles["snapshot"]["meta"]["targets.json"]["hashes"] = Json::Object{{"future", "00"}};
    bench.repository.publish({});
    CHECK(bench.refresh() == "metadata_mismatch");
    bench.repository.roles["snapshot"]["meta"]["targets.json"].object().erase("hashes");
    bench.repository.publish({});
    CHECK(bench.refresh() == "ok");
}

TEST_CASE("a snapshot must list every role of the one before, in no older version, even after a restart") {
    Bench bench;
    bench.repository.delegate("targets", "role", {"*"});
    bench.repository.publish({"role", "targets"});
    bench.repository.publish({"role", "targets"});
    CHECK(bench.refresh() == "ok");
    const Json good = bench.repository.roles["snapshot"]["meta"];

    bench.repository.roles["snapshot"]["meta"]["role.json"]["version"] = 1;
    bench.repository.publish({});
    CHECK(bench.refresh() == "metadata_older");
    bench.repository.roles["snapshot"]["meta"].object().erase("role.json");
    bench.repository.publish({});
    CHECK(bench.refresh() == "role_removed");
    CHECK(bench.stored("snapshot") == 3);

    bench.repository.roles["snapshot"]["meta"] = good;
    bench.repository.publish({});
    CHECK(bench.refresh() == "ok");
}

TEST_CASE("an expired stored snapshot is still the floor") {
    Bench bench;
    bench.repository.roles["snapshot"]["expires"] = utc_text(bench.clock.time + 3600);
    bench.repository.publish();
    CHECK(bench.refresh() == "ok");
    bench.clock.time += 7200;
    bench.repository.roles["snapshot"]["expires"] = utc_text(bench.clock.time + 3600);
    bench.repository.roles["targets"]["version"] = 0;
    bench.repository.publish();
    CHECK(bench.refresh() == "metadata_older");
    bench.repository.publish();
    CHECK(bench.refresh() == "ok");
}

TEST_CASE("a file that the repository lacks is an error that names it, and what came before is kept") {
    Bench bench;
    const std::string snapshot = bench.repository.metadata_files["1.snapshot.json"];
    bench.repository.metadata_files.erase("1.snapshot.json");
    CHECK(bench.refresh() == "metadata_missing");
    CHECK(bench.refusal() == "cannot get 1.snapshot.json: it is not at the fake repository");
    CHECK(bench.stored("timestamp") == 1);
    bench.repository.metadata_files["1.snapshot.json"] = snapshot;
    CHECK(bench.refresh() == "ok");
}

TEST_CASE("stored files are verified again each time, and replaced where they fail") {
    for (const std::string role : {"timestamp", "snapshot", "targets"}) {
        CAPTURE(role);
        Bench bench;
        CHECK(bench.refresh() == "ok");
        const std::string good = *bench.files.content("/trust/" + role + ".json");
        Json forged = bench.repository.roles[role];
        forged["x-forged"] = true;
        Json ahead = forged;
        ahead["version"] = 50;
        if (role == "snapshot") ahead["meta"]["targets.json"]["version"] = 50;
        const std::vector<SigningKey> attacker{SigningKey::ed25519("attacker")};
        for (const std::string& bad :
             {std::string("{}"), std::string("damaged"), std::string(6000000, ' '),
              bench.repository.wrap(forged, attacker), bench.repository.wrap(ahead, attacker)}) {
            bench.files.put("/trust/" + role + ".json", bad);
            CHECK(bench.refresh() == "ok");
            CHECK(bench.files.content("/trust/" + role + ".json") == good);
        }
    }
}

TEST_CASE("a stored snapshot is used again only if it has the hash that the timestamp names") {
    Bench bench;
    bench.repository.hashes_of_metadata = true;
    bench.repository.publish();
    CHECK(bench.refresh() == "ok");
    const std::string good = *bench.files.content("/trust/snapshot.json");
    bench.files.put("/trust/snapshot.json", good + "\n");
    CHECK(bench.refresh() == "ok");
    CHECK(bench.files.content("/trust/snapshot.json") == good);
}

TEST_CASE("what a person here must mend is told from what time may mend") {
    Bench bench;
    const auto later = [&](auto&& call) {
        try {
            call();
        } catch (const Error& error) {
            return error.retry_makes_sense();
        }
        FAIL("no error");
        return false;
    };
    const auto refresh = [&] { bench.updater().refresh(); };
    for (const std::string& bytes :
         {std::string("{}"), bench.repository.wrap(bench.repository.roles["timestamp"], {SigningKey::ed25519("x")})}) {
        bench.repository.metadata_files["timestamp.json"] = bytes;
        CHECK(later(refresh));
    }
    bench.repository.metadata_files.erase("timestamp.json");
    CHECK(later(refresh));
    CHECK(!later([&] { bench.updater().init("{}"); }));
    CHECK(!later([&] { bench.updater().init(bench.repository.wrap(bench.repository.roles["root"], {})); }));
    bench.files.put("/trust/root.json", "{}");
    CHECK(!later(refresh));
    bench.files.remove_durably("/trust/root.json");
    CHECK(!later(refresh));
}

TEST_CASE("what is stored as a link or a folder is not read") {
    Bench bench;
    CHECK(bench.refresh() == "ok");
    bench.files.put("/elsewhere", bench.repository.metadata_files["1.targets.json"]);
    bench.files.put_link("/trust/targets.json", "/elsewhere");
    CHECK(bench.refresh() == "ok");
    CHECK(bench.repository.requests.back() == "1.targets.json");
    CHECK(bench.files.status("/trust/targets.json")->type == FileType::regular);
}

// Sizes

namespace {

/// Breaks the promise to keep the cap.
struct Endless : Transport {
    Transport& source;
    std::string file;
    std::map<std::string, std::uint64_t> caps;
    Endless(Transport& behind, std::string which) : source(behind), file(std::move(which)) {}
    const std::string& name() const override { return source.name(); }
    std::optional<std::string> metadata(const std::string& asked, std::uint64_t cap) override {
        caps[asked] = cap;
        auto bytes = source.metadata(asked, cap);
        if (asked == file) bytes = bytes.value_or("") + std::string(std::size_t(cap) + 1, ' ');
        return bytes;
    }
    bool target(const TargetRequest&, TargetSink&) override { return false; }
};

} // namespace

TEST_CASE("every file has a cap, which is told to the transport and checked behind it") {
    for (const std::string file : {"2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json", "none"}) {
        CAPTURE(file);
        Bench bench;
        Endless endless(bench.repository, file);
        const std::string cause = cause_of([&] { Updater(bench.files, bench.clock, {&endless}, "/trust").refresh(); });
        CHECK(cause == (file == "none" ? "ok" : "file_too_large"));
        if (file == "none")
            CHECK(endless.caps == std::map<std::string, std::uint64_t>{{"2.root.json", 512000},
                                                                       {"timestamp.json", 16384},
                                                                       {"1.snapshot.json", 2000000},
                                                                       {"1.targets.json", 5000000}});
    }
}

TEST_CASE("a listed length is the cap, but never raises it") {
    Bench bench;
    bench.repository.roles["timestamp"]["meta"]["snapshot.json"]["length"] = std::int64_t(1) << 60;
    bench.repository.metadata_files["timestamp.json"] = bench.repository.bytes("timestamp");
    bench.repository.roles["snapshot"]["meta"]["targets.json"]["length"] = 77;
    bench.repository.metadata_files["1.snapshot.json"] = bench.repository.bytes("snapshot");
    Endless counting(bench.repository, "none");
    CHECK(cause_of([&] { Updater(bench.files, bench.clock, {&counting}, "/trust").refresh(); }) == "metadata_mismatch");
    CHECK(counting.caps["1.snapshot.json"] == 2000000);
}

// Mirrors

TEST_CASE("a mirror that fails, lies or lags is left for the next one") {
    Bench bench;
    bench.repository.publish();
    FakeRepository good = bench.repository;
    FakeRepository bad = bench.repository;
    const auto both = [&] {
        return cause_of([&] { Updater(bench.files, bench.clock, {&bad, &good}, "/trust").refresh(); });
    };
    SUBCASE("it does not answer") {
        bad.before_each = [](const std::string&) { throw Error("transport_failed", "cannot connect", Retry::later); };
        CHECK(both() == "ok");
        CHECK(bad.requests.size() == 1); // not asked again where the other one answers
    }
    SUBCASE("it lacks files") {
        bad.metadata_files.clear();
        CHECK(both() == "ok");
    }
    SUBCASE("it signs with other keys") {
        bad.metadata_files["timestamp.json"] = bad.wrap(bad.roles["timestamp"], {SigningKey::ed25519("x")});
        CHECK(both() == "ok");
    }
    SUBCASE("it is behind") {
        CHECK(both() == "ok");
        good.publish();
        CHECK(both() == "ok");
        CHECK(both() == "ok");
        CHECK(bench.stored("timestamp") == 2); // a mirror that only lags is not found out: it is a freeze
        bad.metadata_files["timestamp.json"] = Bench().repository.metadata_files["timestamp.json"];
        CHECK(both() == "ok");
        CHECK(bench.stored("timestamp") == 3);
    }
    SUBCASE("both fail") {
        bad.before_each = [](const std::string&) { throw Error("transport_failed", "cannot connect", Retry::later); };
        good.metadata_files["timestamp.json"] = "{}";
        CHECK(both() == "metadata_malformed");
    }
}

TEST_CASE("without a mirror a refresh is an error") {
    Bench bench;
    CHECK(cause_of([&] { Updater(bench.files, bench.clock, {}, "/trust").refresh(); }) == "metadata_missing");
}

// Time

TEST_CASE("the time floor keeps a clock that is set back from bringing old metadata to life") {
    Bench bench;
    bench.repository.roles["timestamp"]["expires"] = utc_text(bench.clock.time + 2 * 86400);
    bench.repository.publish();
    CHECK(bench.refresh() == "ok");
    bench.clock.time += 86400;
    CHECK(bench.refresh() == "ok");
    bench.repository.roles["timestamp"]["expires"] = utc_text(bench.clock.time - 3600);
    bench.repository.publish();
    bench.clock.time -= 86400;
    CHECK(bench.refresh() == "metadata_expired");
    CHECK(bench.updater().state().clock_behind == Seconds(86400));
    bench.updater().reset_time_floor();
    CHECK(bench.refresh() == "ok");
}

TEST_CASE("a clock that jumps ahead stops updates while it lasts and leaves nothing behind") {
    Bench bench;
    CHECK(bench.refresh() == "ok");
    const UnixTime real = bench.clock.time;
    bench.clock.time += 20 * 365 * 86400ll;
    CHECK(bench.refresh() == "metadata_expired");
    bench.clock.time = real;
    CHECK(bench.refresh() == "ok");
    CHECK(bench.updater().state().record.time_floor == real);
}

TEST_CASE("the time floor moves only with a refresh that was verified to its end") {
    Bench bench;
    CHECK(bench.refresh() == "ok");
    const UnixTime floor = bench.updater().state().record.time_floor;
    bench.clock.time += 3600;
    bench.repository.publish();
    bench.repository.metadata_files["2.targets.json"] = "{}";
    CHECK(bench.refresh() == "metadata_malformed");
    CHECK(bench.updater().state().record.time_floor == floor);
}

// State

TEST_CASE("the state tells versions, days to expiry and the age of the metadata") {
    Bench bench;
    bench.repository.delegate("targets", "role", {"*"});
    bench.repository.publish({"role", "targets"});
    CHECK(bench.find("x") == "nobody");
    bench.clock.time += 10 * 86400;
    const TrustState state = bench.updater().state();
    REQUIRE(state.roles.size() == 5);
    CHECK(state.roles[0].role == "root");
    CHECK(state.roles[0].version == 1);
    CHECK(state.roles[0].days_left == 20);
    CHECK(state.roles[3].role == "role");
    CHECK(state.metadata_age == Seconds(10 * 86400));
    CHECK(!state.published);
    CHECK(state.record.refreshed == bench.clock.time - 10 * 86400);
    bench.clock.time += 20 * 86400 + 1;
    CHECK(bench.updater().state().roles[0].days_left == -1);
}

TEST_CASE("the age of metadata that says when it was published is known at once") {
    Bench bench;
    bench.repository.roles["timestamp"]["x-published"] = utc_text(bench.clock.time - 7200);
    bench.repository.publish();
    CHECK(bench.refresh() == "ok");
    CHECK(bench.updater().state().metadata_age == Seconds(7200));
}

TEST_CASE("the state of an empty or damaged store is empty") {
    Bench bench;
    for (const char* file : {"root", "timestamp", "snapshot"})
        bench.files.put("/trust/" + std::string(file) + ".json", "damaged");
    bench.files.put("/trust/record", "damaged");
    CHECK(bench.updater().state().roles.empty());
    CHECK(bench.updater().state().record == TrustRecord{});
}
