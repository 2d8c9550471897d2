#include "platform/windows/msi_installer.h"

#include "platform/error.h"
#include "platform/windows/native/registry_store.h"
#include "platform/windows/native/wide.h"
#include "platform/windows/native/windows_clock.h"
#include "platform/windows/native/windows_command_runner.h"
#include "platform/windows/native/windows_host.h"
#include "platform/windows/native/windows_msi_database.h"
#include "platform/windows/registry_value.h"
#include "tests/platform/native_installer_contract.h"
#include "tests/platform/windows/native/own_directory.h"

#include <doctest/doctest.h>
#include <windows.h>

#include <filesystem>
#include <future>
#include <thread>

using namespace autodeploy;

namespace {

const std::string client = "Stand-in Client";
const std::string runtime = "Stand-in Runtime";
const std::string client_key = R"(HKLM64\SOFTWARE\IBM\ADSM\CurrentVersion\Standinclient)";

/// Beside our own program, where tests/standin/windows/msi.sh put it.
std::string msi_of(const std::string& file, const std::string& release) {
    wchar_t self[MAX_PATH];
    ::GetModuleFileNameW(nullptr, self, MAX_PATH);
    const std::wstring folder = std::filesystem::path(self).parent_path().wstring();
    return narrow(folder) + "\\msi\\" + file + "-" + release + ".msi";
}

std::string windows_directory() {
    wchar_t path[MAX_PATH];
    ::GetSystemDirectoryW(path, MAX_PATH);
    return narrow(path);
}

/// What somebody else's installation holds while it is at work.
class OtherInstallation {
  public:
    OtherInstallation() {
        thread_ = std::thread([this] {
            void* mutex = ::CreateMutexW(nullptr, TRUE, L"Global\\_MSIExecute");
            held_.set_value();
            end_.get_future().wait();
            ::ReleaseMutex(mutex);
            ::CloseHandle(mutex);
        });
        held_.get_future().wait();
    }
    OtherInstallation(const OtherInstallation&) = delete;
    OtherInstallation& operator=(const OtherInstallation&) = delete;
    ~OtherInstallation() {
        end_.set_value();
        thread_.join();
    }

  private:
    std::promise<void> held_;
    std::promise<void> end_;
    std::thread thread_;
};

struct Bench final : InstallerBench {
    Bench() {
        evidence = directory / "evidence";
        directory.files.make_directory(evidence);
        remove_all();
        msi.converge(packages("8.1.25.0"), options());
        // Each test is a deployment of its own.
        directory.files.remove_tree(evidence);
        directory.files.make_directory(evidence);
    }
    ~Bench() { remove_all(); }

    NativeInstaller& installer() override { return msi; }
    ConvergeOptions options() override {
        ConvergeOptions options;
        options.run_name = "test";
        options.evidence_path = evidence;
        return options;
    }
    PackageSet packages(const std::string& release, Ailment = Ailment::none) override {
        return {{msi.describe(msi_of("runtime", release)), msi.describe(msi_of("client", release))}, {}};
    }
    std::string snapshot() override {
        std::string text;
        for (const MsiProduct& product : database.products()) {
            if (!product.name.starts_with("Stand-in")) continue;
            text += product.code + product.package_code + product.state + product.version;
            for (const MsiFile& file : database.files(product))
                text += " " + file.path + " " +
                        (directory.files.status(file.path) ? directory.files.sha256(file.path) : "missing");
            const MsiChoice choice = database.choice(product);
            text += " in " + choice.directory;
            for (const std::string& feature : choice.features)
                text += " " + feature;
            text += "\n";
        }
        for (const auto& [key, values] : settings.read(R"(HKLM64\SOFTWARE\IBM\ADSM\CurrentVersion)"))
            for (const auto& [name, value] : values)
                text += key + " " + name + "=" + text_of_registry_value(value) + "\n";
        return text;
    }
    void hold_lock(bool held) override {
        other.reset();
        if (held) other = std::make_unique<OtherInstallation>();
    }
    void remove_all() {
        try {
            msi.converge({{}, {client, runtime}}, options());
        } catch (const Error& error) {
            MESSAGE(error.what());
        }
        directory.files.remove_tree(evidence);
        directory.files.make_directory(evidence);
    }

    OwnDirectory directory;
    std::string evidence;
    FileSystem& files = directory.files;
    WindowsClock clock;
    WindowsCommandRunner commands{directory.files, clock, directory / "state"};
    WindowsHost host;
    RegistryStore settings;
    WindowsMsiDatabase database;
    MsiInstaller msi{{database, commands, directory.files, clock, host, settings, windows_directory()}};
    std::unique_ptr<OtherInstallation> other;
};

} // namespace

TEST_CASE("Windows Installer keeps the contract of the other native installers") {
    Bench bench;
    check_native_installer_contract(bench);
}

TEST_CASE("what Windows Installer knows of a product is read back") {
    Bench bench;
    const PackageFile file = bench.msi.describe(msi_of("client", "8.1.25.0"));
    CHECK(file.id == PackageId{client, "8.1.25.0", "x64"});
    CHECK(file.digest.size() == 38);
    CHECK(file.installed_bytes > 0);
    const auto found = bench.msi.installed({client});
    REQUIRE(found.size() == 1);
    CHECK(found.front() == InstalledPackage{file.id, true, "installed", file.digest});
    const std::string program = R"(C:\Program Files\Stand-in client\baclient\dsmcsvc.exe)";
    CHECK(bench.msi.owner(program) == client);
    CHECK(bench.msi.owner(R"(c:/program files/STAND-IN CLIENT/baclient/DSMCSVC.EXE)") == client);
    CHECK_FALSE(bench.msi.owner(R"(C:\Program Files\Other\baclient\dsmcsvc.exe)"));
    CHECK_FALSE(bench.msi.busy());
    CHECK(text_of_registry_value(bench.settings.read(client_key)[client_key]["PtfLevel"]) == "8.1.25.0");
}

TEST_CASE("features and place that were chosen stay, forward and back") {
    Bench bench;
    const PackageSet with_client{{bench.msi.describe(msi_of("client", "8.1.25.0"))}, {}};
    bench.msi.converge({{}, {client}}, bench.options());
    bench.files.write_durably(bench.evidence + "/msi.choices",
                              choices_text({{{bench.database.package(with_client.present[0].path).upgrade_code, "x64"},
                                             {{"BackupArchiveGUI"}, R"(C:\Backup and more)"}}}));
    CHECK(bench.msi.converge(with_client, bench.options()).convergence == Convergence::reached);
    const auto choice = [&] {
        for (const MsiProduct& product : bench.database.products())
            if (product.name == client) return bench.database.choice(product);
        return MsiChoice{};
    };
    const MsiChoice chosen{{"BackupArchiveGUI"}, R"(C:\Backup and more)"};
    CHECK(choice() == chosen);
    bench.files.remove_durably(bench.evidence + "/msi.choices");
    bench.msi.converge({{bench.msi.describe(msi_of("client", "8.1.27.0"))}, {}}, bench.options());
    bench.msi.converge(with_client, bench.options());
    CHECK(choice() == chosen);
}

TEST_CASE("files that were lost or changed are found, and come back after a run that was cut off") {
    Bench bench;
    const std::string program = R"(C:\Program Files\Stand-in client\baclient\dsmcsvc.exe)";
    const std::string before = bench.snapshot();
    bench.files.remove_durably(program);
    CHECK(bench.msi.verify({client}) == std::vector<std::string>{program + " is missing"});
    bench.files.write_durably(bench.evidence + "/msi.unfinished", "");
    CHECK(bench.msi.converge(bench.packages("8.1.25.0"), bench.options()).convergence == Convergence::reached);
    CHECK(bench.msi.verify({client}).empty());
    CHECK(bench.snapshot() == before);
}

TEST_CASE("a file that is no package is told before, and is an error where it was promised to be one") {
    Bench bench;
    const std::string path = bench.directory / "bad.msi";
    bench.files.write_durably(path, "no package");
    try {
        bench.msi.describe(path);
        FAIL("it was read");
    } catch (const Error& error) {
        CHECK(error.cause() == "package_unreadable");
    }
    PackageSet target = bench.packages("8.1.27.0");
    target.present.back().path = path;
    CHECK(bench.msi.dry_run(target).has_value());
}
