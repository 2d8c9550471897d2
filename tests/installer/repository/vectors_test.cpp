#include "tests/installer/repository/bench.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace autodeploy;

namespace {

std::string read_whole(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// Test vectors lie beside the checkout, where they are at all.
std::filesystem::path vectors() {
    const char* named = std::getenv("AUTODEPLOY_TUF_VECTORS");
    if (named != nullptr) return named;
    for (const char* path : {"../shared/tuf-vectors", "../../shared/tuf-vectors"})
        if (std::filesystem::exists(path)) return path;
    return {};
}

} // namespace

TEST_CASE("a repository that another tool wrote is read") {
    const std::filesystem::path folder = vectors() / "tuf-on-ci-0.11";
    if (!std::filesystem::exists(folder)) {
        std::puts("skipped: a repository that another tool wrote: no tuf-vectors beside the checkout");
        return;
    }
    FakeFileSystem files;
    files.put_directory("/down", 0700);
    SetClock clock;
    clock.time = 1739092643; // 2025-02-09T09:17:23Z
    FakeRepository source(clock.time);
    source.metadata_files.clear();
    for (const auto& entry : std::filesystem::directory_iterator(folder / "metadata"))
        source.metadata_files[entry.path().filename().string()] = read_whole(entry.path());
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "targets"))
        if (entry.is_regular_file())
            source.target_files[std::filesystem::relative(entry.path(), folder / "targets").generic_string()] =
                read_whole(entry.path());

    Updater updater(files, clock, {&source}, "/trust");
    updater.init(read_whole(folder / "initial_root.json"));
    updater.refresh();
    std::string name = read_whole(folder / "targetpath");
    name.erase(name.find_last_not_of('\n') + 1);
    const auto found = updater.find_target(name);
    REQUIRE(found);
    CHECK(found->role == "delegatedrole");
    updater.download(*found, "/down/artifact");
    CHECK(files.content("/down/artifact")->size() == found->file.length);
    CHECK(updater.state().roles.size() == 5);
}
