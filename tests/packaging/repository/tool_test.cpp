#include "packaging/repository/command.h"

#include "installer/repository/folder_transport.h"
#include "installer/repository/updater.h"
#include "platform/error.h"
#include "tests/fakes/fake_file_system.h"
#include "tests/fakes/fake_machine.h"

#include <doctest/doctest.h>

#include <sstream>

using namespace autodeploy;

namespace {

/// A publisher on a machine in memory.
struct Publisher {
    FakeMachine machine;
    std::ostringstream out;
    std::ostringstream err;

    Publisher() {
        machine.disk.put("/root/passphrase", "correct horse battery\n", 0600);
        machine.disk.put_directory("/srv", 0755);
        machine.disk.put_directory("/srv/updates", 0755);
    }
    int run(std::vector<std::string> arguments) {
        out.str("");
        err.str("");
        arguments.insert(arguments.end(),
                         {"--repository", "/srv/updates", "--passphrase-file", "/root/passphrase", "--by", "alice"});
        return publisher::run(machine.platform(), arguments, out, err);
    }
    std::string file(const std::string& path) { return machine.disk.content("/srv/updates/" + path).value_or(""); }
    /// What an agent that trusts the first root sees.
    void refresh_as_agent() {
        const auto transport = folder_transport(machine.platform().files, "/srv/updates/published");
        Updater updater(machine.platform().files, machine.platform().clock, {transport.get()}, "/srv/trust");
        updater.init(file("published/metadata/1.root.json"));
        updater.refresh();
        REQUIRE(updater.find_target("offers.json").has_value());
        CHECK(updater.find_target("offers.json")->role == "releases");
        CHECK(updater.find_target("halt.json")->role == "halt");
    }
};

} // namespace

TEST_CASE("a new repository is read by an agent through rotations of every key") {
    Publisher publisher;
    REQUIRE(publisher.run({"init"}) == 0);
    REQUIRE(publisher.run({"publish"}) == 0);
    publisher.refresh_as_agent();
    for (const char* role : {"root", "timestamp", "snapshot", "targets", "releases", "halt", "aix"}) {
        CAPTURE(role);
        REQUIRE(publisher.run({"rotate", role}) == 0);
        REQUIRE(publisher.run({"publish"}) == 0);
        publisher.refresh_as_agent();
    }
    REQUIRE(publisher.run({"refresh"}) == 0);
    publisher.refresh_as_agent();
    CHECK(publisher.run({"verify"}) == 0);
}

TEST_CASE("a role with a threshold of two is published with two signatures and not with one") {
    Publisher publisher;
    REQUIRE(publisher.run({"init"}) == 0);
    REQUIRE(publisher.run({"add-key", "releases"}) == 0);
    REQUIRE(publisher.run({"threshold", "releases", "2"}) == 0);
    CHECK(publisher.run({"threshold", "releases", "3"}) == 1);
    REQUIRE(publisher.run({"publish"}) == 0);
    publisher.refresh_as_agent();

    // One of the two lives elsewhere.
    std::string away;
    for (const std::string& name : publisher.machine.disk.list("/srv/updates/keys"))
        if (name.starts_with("releases-") && name.ends_with(".pem")) away = name;
    publisher.machine.disk.put_directory("/media");
    publisher.machine.disk.put_directory("/media/keys");
    for (const std::string& name : {away, away.substr(0, away.size() - 4) + ".pub.json"})
        publisher.machine.disk.rename_durably("/srv/updates/keys/" + name, "/media/keys/" + name);
    REQUIRE(publisher.run({"freeze", "2026-12-20T00:00:00Z", "2027-01-04T00:00:00Z"}) == 0);
    REQUIRE(publisher.run({"publish"}) == 0); // that is the role halt
    REQUIRE(publisher.run({"arm", "armed"}) == 0);
    const std::string before = publisher.file("published/metadata/timestamp.json");
    CHECK(publisher.run({"publish"}) == 1);
    CHECK(publisher.err.str().find("the role releases needs 2 signatures, has 1") != std::string::npos);
    CHECK(publisher.file("published/metadata/timestamp.json") == before);
    REQUIRE(publisher.run({"sign", "releases", "--keys", "/media/keys"}) == 0);
    CHECK(publisher.run({"publish"}) == 0);
    publisher.refresh_as_agent();
}

TEST_CASE("keys are encrypted, for their owner alone, and never overwritten") {
    Publisher publisher;
    REQUIRE(publisher.run({"init"}) == 0);
    CHECK(publisher.run({"init"}) == 1);
    for (const std::string& name : publisher.machine.disk.list("/srv/updates/keys")) {
        if (!name.ends_with(".pem")) continue;
        CHECK(publisher.file("keys/" + name).starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
        CHECK(publisher.machine.disk.status("/srv/updates/keys/" + name)->mode == 0600);
    }
    publisher.machine.disk.put("/root/passphrase", "wrong horse battery\n", 0600);
    CHECK(publisher.run({"publish"}) == 1);
    CHECK(publisher.err.str().find("cannot decrypt") != std::string::npos);
}

TEST_CASE("publishing that dies at any change leaves readers a repository that verifies, and can be repeated") {
    for (int k = 1; k < 60; ++k)
        for (const CrashMoment moment : {CrashMoment::before, CrashMoment::torn, CrashMoment::after}) {
            CAPTURE(k);
            Publisher publisher;
            REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
            REQUIRE(publisher.run({"publish"}) == 0);
            REQUIRE(publisher.run({"arm", "armed"}) == 0);
            REQUIRE(publisher.run({"rotate", "targets"}) == 0);
            publisher.machine.disk.crash_at(k, moment);
            bool crashed = false;
            try {
                publisher.run({"publish"});
            } catch (const Crash&) {
                crashed = true;
            }
            publisher.machine.disk.restart();
            publisher.refresh_as_agent();
            CHECK(publisher.run({"publish"}) == 0);
            publisher.refresh_as_agent();
            if (!crashed) return;
        }
}

TEST_CASE("command lines that cannot be understood say what would have been right") {
    Publisher publisher;
    REQUIRE(publisher.run({"init"}) == 0);
    struct Row {
        std::vector<std::string> line;
        const char* message;
    };
    for (const Row& row : std::vector<Row>{{{"relese"}, "unknown command 'relese'"},
                                           {{"release"}, "expected: autodeploy-repository release VERSION"},
                                           {{"halt", "8.1.27.0", "--because", "x"}, "unknown option --because"},
                                           {{"recall", "8.1.27.0"}, "--to VERSION"},
                                           {{"arm", "follow"}, "expected 'arm armed' or 'arm observe'"},
                                           {{"delegate", "../etc"}, "a platform's name has only"}}) {
        CHECK(publisher.run(row.line) == 2);
        CHECK(publisher.err.str().find(row.message) != std::string::npos);
    }
}
