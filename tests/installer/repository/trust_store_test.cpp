#include "installer/repository/trust_store.h"
#include "tests/installer/repository/bench.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

/// A refresh to new keys of the timestamp and the snapshot, a new bundle, and a delegated role.
void publish_much(FakeRepository& repository) {
    for (const char* role : {"timestamp", "snapshot"})
        repository.set_keys(role, {SigningKey::ed25519(std::string("new ") + role)}, 1);
    repository.publish_root();
    repository.delegate("targets", "role", {"*"});
    repository.publish({"role", "targets"});
}

std::string search(Bench& bench) {
    std::string role = "crash";
    try {
        role = bench.find("file");
    } catch (const Crash&) {
    }
    return role;
}

/// Calls that change the disk in one search.
int calls_of_a_search() {
    Bench bench;
    bench.refresh();
    publish_much(bench.repository);
    bench.files.clear_log();
    bench.find("file");
    return bench.files.calls();
}

} // namespace

TEST_CASE("stopped at any write of a search, the store is what it once was, and the next search ends well") {
    const int calls = calls_of_a_search();
    REQUIRE(calls > 8);
    for (int k = 1; k <= calls; ++k)
        for (const CrashMoment moment : {CrashMoment::before, CrashMoment::torn, CrashMoment::after}) {
            CAPTURE(k);
            Bench bench;
            CHECK(bench.refresh() == "ok");
            FakeRepository old = bench.repository;
            publish_much(bench.repository);
            bench.files.crash_at(k, moment);
            CHECK(search(bench) == "crash");
            bench.files.restart();

            // Nothing newer than what is stored can be undone by serving the old files again.
            const std::int64_t root = bench.stored("root");
            const std::int64_t timestamp = bench.stored("timestamp");
            CHECK((root == 1 || root == 2));
            CHECK((timestamp == 1 || timestamp == 2 || (timestamp == 0 && root == 2)));
            const std::string replayed =
                cause_of([&] { Updater(bench.files, bench.clock, {&old}, "/trust").refresh(); });
            CHECK(replayed == (root == 1 ? "ok" : "signature_threshold"));
            CHECK(bench.stored("root") == root);

            CHECK(bench.find("file") == "nobody");
            CHECK(bench.stored("root") == 2);
            CHECK(bench.stored("timestamp") == 2);
            CHECK(bench.stored("role") == 1);
        }
}

TEST_CASE("forgetting the floors survives a crash between the new root and their removal") {
    // The snapshot's second key stays: only the mark on the disk can tell that its stored file is no floor any more.
    for (int k = 1; k <= 12; ++k)
        for (const CrashMoment moment : {CrashMoment::before, CrashMoment::after}) {
            CAPTURE(k);
            Bench bench;
            FakeRepository& repository = bench.repository;
            repository.set_keys("snapshot", {SigningKey::ed25519("s1"), SigningKey::ed25519("s2")}, 1);
            repository.publish_root();
            for (int i = 0; i < 9; ++i)
                repository.publish();
            CHECK(bench.refresh() == "ok");
            for (const char* role : {"targets", "snapshot", "timestamp"})
                repository.roles[role]["version"] = 2;
            const SigningKey staying = repository.signers["snapshot"][1];
            repository.set_keys("snapshot", {staying}, 1);
            repository.publish();
            repository.publish_root();
            bench.files.crash_at(k, moment);
            try {
                bench.refresh();
            } catch (const Crash&) {
            }
            bench.files.restart();
            CHECK(bench.refresh() == "ok");
            CHECK(bench.stored("snapshot") == 3);
            CHECK(!bench.files.status("/trust/forget"));
        }
}

TEST_CASE("a mark of forgetting whose root never came takes nothing away") {
    Bench bench;
    bench.repository.publish();
    CHECK(bench.refresh() == "ok");
    bench.files.put("/trust/forget", "2");
    bench.repository.metadata_files["timestamp.json"] = Bench().repository.metadata_files["timestamp.json"];
    CHECK(bench.refresh() == "metadata_older");
    CHECK(!bench.files.status("/trust/forget"));
    bench.files.put("/trust/forget", "1");
    CHECK(bench.refresh() == "ok");
}

TEST_CASE("a write that fails ends the refresh with its own cause, and the next one goes on") {
    const int calls = calls_of_a_search();
    for (int k = 1; k <= calls; ++k) {
        CAPTURE(k);
        Bench bench;
        CHECK(bench.refresh() == "ok");
        publish_much(bench.repository);
        bench.files.fail_at(k, "disk_full");
        CHECK(bench.find("file") == "disk_full");
        CHECK(bench.find("file") == "nobody");
    }
}

TEST_CASE("an update that fails keeps no trusted state in its session") {
    Bench bench;
    Updater updater = bench.updater();
    bench.repository.add_target("targets", "file", "content");
    bench.repository.publish();
    CHECK(updater.find_target("file"));
    bench.repository.publish();
    bench.repository.metadata_files["3.snapshot.json"] = "{}";
    CHECK(cause_of([&] { updater.refresh(); }) == "metadata_malformed");
    CHECK(cause_of([&] { updater.find_target("file"); }) == "metadata_malformed");
    bench.repository.publish();
    CHECK(updater.find_target("file"));
}

TEST_CASE("a second process waits for the first and then gives up with a clear word") {
    Bench bench;
    std::string second;
    bench.repository.before_each = [&](const std::string& file) {
        if (file != "timestamp.json") return;
        FakeRepository other = bench.repository;
        other.before_each = nullptr;
        second = cause_of([&] { Updater(bench.files, bench.clock, {&other}, "/trust").refresh(); });
    };
    CHECK(bench.refresh() == "ok");
    CHECK(second == "trust_store_busy");
    CHECK(bench.clock.passed >= Milliseconds(30000));
    bench.repository.before_each = nullptr;
    CHECK(bench.refresh() == "ok");
}

TEST_CASE("a session that another process has overtaken takes nothing newer away") {
    Bench bench;
    bench.repository.delegate("targets", "role", {"*"});
    bench.repository.publish({"role", "targets"});
    Updater slow = bench.updater();
    slow.refresh();
    bench.repository.publish({"role"});
    CHECK(bench.find("file") == "nobody");
    CHECK(bench.stored("role") == 2);
    CHECK(!slow.find_target("file"));
    CHECK(bench.stored("role") == 2);
}

TEST_CASE("the store is for us alone") {
    Bench bench;
    CHECK(bench.files.status("/trust")->mode == 0700);
    FileStatus open = *bench.files.status("/trust");
    open.mode = 0755;
    bench.files.set_status("/trust", open);
    CHECK(bench.refresh() == "access_denied");
    open.mode = 0700;
    bench.files.set_status("/trust", open);
    CHECK(bench.refresh() == "ok");
    for (const std::string& file : bench.files.list("/trust"))
        CHECK(bench.files.status("/trust/" + file)->mode == 0600);
}

TEST_CASE("a record comes back as it was written, and a damaged one is empty") {
    FakeFileSystem files;
    SetClock clock;
    TrustStore store(files, clock, "/trust");
    const auto lock = store.lock(Milliseconds(0));
    const TrustRecord record{5, 6, 7, 8};
    store.write_record(record);
    CHECK(store.record() == record);
    files.put("/trust/record", "{}");
    CHECK(store.record() == TrustRecord{});
    files.put("/trust/record", std::string(10000, ' '));
    CHECK(store.record() == TrustRecord{});
    files.fail_path("/trust/record", "io_error");
    CHECK(cause_of([&] { store.record(); }) == "io_error");
}
