#include "installer/package/staging.h"

#include "installer/package/choose_packages.h"
#include "installer/package/keep.h"
#include "installer/package/native_versions.h"
#include "platform/digest.h"
#include "tests/fakes/fake_file_system.h"
#include "tests/installer/package/example_manifest.h"
#include "tests/installer/package/make_archive.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace autodeploy;

namespace {

const std::string keep_folder = "/state/keep";

struct Machine {
    FakeFileSystem files;

    Machine() { files.put_directory("/state", 0700); }

    StageRequest request(const std::string& release = "8.1.27.0") {
        Manifest manifest = example_manifest(release);
        std::vector<TestMember> members{{"README.htm", "read me"}};
        for (Payload& payload : manifest.payloads) {
            const std::string content = "content of " + payload.path + " in " + release;
            payload.sha256 = sha256_hex(content);
            payload.size = content.size();
            if (payload.use != PayloadUse::support) payload.digest = sha256_hex("header of " + content);
            members.push_back({payload.path, content});
        }
        const std::string archive = make_archive("ustar", "none", members);
        files.put("/state/downloads/" + release + ".tar", archive);
        StageRequest request;
        request.archive = "/state/downloads/" + release + ".tar";
        request.sha256 = sha256_hex(archive);
        request.length = archive.size();
        request.manifest = manifest;
        request.directory = "/state/staging/" + release;
        return request;
    }
    StagedRelease stage_release(const std::string& release = "8.1.27.0") { return stage(files, request(release)); }
};

std::vector<std::string> names(const std::vector<PackageFile>& files) {
    std::vector<std::string> names;
    for (const PackageFile& file : files)
        names.push_back(file.id.name + " " + file.id.version);
    return names;
}

/// What is installed after the release's packages were.
std::vector<InstalledPackage> installed_from(const StagedRelease& staged, bool with_optional = false) {
    std::vector<InstalledPackage> installed;
    for (const Payload& payload : staged.manifest.payloads)
        if (payload.use == PayloadUse::required || (with_optional && payload.use == PayloadUse::if_installed))
            installed.push_back({payload.id, true, "installed", payload.digest});
    return installed;
}

} // namespace

TEST_CASE("a staged release is found again, whole, with only what was asked for") {
    Machine machine;
    StageRequest request = machine.request();
    request.installed = {"TIVsm-BA", "TIVsm-API64"};
    std::uint64_t last = 0;
    request.progress = [&](std::uint64_t bytes, std::uint64_t all) {
        CHECK(bytes >= last);
        CHECK(all == request.length);
        last = bytes;
    };
    const StagedRelease staged = stage(machine.files, request);
    CHECK(last == request.length);
    CHECK(staged.paths == std::vector<std::string>{"TIVsm-API64.x86_64.rpm", "TIVsm-BA.x86_64.rpm",
                                                   "files/transform.mst", "gskcrypt64-8.0-60.4.linux.x86_64.rpm"});
    CHECK(machine.files.content("/state/staging/8.1.27.0/payloads/files/transform.mst") ==
          "content of files/transform.mst in 8.1.27.0");
    CHECK(find_staged(machine.files, request.directory) == staged);
    CHECK_NOTHROW(reverify(machine.files, staged));

    request.installed->emplace_back("TIVsm-BAcit");
    CHECK(stage(machine.files, request).paths.size() == 5);
    request.installed.reset();
    CHECK(stage(machine.files, request).paths.size() == 5);

    discard_staged(machine.files, request.directory);
    CHECK_FALSE(machine.files.status(request.directory));
    CHECK_FALSE(find_staged(machine.files, request.directory));
    CHECK_NOTHROW(discard_staged(machine.files, request.directory));
}

TEST_CASE("what an earlier attempt left in the folder is gone before staging begins") {
    Machine machine;
    const StageRequest request = machine.request();
    machine.files.make_private_directory(request.directory);
    machine.files.put(request.directory + "/payloads/evil.rpm", "left over", 0600);
    stage(machine.files, request);
    CHECK_FALSE(machine.files.content(request.directory + "/payloads/evil.rpm"));
}

TEST_CASE("nothing is written where there is no room for all of it") {
    Machine machine;
    StageRequest request = machine.request();
    const std::uint64_t need = request.manifest.staged_bytes();
    request.spare_bytes = 100000;
    machine.files.set_free_bytes(need + 100000);
    CHECK_NOTHROW(stage(machine.files, request));
    machine.files.set_free_bytes(need + 99999);
    CHECK(error_of([&] { stage(machine.files, request); }) ==
          "disk_full: cannot unpack /state/downloads/8.1.27.0.tar to /state/staging/8.1.27.0: it needs " +
              std::to_string(need + 100000) + " bytes with what is to be left free, and " +
              std::to_string(need + 99999) + " are free; make room there");
    CHECK_FALSE(machine.files.status(request.directory));
}

TEST_CASE("a package that is not the one that was signed is refused, and nothing of it stays") {
    struct Case {
        const char* what;
        std::function<void(StageRequest&)> spoil;
        const char* cause;
    };
    for (const Case& bad : std::initializer_list<Case>{
             {"another length", [](StageRequest& r) { ++r.length; }, "target_mismatch"},
             {"another hash", [](StageRequest& r) { r.sha256[0] = r.sha256[0] == 'a' ? 'b' : 'a'; }, "target_mismatch"},
             {"payload larger", [](StageRequest& r) { --r.manifest.payloads[1].size; }, "payload_mismatch"},
             {"payload smaller", [](StageRequest& r) { ++r.manifest.payloads[1].size; }, "payload_mismatch"},
             {"payload not there", [](StageRequest& r) { r.manifest.payloads[1].path = "TIVsm-API.rpm"; },
              "payload_missing"}}) {
        CAPTURE(bad.what);
        Machine machine;
        StageRequest request = machine.request();
        CHECK_NOTHROW(stage(machine.files, request));
        bad.spoil(request);
        const std::string error = error_of([&] { stage(machine.files, request); });
        CHECK(error.substr(0, error.find(':')) == bad.cause);
        CHECK_FALSE(machine.files.status(request.directory));
    }
}

TEST_CASE("a payload of the signed file that is not the one in the manifest is noticed before it is used") {
    Machine machine;
    StageRequest request = machine.request();
    CHECK_NOTHROW(reverify(machine.files, stage(machine.files, request)));
    request.manifest.payloads[1].sha256 = sha256_hex("other");
    const StagedRelease staged = stage(machine.files, request);
    CHECK(error_of([&] {
              reverify(machine.files, staged);
          }).starts_with("payload_mismatch: cannot use " + payload_path(staged, request.manifest.payloads[1].path)));
}

TEST_CASE("a staged release that was changed afterwards is noticed before it is used") {
    Machine machine;
    const StagedRelease staged = machine.stage_release();
    const std::string path = payload_path(staged, "TIVsm-BA.x86_64.rpm");
    const std::string content = machine.files.content(path).value();

    const auto noticed = [&](const std::string& cause) {
        CHECK(error_of([&] { reverify(machine.files, staged); }).starts_with(cause));
        CHECK_FALSE(find_staged(machine.files, staged.directory));
        machine.files.remove_durably(path);
        CHECK(machine.stage_release() == staged);
        CHECK_NOTHROW(reverify(machine.files, staged));
        CHECK(find_staged(machine.files, staged.directory) == staged);
    };
    machine.files.put(path, std::string(content.size(), 'x'), 0600);
    noticed("payload_mismatch: cannot use " + path + ": its SHA-256 is ");
    machine.files.put(path, content + "x", 0600);
    noticed("payload_mismatch: cannot use " + path + ": it has ");
    machine.files.remove_durably(path);
    machine.files.put_link(path, "/state/downloads/8.1.27.0.tar");
    noticed("access_denied");
    machine.files.remove_durably(path);
    noticed("payload_missing: cannot use " + path + ": it is gone; the next attempt unpacks the release anew");
}

TEST_CASE("a record of staging that is torn or of another version counts for none") {
    Machine machine;
    const StagedRelease staged = machine.stage_release();
    const std::string path = staged.directory + "/staged.json";
    const std::string record = machine.files.content(path).value();
    for (const std::string& bad : {std::string(), record.substr(0, record.size() / 2), std::string("{\"format\":2}"),
                                   std::string("[]"), std::string("{\"format\":1,\"manifest\":{},\"paths\":[]}")}) {
        machine.files.put(path, bad, 0600);
        CHECK_FALSE(find_staged(machine.files, staged.directory));
    }
    machine.files.put(path, record, 0600);
    CHECK(find_staged(machine.files, staged.directory) == staged);
}

TEST_CASE("staging that is stopped at any of its calls leaves nothing that looks finished, and works the next time") {
    int calls = 0;
    {
        Machine machine;
        const StageRequest request = machine.request();
        machine.files.clear_log();
        stage(machine.files, request);
        calls = machine.files.calls();
    }
    REQUIRE(calls > 10);
    for (int k = 1; k <= calls; ++k)
        for (const CrashMoment moment : {CrashMoment::before, CrashMoment::torn, CrashMoment::after}) {
            Machine machine;
            const StageRequest request = machine.request();
            machine.files.crash_at(k, moment);
            bool crashed = false;
            try {
                stage(machine.files, request);
            } catch (const Crash&) {
                crashed = true;
            }
            REQUIRE(crashed);
            machine.files.restart();
            if (const auto found = find_staged(machine.files, request.directory))
                CHECK_NOTHROW(reverify(machine.files, *found));
            CHECK_NOTHROW(stage(machine.files, request));
            CHECK_NOTHROW(reverify(machine.files, find_staged(machine.files, request.directory).value()));
        }
    for (int k = 1; k <= calls; ++k) {
        Machine machine;
        const StageRequest request = machine.request();
        machine.files.fail_at(k, "io_error");
        CHECK(error_of([&] { stage(machine.files, request); }).starts_with("io_error"));
        CHECK_FALSE(find_staged(machine.files, request.directory));
        CHECK_NOTHROW(stage(machine.files, request));
    }
}

TEST_CASE("required packages are chosen, optional ones where they are installed, shared ones only upwards") {
    Machine machine;
    const StagedRelease staged = machine.stage_release();
    std::vector<InstalledPackage> installed = installed_from(staged);
    for (InstalledPackage& package : installed)
        package.id.version = package.id.name == "gskcrypt64" ? "8.0-55.24" : "8.1.25-0";

    ChosenPackages chosen = choose_packages(staged, installed);
    CHECK(names(chosen.set.present) ==
          std::vector<std::string>{"gskcrypt64 8.0-60.4", "TIVsm-API64 8.1.27-0", "TIVsm-BA 8.1.27-0"});
    CHECK(chosen.set.absent == std::vector<std::string>{"TIVsm-API"});
    CHECK(chosen.notes == std::vector<std::string>{"TIVsm-BAcit is not installed and stays away"});
    CHECK(chosen.set.present[2].path == "/state/staging/8.1.27.0/payloads/TIVsm-BA.x86_64.rpm");
    CHECK(chosen.set.present[2].sha256 == staged.manifest.payloads[2].sha256);
    CHECK(chosen.set.present[2].digest == staged.manifest.payloads[2].digest);

    installed.push_back({{"TIVsm-BAcit", "8.1.25-0", "x86_64"}, true, "installed", ""});
    installed[0].id.version = "8.0-60.10";
    chosen = choose_packages(staged, installed);
    CHECK(names(chosen.set.present) ==
          std::vector<std::string>{"TIVsm-API64 8.1.27-0", "TIVsm-BA 8.1.27-0", "TIVsm-BAcit 8.1.27-0"});
    CHECK(chosen.notes == std::vector<std::string>{"gskcrypt64 is installed as 8.0-60.10 and stays: the package has "
                                                   "8.0-60.4, and other products share it"});
    installed[0].healthy = false;
    CHECK(choose_packages(staged, installed).set.present.size() == 4);
}

TEST_CASE("where a 32-bit client is replaced, what only that one needs goes with it; beside a 64-bit one it stays") {
    Machine machine;
    StagedRelease staged = machine.stage_release();
    staged.manifest.absent.clear();
    std::vector<InstalledPackage> installed = installed_from(staged);
    for (const char* name : {"TIVsm-API", "gskcrypt32", "gskssl32"})
        installed.push_back({{name, "8.0-50", "i386"}, true, "installed", ""});
    CHECK(choose_packages(staged, installed).set.absent.empty());
    for (InstalledPackage& package : installed)
        if (package.id.name == "TIVsm-BA") package.id = {"TIVsm-BA", "7.1.8-0", "i386"};
    CHECK(choose_packages(staged, installed).set.absent ==
          std::vector<std::string>{"TIVsm-API", "gskcrypt32", "gskssl32"});
}

TEST_CASE("filesets whose names change with the word size take each other's place, there and back") {
    const auto payload = [](const std::string& name, PayloadUse use) {
        Payload result;
        result.path = name;
        result.id = {name, "8.1.27.0", ""};
        result.use = use;
        return result;
    };
    const auto has = [](const std::string& name, const std::string& version) {
        return InstalledPackage{{name, version, ""}, true, "COMMITTED", ""};
    };
    const std::string client = "tivoli.tsm.client.";
    StagedRelease staged;
    staged.manifest.installer = "installp";
    staged.manifest.payloads = {payload(client + "api.64bit", PayloadUse::required),
                                payload(client + "ba.64bit.base", PayloadUse::required),
                                payload(client + "ba.64bit.image", PayloadUse::if_installed),
                                payload(client + "ba.64bit.web", PayloadUse::if_installed)};
    for (const Payload& each : staged.manifest.payloads)
        staged.paths.push_back(each.path);
    const std::vector<InstalledPackage> old = {
        has(client + "api.32bit", "7.1.8.0"), has(client + "ba.base", "7.1.8.0"), has(client + "ba.image", "7.1.8.0"),
        has("tivoli.tsm.client.msg.de_DE", "7.1.8.0"), has("GSKit8.gskcrypt32.ppc.rte", "8.0.50.0")};
    ChosenPackages chosen = choose_packages(staged, old);
    CHECK(names(chosen.set.present) == std::vector<std::string>{client + "api.64bit 8.1.27.0",
                                                                client + "ba.64bit.base 8.1.27.0",
                                                                client + "ba.64bit.image 8.1.27.0"});
    CHECK(chosen.set.absent == std::vector<std::string>{client + "api.32bit", client + "ba.base", client + "ba.image",
                                                        client + "msg.de_DE", "GSKit8.gskcrypt32.ppc.rte"});
    CHECK(chosen.notes == std::vector<std::string>{client + "ba.64bit.web is not installed and stays away"});

    // Beside a client that is a 64-bit one already, the other API is somebody else's.
    chosen = choose_packages(staged, {has(client + "api.32bit", "8.1.25.0"), has(client + "api.64bit", "8.1.25.0"),
                                      has(client + "ba.64bit.base", "8.1.25.0")});
    CHECK(chosen.set.absent.empty());
    CHECK(chosen.set.present.size() == 2);

    StagedRelease back;
    back.manifest.installer = "installp";
    back.manifest.payloads = {payload(client + "api.32bit", PayloadUse::required),
                              payload(client + "ba.base", PayloadUse::required),
                              payload(client + "ba.image", PayloadUse::if_installed)};
    for (const Payload& each : back.manifest.payloads)
        back.paths.push_back(each.path);
    chosen = choose_packages(back, {has(client + "api.64bit", "8.1.27.0"), has(client + "ba.64bit.base", "8.1.27.0"),
                                    has(client + "ba.64bit.image", "8.1.27.0")});
    CHECK(chosen.set.present.size() == 3);
    CHECK(chosen.set.absent ==
          std::vector<std::string>{client + "api.64bit", client + "ba.64bit.base", client + "ba.64bit.image"});

    // A release that brings both APIs gives nobody the one that he has not.
    staged.manifest.payloads.push_back(payload(client + "api.32bit", PayloadUse::if_installed));
    staged.paths.push_back(client + "api.32bit");
    chosen =
        choose_packages(staged, {has(client + "api.64bit", "8.1.25.0"), has(client + "ba.64bit.base", "8.1.25.0")});
    CHECK(chosen.set.present.size() == 2);
}

TEST_CASE("a 64-bit API that the vendor packed as i386 for a 32-bit client goes first and comes back as x86_64") {
    Machine machine;
    StagedRelease staged = machine.stage_release();
    staged.manifest.absent.clear();
    std::vector<InstalledPackage> installed = installed_from(staged);
    for (InstalledPackage& package : installed)
        if (package.id.name == "TIVsm-BA" || package.id.name == "TIVsm-API64")
            package.id = {package.id.name, "6.3.2-0", "i386"};
    installed.push_back({{"TIVsm-API", "6.3.2-0", "i386"}, true, "installed", ""});
    const PackageSet set = choose_packages(staged, installed).set;
    CHECK(goes_first(set, {"TIVsm-API64", "6.3.2-0", "i386"}));
    CHECK(goes_first(set, {"TIVsm-BA", "6.3.2-0", "i386"}));
    CHECK(goes_first(set, {"TIVsm-API", "6.3.2-0", "i386"}));
    CHECK_FALSE(goes_first(set, {"TIVsm-API64", "8.1.25-0", "x86_64"}));
    CHECK(std::any_of(set.present.begin(), set.present.end(), [](const PackageFile& file) {
        return file.id == PackageId{"TIVsm-API64", "8.1.27-0", "x86_64"};
    }));
}

TEST_CASE("levels that know no update in place are removed first, there and back; what is shared is updated") {
    Machine machine;
    StagedRelease staged = machine.stage_release();
    staged.manifest.absent.clear();
    std::vector<InstalledPackage> installed = installed_from(staged);
    const auto level = [&](const std::string& version) {
        for (InstalledPackage& package : installed)
            if (!package.id.name.starts_with("gsk")) package.id.version = version;
    };
    level("6.2.5-0");
    const PackageSet set = choose_packages(staged, installed).set;
    CHECK(set.absent == std::vector<std::string>{"TIVsm-API64", "TIVsm-BA"});
    CHECK(goes_first(set, {"TIVsm-BA", "6.2.5-0", "x86_64"}));
    CHECK_FALSE(goes_first(set, {"TIVsm-BA", "8.1.27-0", "x86_64"}));
    CHECK_FALSE(goes_first(set, {"gskcrypt64", "8.0-50", "x86_64"}));
    StagedRelease back = staged;
    for (Payload& payload : back.manifest.payloads)
        if (!payload.id.name.starts_with("gsk")) payload.id.version = "6.2.5-0";
    CHECK(way_back(back, installed, set).set.absent == set.absent);
    level("6.3.0-0");
    CHECK(choose_packages(staged, installed).set.absent.empty());
    // Down to such a level, the same.
    level("8.1.27-0");
    staged.manifest.release = {6, 2, 5, 0};
    CHECK(choose_packages(staged, installed).set.absent == set.absent);
}

TEST_CASE("an optional package that was installed after staging is no reason to leave it out") {
    Machine machine;
    StageRequest request = machine.request();
    request.installed = {"TIVsm-BA"};
    const StagedRelease staged = stage(machine.files, request);
    std::vector<InstalledPackage> installed = installed_from(staged);
    CHECK_NOTHROW(choose_packages(staged, installed));
    installed.push_back({{"TIVsm-BAcit", "8.1.25-0", "x86_64"}, true, "installed", ""});
    CHECK(error_of([&] { choose_packages(staged, installed); }) ==
          "payload_missing: cannot use the packages in /state/staging/8.1.27.0: TIVsm-BAcit was installed after they "
          "were "
          "staged; stage the release again");
}

TEST_CASE("versions of native packages are ordered by their numbers and words") {
    for (const auto& row : std::vector<std::pair<const char*, const char*>>{{"8.0-55.24", "8.0-60.4"},
                                                                            {"8.0-60.4", "8.0-60.10"},
                                                                            {"8.1.9-0", "8.1.10-0"},
                                                                            {"8.1", "8.1.1"},
                                                                            {"1.a", "1.b"},
                                                                            {"1.a", "1.1"},
                                                                            {"1.0", "1.0a"},
                                                                            {"", "1"},
                                                                            {"007", "8"}}) {
        const char* const low = row.first;
        const char* const high = row.second;
        CAPTURE(low);
        CAPTURE(high);
        CHECK(compare_native_versions(low, high) == -1);
        CHECK(compare_native_versions(high, low) == 1);
    }
    CHECK(compare_native_versions("8.0-60.4", "8.0.60.4") == 0);
    CHECK(compare_native_versions("8.01", "8.1") == 0);
    CHECK(compare_native_versions("", "") == 0);
    CHECK(compare_native_versions("99999999999999999999999", "99999999999999999999998") == 1);
}

TEST_CASE("the way back is the kept packages, equal to what is installed in more than the version") {
    Machine machine;
    const StagedRelease kept = machine.stage_release("8.1.25.0");
    const std::vector<InstalledPackage> installed = installed_from(kept, true);
    const PackageSet update = choose_packages(machine.stage_release("8.1.27.0"), installed).set;

    const WayBack way = way_back(kept, installed, update);
    CHECK(way.complete());
    CHECK_FALSE(way.by_level_only);
    CHECK(names(way.set.present) == std::vector<std::string>{"gskcrypt64 8.0-60.4", "TIVsm-API64 8.1.25-0",
                                                             "TIVsm-BA 8.1.25-0", "TIVsm-BAcit 8.1.25-0"});
    CHECK(way.set.present[1].path == "/state/staging/8.1.25.0/payloads/TIVsm-API64.x86_64.rpm");
    CHECK(way.set.absent.empty());

    SUBCASE("another digest under the same version is another package") {
        std::vector<InstalledPackage> other = installed;
        other[2].digest = sha256_hex("rebuilt");
        CHECK(way_back(kept, other, update).differences ==
              std::vector<std::string>{"TIVsm-BA 8.1.25-0 x86_64 is installed, but not from the very package that is "
                                       "kept (digest " +
                                       other[2].digest + ", kept " + installed[2].digest + ")"});
    }
    SUBCASE("another version or architecture is not kept") {
        std::vector<InstalledPackage> other = installed;
        other[1].id.version = "8.1.24-0";
        other[2].id.architecture = "i386";
        CHECK(way_back(kept, other, update).differences ==
              std::vector<std::string>{"TIVsm-API64 8.1.24-0 x86_64 is installed, and no such package is kept",
                                       "TIVsm-BA 8.1.25-0 i386 is installed, and no such package is kept"});
    }
    SUBCASE("where no digest can be told the level must do, and it is said") {
        std::vector<InstalledPackage> other = installed;
        other[1].digest.clear();
        const WayBack weaker = way_back(kept, other, update);
        CHECK(weaker.complete());
        CHECK(weaker.by_level_only);
    }
    SUBCASE("what the update leaves alone need not be kept") {
        std::vector<InstalledPackage> other = installed;
        other.push_back({{"TIVsm-JBB", "8.1.20-0", "x86_64"}, true, "installed", "digest"});
        CHECK(way_back(kept, other, update).complete());
        PackageSet removing = update;
        removing.absent.emplace_back("TIVsm-JBB");
        CHECK_FALSE(way_back(kept, other, removing).complete());
    }
    SUBCASE("what the update adds goes again") {
        const std::vector<InstalledPackage> fewer{installed[1], installed[2]};
        CHECK(way_back(kept, fewer, update).set.absent == std::vector<std::string>{"gskcrypt64", "TIVsm-BAcit"});
    }
    SUBCASE("an optional package that was not kept is missed") {
        StagedRelease less = kept;
        std::erase(less.paths, "TIVsm-BAcit.x86_64.rpm");
        CHECK(way_back(less, installed, update).differences ==
              std::vector<std::string>{"TIVsm-BAcit 8.1.25-0 x86_64 is installed, and no such package is kept"});
    }
}

TEST_CASE("after the commit the new release is kept, and of the others only the one before") {
    Machine machine;
    FakeFileSystem& files = machine.files;
    const ClientVersion v25{8, 1, 25, 0}, v26{8, 1, 26, 0}, v27{8, 1, 27, 0};
    machine.stage_release("8.1.25.0");
    CHECK(rotate_keep(files, keep_folder, "/state/staging/8.1.25.0", v25, {}));
    machine.stage_release("8.1.26.0");
    CHECK(rotate_keep(files, keep_folder, "/state/staging/8.1.26.0", v26, v25));
    CHECK(kept_releases(files, keep_folder).size() == 2);
    CHECK_FALSE(files.status("/state/staging/8.1.26.0"));
    CHECK(find_kept(files, keep_folder, v26)->directory == "/state/keep/8.1.26.0");
    CHECK_NOTHROW(reverify(files, find_kept(files, keep_folder, v26).value()));

    machine.stage_release("8.1.27.0");
    CHECK(rotate_keep(files, keep_folder, "/state/staging/8.1.27.0", v27, v26));
    const std::vector<StagedRelease> kept = kept_releases(files, keep_folder);
    REQUIRE(kept.size() == 2);
    CHECK(kept[0].manifest.release == v27);
    CHECK(kept[1].manifest.release == v26);
    CHECK(rotate_keep(files, keep_folder, "/state/staging/8.1.27.0", v27, v26));
    CHECK(kept_releases(files, keep_folder).size() == 2);
    CHECK(rotate_keep(files, keep_folder, "/state/staging/8.1.27.0", v27, {}));
    CHECK(files.list(keep_folder) == std::vector<std::string>{"8.1.27.0"});
}

TEST_CASE("what is kept goes only when what is installed is kept") {
    Machine machine;
    machine.stage_release("8.1.25.0");
    CHECK(rotate_keep(machine.files, keep_folder, "/state/staging/8.1.25.0", {8, 1, 25, 0}, {}));
    CHECK_FALSE(rotate_keep(machine.files, keep_folder, "/state/staging/8.1.27.0", {8, 1, 27, 0}, {}));
    machine.stage_release("8.1.26.0");
    CHECK_FALSE(rotate_keep(machine.files, keep_folder, "/state/staging/8.1.26.0", {8, 1, 27, 0}, {}));
    CHECK(machine.files.list(keep_folder) == std::vector<std::string>{"8.1.25.0"});
}

TEST_CASE("keeping that is stopped at any of its calls loses no package that is needed, and ends well the next time") {
    for (int k = 1; k < 30; ++k)
        for (const CrashMoment moment : {CrashMoment::before, CrashMoment::torn, CrashMoment::after}) {
            Machine machine;
            FakeFileSystem& files = machine.files;
            const ClientVersion v25{8, 1, 25, 0}, v26{8, 1, 26, 0}, v27{8, 1, 27, 0};
            for (const auto& [release, name] : {std::pair{v25, "8.1.25.0"}, std::pair{v26, "8.1.26.0"}}) {
                machine.stage_release(name);
                rotate_keep(files, keep_folder, std::string("/state/staging/") + name, release, v25);
            }
            machine.stage_release("8.1.27.0");
            files.crash_at(k, moment);
            try {
                rotate_keep(files, keep_folder, "/state/staging/8.1.27.0", v27, v26);
            } catch (const Crash&) {
            }
            files.restart();
            CHECK(find_kept(files, keep_folder, v26));
            CHECK((find_kept(files, keep_folder, v27) || find_staged(files, "/state/staging/8.1.27.0")));
            CHECK(rotate_keep(files, keep_folder, "/state/staging/8.1.27.0", v27, v26));
            CHECK_NOTHROW(reverify(files, find_kept(files, keep_folder, v27).value()));
            CHECK(files.list(keep_folder) == std::vector<std::string>{"8.1.26.0", "8.1.27.0"});
        }
}
