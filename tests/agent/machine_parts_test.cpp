#include "agent/machine_parts.h"

#include "platform/error.h"
#include "tests/fakes/fake_repository.h"
#include "tests/fakes/still_machine.h"
#include "tests/fakes/test_paths.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

struct Parts {
    StillMachine machine;
    StandardPaths paths = test_paths();
    Settings settings;

    Parts() {
        machine.files.put_directory(paths.state, 0700);
        machine.files.put_directory("/srv/repository", 0755);
        settings.repository.mirrors = {"/srv/repository"};
    }

    Error refused() {
        Detection detection;
        detection.platform = "linux-x86_64-deb";
        try {
            machine_parts(machine.platform(), paths, settings, 1)->refresh(detection);
        } catch (const Error& error) {
            return error;
        }
        return Error("ok", "");
    }
};

} // namespace

TEST_CASE("include lists are counted in the room that the way back needs, however large they are") {
    Parts parts;
    put_client(parts.machine, "dpkg");
    const auto need = [&parts] {
        const auto machine = machine_parts(parts.machine.platform(), parts.paths, parts.settings, 1);
        for (const ReportedRequirement& requirement : machine->requirements(machine->detect(), {}, nullptr))
            if (requirement.id == "room") return requirement.evidence;
        return std::string();
    };
    CHECK(need().find("journal, captures and evidence 33 MiB") != std::string::npos);
    parts.machine.files.put("/etc/tsm/inclexcl", std::string(64 << 20, '*'));
    CHECK(need().find("journal, captures and evidence 97 MiB") != std::string::npos);
}

TEST_CASE("a Windows that keeps its programs elsewhere is known for one") {
    StandardPaths paths = test_paths();
    CHECK(detect_settings({}, paths).program_files.empty());
    paths.program = R"(D:\Programs\Autodeploy\autodeploy.exe)";
    CHECK(detect_settings({}, paths).program_files == R"(D:\Programs)");
}

TEST_CASE("a root that is missing is named, with what to put there") {
    Parts parts;
    const Error error = parts.refused();
    CHECK(error.cause() == "root_missing");
    CHECK(std::string(error.what()).find(parts.paths.root) != std::string::npos);
}

TEST_CASE("a root that somebody else could change is not used") {
    Parts parts;
    FakeRepository repository(parts.machine.clock.now());
    const std::string root = repository.bytes("root");
    parts.machine.files.put(parts.paths.root, root, 0644);
    CHECK(parts.refused().cause() != "root_insecure");
    for (const std::uint32_t mode : {0664U, 0646U, 0666U}) {
        parts.machine.files.put(parts.paths.root, root, mode);
        CHECK(parts.refused().cause() == "root_insecure");
    }
    parts.machine.files.remove_durably(parts.paths.root);
    parts.machine.files.put("/srv/root.json", root, 0644);
    parts.machine.files.put_link(parts.paths.root, "/srv/root.json");
    CHECK(parts.refused().cause() == "root_insecure");
}

TEST_CASE("a root that does not fit is named, and trying again makes no sense") {
    Parts parts;
    parts.machine.files.put(parts.paths.root, "{}");
    const Error error = parts.refused();
    CHECK(std::string(error.what()).find("cannot use " + parts.paths.root) == 0);
    CHECK_FALSE(error.retry_makes_sense());
}

TEST_CASE("a trust store that another process works with is tried again later, and no fault of the root") {
    Parts parts;
    FakeRepository repository(parts.machine.clock.now());
    parts.machine.files.put(parts.paths.root, repository.bytes("root"));
    parts.machine.files.put_directory(parts.paths.trust(), 0700);
    const auto lock = parts.machine.files.try_lock(parts.paths.trust() + "/lock");
    const Error error = parts.refused();
    CHECK(error.retry_makes_sense());
    CHECK(std::string(error.what()).find(parts.paths.root) == std::string::npos);
}
