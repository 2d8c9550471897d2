#include "installer/repository/folder_transport.h"
#include "installer/repository/updater.h"
#include "platform/error.h"
#include "platform/linux/extended_attributes.h"
#include "platform/linux/linux_clock.h"
#include "platform/posix/posix_file_system.h"
#include "tests/fakes/fake_repository.h"
#include "tests/platform/linux/nobodys_process.h"
#include "tests/platform/temporary_directory.h"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

using namespace autodeploy;

// What a user without rights can do between the moment in which something was verified and the one in which it is used.
// Real files, real processes, the user "nobody"; the administrator is who runs the tests, so only root can.

namespace {

const std::string wanted = "packages/linux/client.rpm";
const std::string secret = "of the administrator alone";

/// A mirror that belongs to nobody, and a machine whose administrator trusts the repository.
struct Machine {
    TemporaryDirectory directory;
    ExtendedAttributes attributes;
    PosixFileSystem files{attributes};
    LinuxClock clock;
    FakeRepository repository{clock.now()};
    std::string share = directory / "share";
    std::string state = directory / "state";

    Machine() {
        ::chmod(directory.path().c_str(), 0755);
        files.make_private_directory(state);
        files.make_private_directory(state + "/downloads");
        files.write_durably(state + "/secret", secret, 0600);
        repository.add_target("targets", wanted, std::string(300000, 'p'));
        repository.publish();
        for (const char* part : {"", "/metadata", "/targets", "/targets/packages", "/targets/packages/linux"})
            std::filesystem::create_directory(share + part);
        for (const auto& [name, bytes] : repository.metadata_files)
            files.write_durably(share + "/metadata/" + name, bytes, 0644);
        for (const auto& [name, bytes] : repository.target_files)
            files.write_durably(share + "/targets/" + name, bytes, 0644);
        std::filesystem::permissions(share, std::filesystem::perms(0755));
        for (const auto& entry : std::filesystem::recursive_directory_iterator(share))
            REQUIRE(::chown(entry.path().c_str(), nobody, nobody) == 0);
        REQUIRE(::chown(share.c_str(), nobody, nobody) == 0);
        updater().init(repository.metadata_files.at("1.root.json"));
    }
    std::string package_in_share() const { return share + "/targets/" + repository.target_files.begin()->first; }
    const std::unique_ptr<Transport> transport = folder_transport(files, share);
    Updater updater() { return Updater(files, clock, {transport.get()}, state + "/trust"); }
    /// "ok" or the cause.
    std::string fetch() {
        try {
            std::filesystem::remove(state + "/downloads/client.rpm");
            Updater session = updater();
            const auto found = session.find_target(wanted);
            if (!found) return "not found";
            DownloadLimits once;
            once.attempts = 1;
            session.download(*found, state + "/downloads/client.rpm", once);
        } catch (const Error& error) {
            return error.cause();
        }
        return "ok";
    }
};

} // namespace

TEST_CASE("who may write to the folder that is read can spoil an update, and never has anything else taken" *
          doctest::skip(::geteuid() != 0)) {
    Machine machine;
    REQUIRE(machine.fetch() == "ok");
    NobodysProcess racer([&]() -> int {
        swap_for_ever(machine.package_in_share(), machine.state + "/secret");
        return 0;
    });
    std::set<std::string> outcomes;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    // Until both have been seen often enough.
    int taken = 0;
    int refused = 0;
    while ((taken < 40 || refused < 40) && std::chrono::steady_clock::now() < until) {
        const std::string outcome = machine.fetch();
        outcomes.insert(outcome);
        ++(outcome == "ok" ? taken : refused);
        const std::string got = machine.state + "/downloads/client.rpm";
        REQUIRE(machine.files.status(got).has_value() == (outcome == "ok"));
        if (outcome == "ok") REQUIRE(machine.files.read(got, 1 << 20) == std::string(300000, 'p'));
    }
    CHECK(taken > 0);
    CHECK(refused > 0);
    for (const std::string& outcome : outcomes) {
        CAPTURE(outcome);
        const std::set<std::string> known{"ok", "target_mismatch", "transport_failed", "transport_refused",
                                          "target_missing"};
        CHECK(known.contains(outcome));
    }
}

TEST_CASE("who may write to the folder with the metadata never has another trusted" * doctest::skip(::geteuid() != 0)) {
    Machine machine;
    REQUIRE(machine.fetch() == "ok");
    machine.repository.publish();
    const std::string newer = machine.repository.metadata_files.at("timestamp.json");
    NobodysProcess racer([&]() -> int {
        swap_for_ever(machine.share + "/metadata/timestamp.json", machine.state + "/secret");
        return 0;
    });
    const std::string before = machine.repository.metadata_files.at("1.root.json");
    for (int i = 0; i < 100; ++i) {
        machine.fetch();
        REQUIRE(machine.files.read(machine.state + "/trust/root.json", 1 << 20) == before);
        const std::string stored = machine.files.read(machine.state + "/trust/timestamp.json", 1 << 20);
        REQUIRE(parse_json(stored).at("signed").at("version").integer() == 2);
    }
}

TEST_CASE("nobody reads, changes, removes or replaces anything between verification and use" *
          doctest::skip(::geteuid() != 0)) {
    Machine machine;
    REQUIRE(machine.fetch() == "ok");
    const std::string downloads = machine.state + "/downloads";
    machine.files.write_durably(downloads + "/.client.rpm.part", "half", 0600);
    const std::vector<std::string> paths{machine.state + "/trust/root.json", machine.state + "/trust/timestamp.json",
                                         machine.state + "/trust/record",    machine.state + "/trust/lock",
                                         downloads + "/client.rpm",          downloads + "/.client.rpm.part",
                                         machine.state + "/secret"};
    NobodysProcess visitor([&] {
        return meddle_with(paths, {machine.state, downloads, machine.state + "/trust"}, machine.share + "/mine");
    });
    CHECK(visitor.exit_code() == 0);
    CHECK(machine.files.read(downloads + "/client.rpm", 1 << 20) == std::string(300000, 'p'));
    CHECK_FALSE(machine.files.changeable_by_others(downloads + "/client.rpm").has_value());
}

TEST_CASE("a folder that somebody could put in the place of ours is refused: in a folder of his, his own, a link" *
          doctest::skip(::geteuid() != 0)) {
    Machine machine;
    const auto refresh_in = [&](const std::string& store) -> std::string {
        try {
            Updater session(machine.files, machine.clock, {machine.transport.get()}, store);
            session.init(machine.repository.metadata_files.at("1.root.json"));
            session.refresh();
        } catch (const Error& error) {
            return error.cause();
        }
        return "ok";
    };
    CHECK(refresh_in(machine.share + "/trust") == "access_denied");
    CHECK(refresh_in(machine.directory / "trust") == "ok");
    const std::string his = machine.directory / "his";
    std::filesystem::create_directory(his);
    REQUIRE(::chmod(his.c_str(), 0700) == 0);
    REQUIRE(::chown(his.c_str(), nobody, nobody) == 0);
    CHECK(refresh_in(his) == "access_denied");
    std::filesystem::create_symlink(machine.directory / "trust", machine.directory / "link");
    CHECK(refresh_in(machine.directory / "link") == "access_denied");
}
