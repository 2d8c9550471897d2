#include "installer/package/staging.h"
#include "installer/repository/retrieved_transport.h"
#include "installer/repository/updater.h"
#include "platform/digest.h"
#include "platform/error.h"
#include "platform/linux/extended_attributes.h"
#include "platform/linux/linux_clock.h"
#include "platform/posix/posix_file_system.h"
#include "platform/posix/reading_command_runner.h"
#include "tests/fakes/fake_repository.h"
#include "tests/installer/package/make_archive.h"
#include "tests/platform/linux/nobodys_process.h"
#include "tests/platform/temporary_directory.h"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

using namespace autodeploy;

// What a user without rights can do to packages that were unpacked, and to what the client's own command retrieved.

namespace {

const std::string wanted = "packages/linux/client.rpm";
const std::string content(300000, 'p');

/// A machine on which nobody has a folder of his own beside the administrator's.
struct Machine {
    TemporaryDirectory directory;
    ExtendedAttributes attributes;
    PosixFileSystem files{attributes};
    LinuxClock clock;
    std::string state = directory / "state";
    std::string his = directory / "his";

    Machine() {
        ::chmod(directory.path().c_str(), 0755);
        files.make_private_directory(state);
        std::filesystem::create_directory(his);
        REQUIRE(::chown(his.c_str(), nobody, nobody) == 0);
    }
    StageRequest request(const std::string& staging) {
        const std::string archive = make_archive("ustar", "none", {{"client.rpm", content}});
        files.write_durably(state + "/package.tar", archive, 0600);
        StageRequest request;
        request.archive = state + "/package.tar";
        request.sha256 = sha256_hex(archive);
        request.length = archive.size();
        request.directory = staging;
        request.manifest.product = "client";
        request.manifest.release = {8, 1, 27, 0};
        request.manifest.platform = "linux";
        request.manifest.installer = "rpm";
        request.manifest.entries = 1;
        request.manifest.unpacked_bytes = content.size();
        Payload& payload = request.manifest.payloads.emplace_back();
        payload.path = "client.rpm";
        payload.sha256 = sha256_hex(content);
        payload.size = content.size();
        payload.id = {"client", "8.1.27-0", "x86_64"};
        return request;
    }
};

template<class Call> std::string cause_of(Call&& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.cause();
    }
    return "ok";
}

} // namespace

TEST_CASE("nobody reads, changes, removes or replaces anything between unpacking and installing" *
          doctest::skip(::geteuid() != 0)) {
    Machine machine;
    const StagedRelease staged = stage(machine.files, machine.request(machine.state + "/staging/8.1.27.0"));
    const std::string payloads = staged.directory + "/payloads";
    NobodysProcess visitor([&] {
        return meddle_with(
            {payload_path(staged, "client.rpm"), staged.directory + "/staged.json", machine.state + "/package.tar"},
            {machine.state, machine.state + "/staging", staged.directory, payloads}, machine.his + "/mine");
    });
    CHECK(visitor.exit_code() == 0);
    CHECK(find_staged(machine.files, staged.directory) == staged);
    CHECK(cause_of([&] { reverify(machine.files, staged); }) == "ok");
    CHECK_FALSE(machine.files.changeable_by_others(payload_path(staged, "client.rpm")).has_value());
}

TEST_CASE("packages are unpacked and used only where nobody else could have written: not with him, not open, not by a "
          "link" *
          doctest::skip(::geteuid() != 0)) {
    Machine machine;
    CHECK(cause_of([&] { stage(machine.files, machine.request(machine.his + "/staging")); }) == "access_denied");
    std::filesystem::create_symlink(machine.his, machine.state + "/by-link");
    // What lay there before goes, and a link is not followed.
    CHECK(cause_of([&] { stage(machine.files, machine.request(machine.state + "/by-link")); }) == "ok");
    CHECK_FALSE(std::filesystem::is_symlink(machine.state + "/by-link"));
    CHECK(std::filesystem::is_empty(machine.his));

    const StagedRelease staged = stage(machine.files, machine.request(machine.state + "/staging"));
    const std::string payloads = staged.directory + "/payloads";
    const auto used = [&] { return cause_of([&] { reverify(machine.files, staged); }); };
    REQUIRE(used() == "ok");
    // The right bytes lie there each time, and still: whoever could put others there may do so a moment later.
    REQUIRE(::chmod(payloads.c_str(), 0777) == 0);
    CHECK(used() == "staging_insecure");
    REQUIRE(::chmod(payloads.c_str(), 0700) == 0);
    REQUIRE(::chown(payloads.c_str(), nobody, nobody) == 0);
    CHECK(used() == "staging_insecure");
    REQUIRE(::chown(payloads.c_str(), 0, 0) == 0);
    REQUIRE(used() == "ok");
    std::filesystem::rename(payloads, machine.his + "/payloads");
    std::filesystem::create_symlink(machine.his + "/payloads", payloads);
    CHECK(used() == "staging_insecure");
}

TEST_CASE("what a command retrieved is out of reach of others, and of what they made of its source nothing is taken" *
          doctest::skip(::geteuid() != 0)) {
    Machine machine;
    FakeRepository repository(machine.clock.now());
    repository.add_target("targets", wanted, content);
    repository.publish();
    const auto put = [&](const std::string& path, const std::string& bytes) {
        std::filesystem::create_directories(std::filesystem::path(path).parent_path());
        machine.files.write_durably(path, bytes, 0644);
    };
    for (const auto& [name, bytes] : repository.metadata_files)
        put(machine.his + "/metadata/" + name, bytes);
    for (const auto& [name, bytes] : repository.target_files)
        put(machine.his + "/targets/" + name, bytes);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(machine.his))
        REQUIRE(::lchown(entry.path().c_str(), nobody, nobody) == 0);
    machine.files.write_durably(machine.state + "/secret", content, 0600);
    const std::string retrieved = machine.state + "/retrieved";
    const std::string package = retrieved + "/targets/" + repository.target_files.begin()->first;

    ReadingCommandRunner commands;
    // As a backup does: owners, rights, links and pipes as they are.
    RetrieveCommand command;
    command.command = {"/bin/cp", "-a", machine.his + "/.", "{directory}"};
    command.directory = retrieved;
    command.good_exit_codes = {1}; // a file was swapped under its hands
    machine.files.make_private_directory(machine.state + "/downloads");
    const std::string arrived = machine.state + "/downloads/client.rpm";
    const auto fetch = [&] {
        return cause_of([&] {
            std::filesystem::remove(arrived);
            const auto transport = retrieved_transport(machine.files, commands, command);
            Updater updater(machine.files, machine.clock, {transport.get()}, machine.state + "/trust");
            updater.init(repository.metadata_files.at("1.root.json"));
            updater.refresh();
            const auto found = updater.find_target(wanted);
            if (!found) throw Error("not_found", "cannot find it");
            DownloadLimits once;
            once.attempts = 1;
            updater.download(*found, arrived, once);
        });
    };
    REQUIRE(fetch() == "ok");
    NobodysProcess visitor([&] {
        return meddle_with({package, retrieved + "/metadata/timestamp.json"},
                           {retrieved, retrieved + "/metadata", retrieved + "/targets"}, machine.his + "/mine");
    });
    CHECK(visitor.exit_code() == 0);

    NobodysProcess racer([&]() -> int {
        swap_for_ever(machine.his + "/targets/" + repository.target_files.begin()->first, machine.state + "/secret");
    });
    int taken = 0;
    int refused = 0;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while ((taken < 5 || refused < 5) && std::chrono::steady_clock::now() < until) {
        const std::string outcome = fetch();
        ++(outcome == "ok" ? taken : refused);
        REQUIRE(machine.files.status(arrived).has_value() == (outcome == "ok"));
        if (outcome == "ok") REQUIRE(machine.files.read(arrived, 1 << 20) == content);
    }
    CHECK(taken > 0);
    CHECK(refused > 0);
}
