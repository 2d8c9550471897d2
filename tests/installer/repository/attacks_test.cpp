#include "platform/digest.h"
#include "tests/installer/repository/bench.h"

#include <doctest/doctest.h>

#include <functional>

using namespace autodeploy;

namespace {

const std::string wanted = "packages/linux/client.rpm";

/// A machine that has updated twice already, and a repository that offers one package more.
struct Victim : Bench {
    FakeRepository first{clock.time}; ///< what an attacker kept from earlier

    Victim() {
        files.put_directory("/down", 0700);
        // Root needs two of its three keys from here on.
        const std::vector<SigningKey> before = repository.signers["root"];
        repository.set_keys("root", {SigningKey::ed25519("r1"), SigningKey::ed25519("r2"), SigningKey::ed25519("r3")},
                            2);
        const std::vector<SigningKey> after = repository.signers["root"];
        repository.signers["root"].push_back(before[0]);
        repository.publish_root();
        repository.signers["root"] = after;
        repository.delegate("targets", "linux", {"packages/linux/*"});
        repository.add_target("linux", "packages/linux/other.rpm", "another package!");
        repository.publish({"linux", "targets"});
        static_cast<RepositoryContent&>(first) = repository;
        repository.add_target("linux", wanted, "the very package");
        repository.publish({"linux"});
        CHECK(refresh() == "ok");
    }

    std::string& served(const std::string& path) {
        for (auto& [name, bytes] : repository.target_files)
            if (name.ends_with("." + path.substr(path.rfind('/') + 1))) return bytes;
        throw Crash{};
    }

    std::string fetch() {
        DownloadLimits once;
        once.attempts = 1;
        std::string cause = "nobody";
        const std::string thrown = cause_of([&] {
            Updater session = updater();
            const auto found = session.find_target(wanted);
            if (!found) return;
            session.download(*found, "/down/client.rpm", once);
            cause = files.content("/down/client.rpm") == "the very package" ? "the very package" : "SOMETHING ELSE";
        });
        return thrown == "ok" ? cause : thrown;
    }
};

/// The attack is refused with that cause; the same machine without it gets its package.
void refused(const std::string& cause, const std::function<void(Victim&)>& attack) {
    Victim victim;
    attack(victim);
    CHECK(victim.fetch() == cause);
    CHECK(!victim.files.status("/down/client.rpm"));
    CHECK(Victim().fetch() == "the very package");
}

} // namespace

TEST_CASE("attack: arbitrary software in place of the package") {
    refused("target_mismatch", [](Victim& v) { v.served(wanted) = "not the package!"; });
}

TEST_CASE("attack: another package of the repository in place of the one that is wanted") {
    refused("target_mismatch", [](Victim& v) { v.served(wanted) = v.served("packages/linux/other.rpm"); });
}

TEST_CASE("attack: arbitrary software with metadata to match, signed by the attacker") {
    refused("signature_threshold", [](Victim& v) {
        v.repository.add_target("linux", wanted, "not the package!");
        v.repository.signers["linux"] = {SigningKey::ed25519("attacker")};
        v.repository.publish({"linux"});
    });
}

TEST_CASE("attack: the repository as it was before") {
    refused("metadata_older", [](Victim& v) { static_cast<RepositoryContent&>(v.repository) = v.first; });
}

TEST_CASE("attack: an older bundle replayed through a folder") {
    Victim victim;
    victim.first.name_ = "folder /media/bundle";
    const auto replayed = [&] { Updater(victim.files, victim.clock, {&victim.first}, "/trust").refresh(); };
    CHECK(cause_of(replayed) == "metadata_older");
    CHECK(message_of(replayed) ==
          "cannot trust timestamp.json from folder /media/bundle: bundle 2 is older than 3, which "
          "this machine has seen");
    CHECK(victim.fetch() == "the very package");
}

TEST_CASE("attack: the repository frozen as it is") {
    refused("metadata_expired", [](Victim& v) { v.clock.time += 31 * 86400; });
}

TEST_CASE("attack: one role frozen behind a fresh timestamp") {
    refused("metadata_expired", [](Victim& v) {
        v.clock.time += 31 * 86400;
        for (const char* role : {"root", "timestamp", "snapshot", "targets"})
            v.repository.roles[role]["expires"] = utc_text(v.clock.time + 86400);
        v.repository.publish_root();
        v.repository.publish();
    });
}

TEST_CASE("attack: an older snapshot mixed with a newer timestamp") {
    refused("version_mismatch", [](Victim& v) {
        v.repository.publish();
        v.repository.metadata_files["4.snapshot.json"] = v.repository.metadata_files["3.snapshot.json"];
    });
}

TEST_CASE("attack: fewer keys than the threshold in the attacker's hand") {
    refused("signature_threshold", [](Victim& v) {
        v.repository.set_keys("root", {SigningKey::ed25519("attacker")}, 1);
        v.repository.signers["root"] = {SigningKey::ed25519("r1"), SigningKey::ed25519("attacker")};
        v.repository.publish_root();
    });
}

TEST_CASE("attack: metadata without an end") {
    refused("file_too_large",
            [](Victim& v) { v.repository.metadata_files["timestamp.json"] = std::string(20000, ' '); });
}

TEST_CASE("attack: metadata cut off") {
    refused("metadata_malformed", [](Victim& v) {
        std::string& bytes = v.repository.metadata_files["timestamp.json"];
        bytes.resize(bytes.size() / 2);
    });
}

TEST_CASE("attack: a package cut off") {
    Victim victim;
    const std::string whole = victim.served(wanted);
    victim.served(wanted).resize(5);
    CHECK(victim.fetch() != "SOMETHING ELSE");
    CHECK(!victim.files.status("/down/client.rpm"));
    victim.served(wanted) = whole;
    CHECK(victim.fetch() == "the very package");
}

TEST_CASE("attack: a key that stands twice, so that two readers read two things") {
    refused("metadata_malformed", [](Victim& v) {
        std::string& bytes = v.repository.metadata_files["timestamp.json"];
        bytes.insert(bytes.find("\"version\""), "\"version\":99,");
    });
}

TEST_CASE("attack: a delegated role that calls itself root") {
    refused("metadata_malformed", [](Victim& v) {
        v.repository.roles["targets"]["delegations"]["roles"].array()[0]["name"] = "root";
        v.repository.publish();
    });
}

TEST_CASE("attack: a role that speaks for what it was not given") {
    refused("nobody", [](Victim& v) {
        v.repository.roles["linux"]["targets"].object().erase(wanted);
        v.repository.delegate("targets", "aix", {"packages/aix/*"});
        v.repository.add_target("aix", wanted, "not the package!");
        v.repository.publish({"linux", "aix", "targets"});
    });
}
