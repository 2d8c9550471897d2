#include "tests/packaging/repository/publisher.h"

#include "platform/error.h"

using namespace autodeploy;

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
                                           {{"delegate", "../etc"}, "a platform's name has only"},
                                           {{"threshold", "root", "two"}, "a threshold is a number"},
                                           {{"expiry", "root", "0"}, "from 1 to 3650"},
                                           {{"release", "8.1.27"}, "expected V.R.M.F"}}) {
        CHECK(publisher.run(row.line) == 2);
        CHECK(publisher.err.str().find(row.message) != std::string::npos);
    }
}

TEST_CASE("an init that dies anywhere can be run again and gives a repository that an agent reads") {
    bool crashed = true;
    for (int k = 1; crashed; ++k) {
        CAPTURE(k);
        Publisher publisher;
        publisher.machine.disk.crash_at(k, CrashMoment::after);
        crashed = false;
        try {
            publisher.run({"init", "--platform", "aix"});
        } catch (const Crash&) {
            crashed = true;
        }
        publisher.machine.disk.restart();
        const int again = publisher.run({"init", "--platform", "aix"});
        if (again != 0) CHECK(publisher.err.str().find("there is one already") != std::string::npos);
        REQUIRE(publisher.run({"publish"}) == 0);
        publisher.refresh_as_agent();
    }
}

TEST_CASE("init makes the folder that it is told") {
    Publisher publisher;
    REQUIRE(publisher.run_as_typed({"init", "--repository", "/srv/clients/updates", "--platform", "aix",
                                    "--passphrase-file", "/root/passphrase"}) == 0);
    CHECK(publisher.machine.disk.status("/srv/clients/updates")->mode == 0755);
    CHECK(publisher.machine.disk.status("/srv/clients/updates/keys")->mode == 0700);
}

TEST_CASE("init gives roles the thresholds and the time that were asked for") {
    Publisher publisher;
    CHECK(publisher.refuses({"init", "--threshold", "roots=2"}, 2, "names the role 'roots'"));
    CHECK(publisher.refuses({"init", "--threshold", "root=0"}, 2, "a number from 1 to 20"));
    REQUIRE(publisher.run({"init", "--threshold", "root=3", "--threshold", "releases=2", "--expiry", "timestamp=7"}) ==
            0);
    const Json root = publisher.draft().role_keys("root");
    CHECK(root.at("threshold").integer() == 3);
    CHECK(root.at("keyids").array().size() == 3);
    CHECK(publisher.draft().role_keys("releases").at("threshold").integer() == 2);
    CHECK(publisher.draft().role_keys("targets").at("threshold").integer() == 1);
    REQUIRE(publisher.run({"publish"}) == 0);
    publisher.refresh_as_agent();
    const auto timestamp = publisher.draft().published("timestamp");
    CHECK(timestamp->at("signed").at("expires").string() ==
          utc_text(publisher.machine.platform().clock.now() + 7 * 86400));
}

TEST_CASE("a passphrase file that others may read is refused, and so is one that is empty") {
    Publisher publisher;
    publisher.machine.disk.put("/root/passphrase", "correct horse battery\n", 0644);
    CHECK(publisher.refuses({"init"}, 1, "others may read"));
    publisher.machine.disk.put("/root/passphrase", "\n", 0600);
    CHECK(publisher.refuses({"init"}, 1, "the passphrase is empty"));
    publisher.machine.disk.put("/root/passphrase", "short\n", 0600);
    CHECK(publisher.refuses({"init"}, 1, "fewer than 8"));
}

TEST_CASE("two publishers never change a repository at once, but one may look while the other works") {
    Publisher publisher;
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    const auto held = publisher.machine.disk.try_lock("/srv/updates/lock");
    CHECK(publisher.refuses({"refresh"}, 1, "another autodeploy-repository"));
    CHECK(publisher.run({"status"}) == 0);
}

TEST_CASE("a staged file is signed on another machine, where there is no repository") {
    Publisher publisher;
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    REQUIRE(publisher.run({"publish"}) == 0);
    // The keys of the root are carried away for good.
    FakeFileSystem& disk = publisher.machine.disk;
    disk.put_directory("/vault");
    for (const std::string& name : disk.list("/srv/updates/keys"))
        if (name.starts_with("root-")) disk.rename_durably("/srv/updates/keys/" + name, "/vault/" + name);
    REQUIRE(publisher.run({"rotate", "timestamp"}) == 0);
    CHECK(publisher.refuses({"publish"}, 1, "the role root needs 1 signatures, has 0"));

    disk.put("/media/root.json", publisher.file("staged/root.json"));
    const std::vector<std::string> there{"sign",   "/media/root.json",  "--keys",
                                         "/vault", "--passphrase-file", "/root/passphrase"};
    REQUIRE(publisher.run_as_typed(there) == 0);
    CHECK(publisher.out.str().find("root, version 2") != std::string::npos);
    CHECK(publisher.out.str().find("timestamp: 1 of 1 key") != std::string::npos);
    CHECK(publisher.run_as_typed(there) == 1);
    CHECK(publisher.err.str().find("has not signed yet") != std::string::npos);
    disk.put("/srv/updates/staged/root.json", *disk.content("/media/root.json"));
    REQUIRE(publisher.run({"publish"}) == 0);
    publisher.refresh_as_agent();
}

TEST_CASE("a key that signed a staged file for another role does not count") {
    Publisher publisher;
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    REQUIRE(publisher.run({"publish"}) == 0);
    REQUIRE(publisher.run({"rotate", "timestamp"}) == 0);
    FakeFileSystem& disk = publisher.machine.disk;
    std::string halt;
    for (const std::string& name : disk.list("/srv/updates/keys"))
        if (name.starts_with("halt-") && name.ends_with(".pem")) halt = name.substr(5, 8);
    disk.put_directory("/elsewhere");
    const std::vector<std::string> line{"sign",
                                        "/srv/updates/staged/root.json",
                                        "--keys",
                                        "/srv/updates/keys",
                                        "--key",
                                        halt,
                                        "--passphrase-file",
                                        "/root/passphrase"};
    REQUIRE(publisher.run_as_typed(line) == 0);
    CHECK(publisher.refuses({"publish", "--keys", "/elsewhere"}, 1, "needs 1 signatures, has 0"));
}

TEST_CASE("the audit names who the system says it was, whatever the environment says") {
    Publisher publisher;
    REQUIRE(publisher.run_as_typed({"init", "--repository", "/srv/updates", "--passphrase-file", "/root/passphrase"}) ==
            0);
    REQUIRE(publisher.run_as_typed({"audit", "--repository", "/srv/updates"}) == 0);
    CHECK(publisher.out.str().find("root for carol") != std::string::npos);
}

TEST_CASE("what is offered, recalled, halted and frozen is what was said, and can be taken back") {
    Publisher publisher;
    REQUIRE(publisher.run({"init"}) == 0);
    publisher.list_package("8.1.26.0");
    publisher.list_package("8.1.27.0");
    publisher.list_package("8.1.20.0", "aix", true);
    CHECK(publisher.refuses({"release", "8.1.99.0"}, 1, "no package of that version"));
    CHECK(publisher.refuses({"release", "8.1.27.0", "--platform", "linux-x86_64"}, 1, "for linux-x86_64 was added"));
    CHECK(publisher.refuses({"release", "8.1.20.0"}, 1, "as a way back only"));
    CHECK(publisher.refuses({"release", "8.1.27.0", "--share", "101"}, 2, "--share is a number"));

    REQUIRE(publisher.run({"release", "8.1.27.0", "--share", "10", "--nodes", "WEB*", "--change", "CHG1", "--json"}) ==
            0);
    CHECK(parse_json(publisher.out.str()).at("detail").at("release").string() == "8.1.27.0");
    const std::vector<std::string> further{"release", "8.1.27.0", "--share",  "50",
                                           "--nodes", "WEB*",     "--change", "CHG2"};
    REQUIRE(publisher.run(further) == 0);
    REQUIRE(publisher.run(further) == 0);
    CHECK(publisher.out.str().find("to 50 % of the nodes WEB*;") != std::string::npos);
    std::vector<std::string> of_bob = further;
    of_bob.insert(of_bob.end(), {"--repository", "/srv/updates", "--by", "bob"});
    REQUIRE(publisher.run_as_typed(of_bob) == 0);
    REQUIRE(publisher.run({"release", "8.1.26.0", "--channel", "slow"}) == 0);
    REQUIRE(publisher.draft().offers().offers.size() == 2);
    const Offer offer = publisher.draft().offers().offers[0];
    CHECK(offer.share == 50);
    CHECK(offer.change == "CHG2");
    // Who says it again has said it once.
    REQUIRE(offer.approvals.size() == 2);
    CHECK(offer.approvals[0].by == "alice");
    CHECK(offer.approvals[1].by == "bob");

    REQUIRE(publisher.run({"recall", "8.1.27.0", "--to", "8.1.26.0", "--reason", "scheduler dies"}) == 0);
    CHECK(publisher.refuses({"recall", "8.1.26.0", "--to", "8.1.27.0"}, 2, "goes down"));
    CHECK(publisher.draft().offers().recalls.at(0).reason == "scheduler dies");
    REQUIRE(publisher.run({"recall", "8.1.27.0", "--cancel"}) == 0);
    CHECK(publisher.draft().offers().recalls.empty());
    CHECK(publisher.refuses({"recall", "8.1.27.0", "--cancel"}, 1, "no such thing in force"));

    REQUIRE(publisher.run({"release", "8.1.26.0", "--cancel", "--channel", "slow"}) == 0);
    CHECK(publisher.draft().offers().offers.size() == 1);
    CHECK(publisher.refuses({"release", "8.1.26.0", "--cancel"}, 1, "the offer of 8.1.26.0"));

    // A release that the repository does not have any more can still be halted.
    REQUIRE(publisher.run({"halt", "8.1.1.0", "--reason", "loses files"}) == 0);
    CHECK(publisher.out.str().find("no package of 8.1.1.0 was ever added here") != std::string::npos);
    REQUIRE(publisher.run({"halt", "8.1.27.0", "--platform", "aix"}) == 0);
    CHECK(publisher.out.str().find("8.1.27.0 was ever") == std::string::npos);
    CHECK(publisher.draft().halt().releases.size() == 2);
    REQUIRE(publisher.run({"resume", "8.1.27.0"}) == 0);
    CHECK(publisher.refuses({"resume", "8.1.27.0"}, 1, "not halted"));

    const std::vector<std::string> freeze{"freeze", "2026-12-20T00:00:00Z", "2027-01-04T00:00:00Z"};
    REQUIRE(publisher.run(freeze) == 0);
    REQUIRE(publisher.run(freeze) == 0);
    CHECK(publisher.draft().halt().freezes.size() == 1);
    std::vector<std::string> thaw = freeze;
    thaw.emplace_back("--cancel");
    REQUIRE(publisher.run(thaw) == 0);
    CHECK(publisher.draft().halt().freezes.empty());
    CHECK(publisher.refuses(thaw, 1, "no such thing in force"));

    REQUIRE(publisher.run({"audit"}) == 0);
    CHECK(publisher.out.str().find("alice release {\"change\":\"CHG1\"") != std::string::npos);
    REQUIRE(publisher.run({"status"}) == 0);
    CHECK(publisher.out.str().find("offered  8.1.27.0 in channel stable to 50 % of WEB*") != std::string::npos);
    CHECK(publisher.out.str().find("halted   8.1.1.0: loses files") != std::string::npos);
    REQUIRE(publisher.run({"publish"}) == 0);
    publisher.refresh_as_agent();
}

TEST_CASE("nobody's way back is removed unless forced, anything else is") {
    Publisher publisher;
    REQUIRE(publisher.run({"init"}) == 0);
    for (const char* release : {"8.1.24.0", "8.1.25.0", "8.1.26.0", "8.1.27.0"})
        publisher.list_package(release);
    publisher.list_package("8.1.20.0", "aix", true);
    REQUIRE(publisher.run({"release", "8.1.25.0"}) == 0);
    REQUIRE(publisher.run({"release", "8.1.25.0", "--cancel"}) == 0);
    REQUIRE(publisher.run({"release", "8.1.27.0"}) == 0);
    REQUIRE(publisher.run({"recall", "8.1.27.0", "--to", "8.1.26.0"}) == 0);
    CHECK(publisher.refuses({"remove", "8.1.27.0"}, 1, "it is offered in channel stable"));
    CHECK(publisher.refuses({"remove", "8.1.26.0"}, 1, "clients are recalled to it"));
    CHECK(publisher.refuses({"remove", "8.1.25.0"}, 1, "it was offered once"));
    CHECK(publisher.refuses({"remove", "8.1.20.0"}, 1, "kept as a way back"));
    CHECK(publisher.refuses({"remove", "8.1.19.0"}, 1, "no package of it"));
    CHECK(publisher.run({"remove", "8.1.24.0"}) == 0);
    CHECK(publisher.run({"remove", "8.1.25.0", "--force"}) == 0);
    CHECK(publisher.draft().packages().size() == 3);
}

TEST_CASE("keys that no role uses any more leave the metadata, and old roots stay for ever") {
    Publisher publisher;
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    REQUIRE(publisher.run({"publish"}) == 0);
    for (int i = 0; i < 3; ++i) {
        REQUIRE(publisher.run({"rotate", "root"}) == 0);
        REQUIRE(publisher.run({"publish"}) == 0);
    }
    CHECK(publisher.draft().published("root")->at("signed").at("keys").object().size() == 4);
    for (int version = 1; version <= 4; ++version)
        CHECK_FALSE(publisher.file("published/metadata/" + std::to_string(version) + ".root.json").empty());
    publisher.refresh_as_agent();
    CHECK(publisher.refuses({"remove-key", "root", "00000000"}, 1, "the role has none"));
    REQUIRE(publisher.run({"add-key", "releases"}) == 0);
    const std::string first = publisher.draft().role_keys("releases").at("keyids").array()[0].string();
    REQUIRE(publisher.run({"remove-key", "releases", first.substr(0, 8)}) == 0);
    CHECK(publisher.draft().role_keys("releases").at("keyids").array().size() == 1);
    REQUIRE(publisher.run({"publish"}) == 0);
    publisher.refresh_as_agent();
}

TEST_CASE("a mirror has the same bytes, goes on where it was, and may leave platforms out") {
    Publisher publisher;
    FakeFileSystem& disk = publisher.machine.disk;
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    CHECK(publisher.refuses({"mirror", "/media/updates"}, 1, "nothing was published yet"));
    REQUIRE(publisher.run({"publish"}) == 0);
    disk.put("/srv/updates/published/targets/packages/aix/a.tar", "aix");
    disk.put("/srv/updates/published/targets/packages/aix-old/b.tar", "other");
    REQUIRE(publisher.run({"mirror", "/media/updates", "--platform", "aix"}) == 0);
    CHECK(disk.content("/media/updates/targets/packages/aix/a.tar") == "aix");
    CHECK_FALSE(disk.status("/media/updates/targets/packages/aix-old").has_value());
    REQUIRE(publisher.run({"mirror", "/media/updates"}) == 0);
    CHECK(publisher.out.str().starts_with("1 file copied"));
    for (const std::string& name : disk.list("/srv/updates/published/metadata"))
        CHECK(disk.content("/media/updates/metadata/" + name) == publisher.file("published/metadata/" + name));
    REQUIRE(publisher.run({"refresh"}) == 0);
    REQUIRE(publisher.run({"mirror", "/media/updates", "--json"}) == 0);
    CHECK(parse_json(publisher.out.str()).at("copied").integer() == 2);
}

TEST_CASE("every command has help with an example that it would understand") {
    Publisher publisher;
    REQUIRE(publisher.run_as_typed({"--help"}) == 0);
    std::istringstream lines(publisher.out.str());
    int commands = 0;
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("  ")) continue;
        std::istringstream words(line);
        std::string name;
        words >> name;
        CAPTURE(name);
        Publisher other;
        CHECK(other.run_as_typed({name, "--help"}) == 0);
        CHECK(other.out.str().find("Example:\n  autodeploy-repository " + name) != std::string::npos);
        ++commands;
    }
    CHECK(commands == 23);
}

TEST_CASE("what agents would refuse to read is refused when it is typed, and changes nothing") {
    Publisher publisher;
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    publisher.list_package("8.1.27.0");
    const std::string releases = publisher.file("staged/releases.json");
    const std::string halt = publisher.file("staged/halt.json");
    for (const std::vector<std::string>& line : std::vector<std::vector<std::string>>{
             {"release", "8.1.27.0", "--channel", ""},
             {"release", "8.1.27.0", "--channel", "two\nlines"},
             {"release", "8.1.27.0", "--nodes", ""},
             {"release", "8.1.27.0", "--nodes", "\xff"},
             {"release", "8.1.27.0", "--change", "CHG\x1b[31m"},
             {"release", "8.1.27.0", "--notes", std::string(5000, 'x')},
             {"arm", "armed", "--nodes", ""},
             {"halt", "8.1.27.0", "--reason", "two\nlines"},
             {"freeze", "2026-12-20T00:00:00Z", "2027-01-04T00:00:00Z", "--channel", ""},
         }) {
        CAPTURE(line.front());
        CHECK(publisher.run(line) == 1);
        CHECK(publisher.err.str().find("cannot ") != std::string::npos);
        CHECK(publisher.file("staged/releases.json") == releases);
        CHECK(publisher.file("staged/halt.json") == halt);
    }
    CHECK(publisher.run({"release", "8.1.27.0"}) == 0);
}

TEST_CASE("a rule for a platform that the repository does not have is refused") {
    Publisher publisher;
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    publisher.list_package("8.1.25.0");
    CHECK(publisher.refuses({"halt", "8.1.25.0", "--platform", "axi"}, 1, "platform 'axi'"));
    CHECK(publisher.refuses({"arm", "armed", "--platform", "releases"}, 1, "platform 'releases'"));
    CHECK(publisher.refuses({"recall", "8.1.27.0", "--to", "8.1.25.0", "--platform", "axi"}, 1, "platform 'axi'"));
    CHECK(publisher.run({"halt", "8.1.25.0", "--platform", "aix"}) == 0);
}

TEST_CASE("a release that is halted twice is halted once, for the last reason") {
    Publisher publisher;
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    REQUIRE(publisher.run({"halt", "8.1.27.0", "--reason", "one"}) == 0);
    REQUIRE(publisher.run({"halt", "8.1.27.0", "--reason", "two"}) == 0);
    REQUIRE(publisher.draft().halt().releases.size() == 1);
    CHECK(publisher.draft().halt().releases[0].reason == "two");
}

TEST_CASE("a change of keys that dies anywhere and is published leaves readers a repository that verifies") {
    for (const std::vector<std::string>& change : std::vector<std::vector<std::string>>{
             {"rotate", "releases"}, {"rotate", "targets"}, {"delegate", "linux-s390x"}}) {
        CAPTURE(change.front());
        bool crashed = true;
        for (int k = 1; crashed; ++k) {
            CAPTURE(k);
            Publisher publisher;
            REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
            REQUIRE(publisher.run({"publish"}) == 0);
            publisher.machine.disk.crash_at(k, CrashMoment::after);
            crashed = false;
            try {
                publisher.run(change);
            } catch (const Crash&) {
                crashed = true;
            }
            publisher.machine.disk.restart();
            REQUIRE(publisher.run({"publish"}) == 0);
            publisher.refresh_as_agent();
            publisher.run(change);
            CHECK(publisher.run({"publish"}) == 0);
            publisher.refresh_as_agent();
        }
    }
}

TEST_CASE("a platform is not called as another role is, nor as a device of Windows") {
    Publisher publisher;
    CHECK(publisher.refuses({"init", "--platform", "halt"}, 2, "role of another kind"));
    CHECK(publisher.refuses({"init", "--platform", "aix", "--platform", "aix"}, 2, "twice"));
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    const std::string root = publisher.file("staged/root.json");
    for (const char* role : {"root", "targets", "snapshot", "timestamp", "releases", "halt", "packages"})
        CHECK(publisher.refuses({"delegate", role}, 2, "role of another kind"));
    CHECK(publisher.refuses({"delegate", "con"}, 2, "Windows has a device of that name"));
    CHECK(publisher.refuses({"delegate", std::string(65, 'x')}, 2, "at most 64 characters"));
    CHECK(publisher.file("staged/root.json") == root);
}

TEST_CASE("a key file that is damaged is told with its name") {
    Publisher publisher;
    REQUIRE(publisher.run({"init"}) == 0);
    std::string pem;
    std::string pub;
    for (const std::string& name : publisher.machine.disk.list("/srv/updates/keys")) {
        if (name.starts_with("timestamp-") && name.ends_with(".pem")) pem = "/srv/updates/keys/" + name;
        if (name.starts_with("timestamp-") && name.ends_with(".pub.json")) pub = "/srv/updates/keys/" + name;
    }
    const std::string good = *publisher.machine.disk.content(pem);
    publisher.machine.disk.put(pem, "", 0600);
    CHECK(publisher.refuses({"publish"}, 1, "cannot use " + pem + ": there is no key in it"));
    publisher.machine.disk.put(pem, good, 0600);
    publisher.machine.disk.put(pub, "{", 0644);
    CHECK(publisher.refuses({"publish"}, 1, "cannot use the public key " + pub));
}

TEST_CASE("a key is removed by an id that only one of the role's keys has") {
    Publisher publisher;
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    REQUIRE(publisher.run({"add-key", "halt"}) == 0);
    CHECK(publisher.refuses({"remove-key", "halt", ""}, 1, "several ids"));
    CHECK(publisher.refuses({"remove-key", "halt", "xyz"}, 1, "none of that id"));
    CHECK(publisher.draft().role_keys("halt").at("keyids").array().size() == 2);
}

TEST_CASE("new keys are not made with another passphrase than the keys beside them") {
    Publisher publisher;
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    const auto keys = publisher.machine.disk.list("/srv/updates/keys");
    publisher.machine.disk.put("/root/passphrase", "another horse battery\n", 0600);
    for (const std::vector<std::string>& line :
         std::vector<std::vector<std::string>>{{"rotate", "halt"}, {"add-key", "halt"}, {"delegate", "linux-s390x"}})
        CHECK(publisher.refuses(line, 1, "cannot decrypt"));
    CHECK(publisher.machine.disk.list("/srv/updates/keys") == keys);
    CHECK(publisher.run({"add-key", "halt", "--keys", "/root/others"}) == 0);
}

TEST_CASE("with --json an error is JSON too, of what cannot be understood as well") {
    Publisher publisher;
    for (const std::vector<std::string>& line :
         std::vector<std::vector<std::string>>{{"status", "--json"}, {"relese", "--json"}, {"halt", "--json", "x"}}) {
        CAPTURE(line.front());
        CHECK(publisher.run(line) != 0);
        const Json answer = parse_json(publisher.out.str());
        CHECK(answer.at("format") == Json(std::int64_t(1)));
        CHECK(!answer.at("error").at("cause").string().empty());
        CHECK(!answer.at("error").at("message").string().empty());
        CHECK(publisher.err.str().empty());
    }
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    for (const char* command : {"publish", "publish", "refresh"}) {
        REQUIRE(publisher.run({command, "--json"}) == 0);
        CHECK(parse_json(publisher.out.str()).at("action") == Json(command));
    }
}

TEST_CASE("the help of a command says of each option what it means") {
    Publisher publisher;
    REQUIRE(publisher.run_as_typed({"--help"}) == 0);
    std::istringstream lines(publisher.out.str());
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("  ")) continue;
        Publisher other;
        REQUIRE(other.run_as_typed({line.substr(2, line.find(' ', 2) - 2), "-h"}) == 0);
        std::istringstream help(other.out.str());
        for (std::string option; std::getline(help, option);) {
            if (!option.starts_with("  --")) continue;
            CAPTURE(line);
            CAPTURE(option);
            std::string meaning;
            std::getline(help, meaning);
            CHECK(meaning.starts_with("      "));
            CHECK(meaning.size() > 12);
        }
    }
}

TEST_CASE("options that are no options, or are given twice, are not guessed at") {
    Publisher publisher;
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    publisher.list_package("8.1.27.0");
    CHECK(publisher.refuses({"release", "8.1.27.0", "--cancel=no"}, 2, "--cancel takes no value"));
    CHECK(publisher.refuses({"release", "8.1.27.0", "-s", "10"}, 2, "unknown option -s"));
    CHECK(publisher.refuses({"release", "8.1.27.0", "--share", "10", "--share", "20"}, 2, "--share is given twice"));
    CHECK(publisher.refuses({"mirror", ""}, 2, "is empty"));
    CHECK(publisher.refuses({"freeze", "tomorrow", "later"}, 2, "FROM and TO"));
    CHECK(publisher.run_as_typed({"halt", "8.1.27.0", "--by", "", "--repository", "/srv/updates"}) == 2);
    CHECK(publisher.run_as_typed({"halt", "8.1.27.0", "--by", "a\nb", "--repository", "/srv/updates"}) == 2);
    CHECK(publisher.run_as_typed({"status", "--repository", "/srv/other/.././updates/"}) == 0);
    CHECK(publisher.refuses({"threshold", "root", "2"}, 1, "has 1 key; add one with 'autodeploy-repository add-key"));
    CHECK(publisher.refuses({"init"}, 1, "status --repository /srv/updates"));
}

TEST_CASE("a passphrase with which keys could be made and never be used again is refused") {
    for (const std::string& passphrase :
         {std::string(1100, 'x'), std::string("correct\0horse battery", 21), std::string("correct horse\nbattery")}) {
        Publisher publisher;
        publisher.machine.disk.put("/root/passphrase", passphrase, 0600);
        CHECK(publisher.refuses({"init"}, 1, "one line of at most 1023 bytes"));
        CHECK(!publisher.draft().exists());
    }
    Publisher publisher;
    publisher.machine.disk.put("/root/passphrase", std::string(1023, 'x') + "\r\n", 0600);
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    CHECK(publisher.run({"publish"}) == 0);
}

TEST_CASE("an audit that a crash has torn is read and goes on in a line of its own") {
    Publisher publisher;
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    publisher.list_package("8.1.25.0");
    publisher.list_package("8.1.26.0");
    publisher.machine.disk.put("/srv/updates/audit.jsonl",
                               publisher.file("audit.jsonl") + R"({"action":"release","detail":{"release":"8.1.25.0")");
    REQUIRE(publisher.run({"arm", "armed"}) == 0);
    REQUIRE(publisher.run({"audit"}) == 0);
    CHECK(publisher.out.str().find("a crash has torn it\n") != std::string::npos);
    CHECK(publisher.out.str().find(" alice arm ") != std::string::npos);
    REQUIRE(publisher.run({"audit", "--json"}) == 0);
    std::istringstream lines(publisher.out.str());
    for (std::string line; std::getline(lines, line);)
        CHECK_NOTHROW(parse_json(line));
    CHECK(publisher.run({"remove", "8.1.26.0"}) == 0);
    // The torn line may have been its release.
    CHECK(publisher.refuses({"remove", "8.1.25.0"}, 1, "it was offered once"));
}

TEST_CASE("a mirror is not made inside what is copied, nor for a platform that is not there") {
    Publisher publisher;
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    REQUIRE(publisher.run({"publish"}) == 0);
    for (const char* place : {"/srv/updates", "/srv/updates/published", "/srv/updates/published/targets/sub",
                              "/srv/updates/x/../published/"})
        CHECK(publisher.refuses({"mirror", place}, 2, "into itself"));
    CHECK(publisher.refuses({"mirror", "/media", "--platform", "linux"}, 1, "platform 'linux'"));
    CHECK(publisher.run({"mirror", "/srv/updates/published2"}) == 0);
}

TEST_CASE("verify looks at what was published, not at what is staged") {
    Publisher publisher;
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    CHECK(publisher.refuses({"verify"}, 1, "nothing was published yet"));
    REQUIRE(publisher.run({"publish"}) == 0);
    REQUIRE(publisher.run({"delegate", "linux-s390x"}) == 0);
    CHECK(publisher.run({"verify"}) == 0);
}

TEST_CASE("publish and refresh do not end well while something is expired that they do not renew") {
    Publisher publisher;
    REQUIRE(publisher.run({"init", "--platform", "aix", "--expiry", "halt=5"}) == 0);
    REQUIRE(publisher.run({"publish"}) == 0);
    const UnixTime begin = publisher.clock.now();
    publisher.clock.set(begin + 5 * 86400 + 3600);
    REQUIRE(publisher.run({"status"}) == 0);
    CHECK(publisher.out.str().find("(-1 days) EXPIRED") != std::string::npos);
    CHECK(publisher.refuses({"refresh"}, 1, "the role halt expired at"));
    CHECK(publisher.refuses({"publish"}, 1, "'expiry halt DAYS' and 'publish'"));
    REQUIRE(publisher.run({"expiry", "halt", "300"}) == 0);
    CHECK(publisher.run({"publish"}) == 0);
    publisher.clock.set(begin + 40 * 86400);
    CHECK(publisher.refuses({"publish"}, 1, "'refresh'"));
}

TEST_CASE("nothing is signed by a clock that is before the repository's beginning") {
    Publisher publisher;
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    REQUIRE(publisher.run({"publish"}) == 0);
    publisher.clock.set(978307200); // 2001
    const std::string timestamp = publisher.file("published/metadata/timestamp.json");
    CHECK(publisher.refuses({"refresh"}, 1, "the clock says"));
    CHECK(publisher.file("published/metadata/timestamp.json") == timestamp);
    CHECK(publisher.run({"status"}) == 0);
    publisher.clock.set(253402214400); // the last day of 9999
    CHECK(publisher.refuses({"arm", "armed"}, 1, "four digits of a year"));
    CHECK(publisher.run({"status"}) == 0);
}

TEST_CASE("a staged file that cannot be read is named, with what to do") {
    Publisher publisher;
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    REQUIRE(publisher.run({"publish"}) == 0);
    publisher.machine.disk.put("/srv/updates/staged/halt.json", "{");
    CHECK(publisher.refuses({"halt", "8.1.27.0"}, 1, "/srv/updates/staged/halt.json"));
    CHECK(publisher.refuses({"halt", "8.1.27.0"}, 1, "or remove it"));
}

TEST_CASE("a mirror takes what is published, and nothing that a crash left beside it, whoever owns it") {
    Publisher publisher;
    REQUIRE(publisher.run({"init", "--platform", "aix"}) == 0);
    REQUIRE(publisher.run({"publish"}) == 0);
    FakeFileSystem& disk = publisher.machine.disk;
    disk.put("/srv/updates/published/targets/.abc.autodeploy-new", "half");
    const std::string root = "/srv/updates/published/metadata/1.root.json";
    FileStatus status = *disk.status(root);
    status.user = 1234;
    disk.set_status(root, status);
    REQUIRE(publisher.run({"mirror", "/media/updates"}) == 0);
    CHECK(!disk.status("/media/updates/targets/.abc.autodeploy-new"));
    CHECK(disk.status("/media/updates/metadata/1.root.json")->user != 1234);
    CHECK((disk.status("/media/updates/metadata/1.root.json")->mode & 0777) == 0644);
    CHECK(disk.content("/media/updates/metadata/1.root.json") == disk.content(root));
}
