#include "platform/windows/msi_installer.h"

#include "platform/error.h"
#include "platform/windows/registry_value.h"
#include "platform/windows/utf16.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_file_system.h"
#include "tests/platform/native_installer_contract.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

using namespace autodeploy;
using Strings = std::vector<std::string>;

namespace {

const std::string in_progress = R"(HKLM64\SOFTWARE\Microsoft\Windows\CurrentVersion\Installer\InProgress)";
const std::string policy = R"(HKLM64\SOFTWARE\Policies\Microsoft\Windows\Installer)";

struct Installed {
    MsiProduct product;
    MsiChoice choice;
    bool is_whole = true; ///< its files are
};

/// A Windows Installer in memory, and a msiexec that obeys its command lines as Windows' does: a newer package takes
/// the older one's features and place over, an older one is refused, and what is removed is forgotten.
struct Msi final : MsiDatabase, CommandRunner {
    FakeFileSystem disk;
    FakeClock clock;
    std::map<std::string, MsiPackage> known; ///< by path
    std::vector<Installed> there;
    bool is_held = false; ///< by somebody else
    Strings calls;        ///< what msiexec was told, but for what it is always told
    /// Called for each run before it is obeyed; a code ends the run with it.
    std::function<std::optional<int>(const std::string& call)> ending;
    int success = 0;
    std::string log; ///< that it writes

    /// A package as the manifest has it, where msiexec finds it.
    PackageFile add(const std::string& name, const std::string& version, const std::string& architecture = "x64",
                    const std::function<void(MsiPackage&)>& change = {}) {
        MsiPackage package;
        package.name = name;
        package.version = version;
        package.architecture = architecture;
        package.product_code = "{" + name + " " + version + " " + architecture + "}";
        package.upgrade_code = "{" + name + "}";
        package.package_code = package.product_code + " built";
        package.upgrades = {{package.upgrade_code, "", version, 0}, {package.upgrade_code, version, "", 2}};
        package.features = {"Api", "Gui", "Web"};
        package.has_installdir = true;
        if (change) change(package);
        PackageFile file{{name, version, architecture},
                         R"(C:\staging\)" + name + version + architecture + ".msi",
                         "",
                         package.package_code,
                         0};
        known[file.path] = package;
        return file;
    }
    void install(const PackageFile& file, const MsiChoice& choice) {
        const MsiPackage& package = known.at(file.path);
        there.push_back(
            {{package.product_code, package.name, package.version, package.package_code, file.path, "installed"},
             choice,
             true});
    }
    std::string snapshot() const {
        Strings lines;
        for (const Installed& one : there) {
            std::string line = one.product.code + one.product.package_code + one.product.state + one.choice.directory;
            for (const std::string& feature : one.choice.features)
                line += "," + feature;
            lines.push_back(line + (one.is_whole ? "" : " damaged"));
        }
        std::sort(lines.begin(), lines.end());
        std::string text;
        for (const std::string& line : lines)
            text += line + "\n";
        return text;
    }

    std::vector<MsiProduct> products() override {
        std::vector<MsiProduct> found;
        for (const Installed& one : there)
            found.push_back(one.product);
        return found;
    }
    MsiPackage package(const std::string& path) override {
        if (!known.contains(path)) throw Error("package_unreadable", "cannot read the package " + path);
        return known[path];
    }
    Strings related(const std::string& upgrade_code) override {
        Strings found;
        for (const Installed& one : there)
            if (known.contains(one.product.cached) && known[one.product.cached].upgrade_code == upgrade_code)
                found.push_back(one.product.code);
        return found;
    }
    MsiChoice choice(const MsiProduct& product) override { return at(product.code)->choice; }
    std::vector<MsiFile> files(const MsiProduct& product) override {
        const std::string path = at(product.code)->choice.directory + R"(\baclient\dsmc.exe)";
        return {{path, true, product.version, at(product.code)->is_whole ? product.version : "1.0", true}};
    }
    std::optional<std::string> owner(const std::string& path) override {
        for (const Installed& one : there)
            if (path == one.choice.directory + R"(\baclient\dsmc.exe)") return one.product.name;
        return std::nullopt;
    }
    bool is_at_work() override { return is_held; }

    CommandResult run(const Command&) override { return {}; }
    DetachedState detached_state(const std::string&) override { return DetachedState::unknown; }
    CommandResult wait_detached(const std::string&, Milliseconds) override { return {}; }
    void end_scriptlets(const std::string&) override {}
    CommandResult run_detached(const DetachedCommand& command) override {
        CommandResult result;
        result.exit_code = obey(command.command.arguments);
        return result;
    }

  private:
    Installed* at(const std::string& code) {
        const auto found =
            std::find_if(there.begin(), there.end(), [&](const Installed& one) { return one.product.code == code; });
        return found == there.end() ? nullptr : &*found;
    }
    int obey(const Strings& arguments) {
        std::map<std::string, std::string> properties;
        std::string call = arguments[0].substr(1) + " " + arguments[1];
        for (std::size_t i = 2; i < arguments.size(); ++i) {
            if (arguments[i] == "/l*v") disk.put(arguments[i + 1], log);
            const std::size_t sign = arguments[i].find('=');
            if (sign == std::string::npos) continue;
            const std::string name = arguments[i].substr(0, sign);
            if (name == "ALLUSERS" || name.starts_with("REBOOT") || name == "RebootYesNo" ||
                name.starts_with("MSIREST"))
                continue;
            properties[name] = arguments[i].substr(sign + 1);
            call += " " + arguments[i];
        }
        calls.push_back(call);
        if (is_held) return 1618;
        if (ending)
            if (const auto code = ending(call)) return *code;
        return arguments[0] == "/x" ? remove(arguments[1]) : install(arguments[1], properties);
    }
    int remove(const std::string& code) {
        return std::erase_if(there, [&](const Installed& one) { return one.product.code == code; }) ? success : 1605;
    }
    int install(const std::string& path, const std::map<std::string, std::string>& properties) {
        if (!known.contains(path)) return 1619;
        const MsiPackage& package = known[path];
        MsiChoice choice{package.features, R"(C:\Program Files\Tivoli\TSM)"};
        if (Installed* same = at(package.product_code)) {
            if (!properties.contains("REINSTALL"))
                return same->product.package_code == package.package_code ? success : 1638;
            choice = same->choice;
            remove(package.product_code);
        } else {
            for (const std::string& code : related(package.upgrade_code)) {
                if (compare_msi_versions(at(code)->product.version, package.version) >= 0) return 1603;
                choice = at(code)->choice;
            }
            for (const MsiUpgrade& row : package.upgrades)
                for (const std::string& code : related(row.code)) {
                    if (!takes_away(row, at(code)->product.version)) continue;
                    choice = at(code)->choice;
                    remove(code);
                }
        }
        if (properties.contains("ADDLOCAL")) {
            choice.features.assign(1, "");
            for (const char c : properties.at("ADDLOCAL"))
                if (c == ',')
                    choice.features.emplace_back();
                else
                    choice.features.back() += c;
        }
        if (properties.contains("INSTALLDIR")) choice.directory = properties.at("INSTALLDIR");
        install(PackageFile{{}, path, "", "", 0}, choice);
        return success;
    }
};

struct OneHost final : Host {
    HostFacts facts() override { return {"win01", "windows", "x86_64", "windows 10.0.20348", is_64_bit}; }
    bool is_administrator() override { return true; }
    bool reaches(const std::string&, int, Milliseconds) override { return false; }
    Strings cluster_software() override { return {}; }
    Strings pending_renames(const Strings& below) override {
        Strings found;
        for (const std::string& path : waiting)
            for (const std::string& folder : below)
                if (path.starts_with(folder + "\\")) found.push_back(path);
        return found;
    }
    void request_restart(const std::string&, Seconds) override {}
    Strings mount_properties(const std::string&) override { return {}; }
    void log(int, const std::string&) override {}

    Strings waiting;
    bool is_64_bit = true;
};

struct Registry final : SettingsStore {
    Tree read(const std::string& key) override { return trees[key]; }
    void write(const std::string&, const Tree&) override {}
    std::map<std::string, Tree> trees;
};

const std::string client = "Look-alike Client";
const std::string runtime = "Look-alike Runtime";
const MsiChoice administrators{{"Api", "Gui"}, R"(E:\Backup Client)"};

struct Bench final : InstallerBench {
    Bench() {
        msi.disk.make_private_directory("/evidence");
        for (const PackageFile& file : packages("8.1.25.0").present)
            msi.install(file, administrators);
    }
    NativeInstaller& installer() override { return msi_installer; }
    ConvergeOptions options() override {
        ConvergeOptions options;
        options.run_name = "run";
        options.evidence_path = "/evidence";
        return options;
    }
    PackageSet packages(const std::string& release, Ailment ailment = Ailment::none) override {
        PackageSet set{{msi.add(runtime, release), msi.add(client, release)}, {}};
        if (ailment == Ailment::script_fails)
            msi.ending = [sick = set.present.back().path](const std::string& call) {
                return call.starts_with("i " + sick) ? std::optional(1603) : std::nullopt;
            };
        return set;
    }
    std::string snapshot() override { return msi.snapshot(); }
    void hold_lock(bool held) override { msi.is_held = held; }

    PackageSet one(const std::string& release) { return {{msi.add(client, release)}, {}}; }
    ConvergeResult converge(const PackageSet& set) { return msi_installer.converge(set, options()); }
    std::string failure(const PackageSet& set) {
        try {
            converge(set);
        } catch (const Error& error) {
            CHECK(error.cause() == "package_install_failed");
            return error.what();
        }
        return "";
    }

    Msi msi;
    OneHost host;
    Registry registry;
    MsiInstaller msi_installer{{msi, msi, msi.disk, msi.clock, host, registry, R"(C:\Windows\system32)"}};
};

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("MSI keeps the contract of the other native installers") {
    Bench bench;
    check_native_installer_contract(bench);
}

TEST_CASE("a newer release is told neither features nor place, an older one both, after the newer was removed") {
    Bench bench;
    bench.converge(bench.one("8.1.27.0"));
    CHECK(bench.msi.calls == Strings{R"(i C:\staging\Look-alike Client8.1.27.0x64.msi)"});
    bench.msi.calls.clear();
    bench.converge(bench.one("8.1.25.0"));
    CHECK(bench.msi.calls == Strings{"x {Look-alike Client 8.1.27.0 x64}",
                                     R"(i C:\staging\Look-alike Client8.1.25.0x64.msi ADDLOCAL=Api,Gui )"
                                     R"(INSTALLDIR=E:\Backup Client)"});
}

TEST_CASE("features and place are not lost where we die between the removal and the installation") {
    Bench bench;
    const std::string before = bench.snapshot();
    bench.converge(bench.one("8.1.27.0"));
    struct Death {};
    bench.msi.ending = [](const std::string& call) -> std::optional<int> {
        if (call.starts_with("i ")) throw Death{};
        return std::nullopt;
    };
    CHECK_THROWS_AS(bench.converge(bench.one("8.1.25.0")), Death);
    bench.msi.ending = {};
    MsiInstaller another(
        {bench.msi, bench.msi, bench.msi.disk, bench.msi.clock, bench.host, bench.registry, R"(C:\Windows\system32)"});
    CHECK(another.converge(bench.one("8.1.25.0"), bench.options()).convergence == Convergence::reached);
    CHECK(bench.snapshot() == before);
}

TEST_CASE("a feature that an older package does not know is not asked of it") {
    Bench bench;
    bench.converge(bench.one("8.1.27.0"));
    const PackageFile older = bench.msi.add(client, "8.1.20.0", "x64", [](MsiPackage& package) {
        package.features = {"Gui", "Web"};
    });
    bench.converge({{older}, {}});
    CHECK(has(bench.msi.calls.back(), "ADDLOCAL=Gui INSTALLDIR="));
}

TEST_CASE("a product that was renamed is updated over its old name, not removed before") {
    Bench bench;
    const PackageFile renamed = bench.msi.add("New Client", "8.1.27.0", "x64", [](MsiPackage& package) {
        package.upgrade_code = "{Look-alike Client}";
        package.upgrades = {{"{Look-alike Client}", "", "8.1.27.0", 0}};
    });
    CHECK(bench.converge({{renamed}, {client}}).convergence == Convergence::reached);
    CHECK(bench.msi.calls.size() == 1);
    CHECK(bench.msi.there.back().choice == administrators);
}

TEST_CASE("a product for another kind of machine is removed before") {
    Bench bench;
    std::erase_if(bench.msi.there, [](const Installed& one) { return one.product.name == client; });
    bench.msi.install(bench.msi.add(client, "7.1.8.0", "Intel"), administrators);
    CHECK(bench.converge(bench.one("8.1.27.0")).convergence == Convergence::reached);
    REQUIRE(bench.msi.calls.size() == 2);
    CHECK(bench.msi.calls[0] == "x {Look-alike Client 7.1.8.0 Intel}");
    CHECK(has(bench.msi.calls[1], R"(ADDLOCAL=Api,Gui INSTALLDIR=E:\Backup Client)"));
}

TEST_CASE("features of the other word size are told by their own name, and the place is that of such programs") {
    Bench bench;
    std::erase_if(bench.msi.there, [](const Installed& one) { return one.product.name == client; });
    const auto with_features = [](Strings features) {
        return [features](MsiPackage& package) {
            package.upgrade_code = "{of " + package.architecture + "}";
            package.upgrades.clear();
            package.features = features;
        };
    };
    const PackageFile of_32 = bench.msi.add(client, "7.1.8.0", "Intel", with_features({"ApiRuntime", "Gui", "Web"}));
    const PackageFile of_64 = bench.msi.add(client, "8.1.27.0", "x64", with_features({"Api64Runtime", "Gui", "Web"}));
    const MsiChoice chosen{{"ApiRuntime", "Gui"}, R"(C:\Program Files (x86)\Tivoli\TSM)"};
    bench.msi.install(of_32, chosen);
    CHECK(bench.converge({{of_64}, {}}).convergence == Convergence::reached);
    CHECK(has(bench.msi.calls.back(), R"(ADDLOCAL=Api64Runtime,Gui INSTALLDIR=C:\Program Files\Tivoli\TSM)"));
    CHECK(bench.converge({{of_32}, {}}).convergence == Convergence::reached);
    CHECK(bench.msi.there.back().choice == chosen);
}

TEST_CASE("a service that would go with the old package for good refuses the update") {
    struct Row {
        const char* account;
        bool new_one_brings_it;
        const char* reason;
    };
    for (const Row& row : {Row{"LocalSystem", true, ""}, Row{"LocalSystem", false, "the new one does not bring it"},
                           Row{".\\backup", true, "the password of its account .\\backup would be lost"},
                           Row{"NT SERVICE\\dsmcsvc", true, ""}, Row{nullptr, false, ""}}) {
        Bench bench;
        std::erase_if(bench.msi.there, [](const Installed& one) { return one.product.name == client; });
        bench.msi.install(
            bench.msi.add(client, "8.1.25.0", "x64",
                          [](MsiPackage& package) { package.deleted_services = {"TSM Client Scheduler"}; }),
            administrators);
        const PackageFile newer = bench.msi.add(client, "8.1.27.0", "x64", [&row](MsiPackage& package) {
            if (row.new_one_brings_it) package.installed_services = {"tsm client scheduler"};
        });
        const std::string key = R"(HKLM64\SYSTEM\CurrentControlSet\Services\TSM Client Scheduler)";
        if (row.account) bench.registry.trees[key] = {{key, {{"ObjectName", registry_value_of(row.account)}}}};
        const std::optional<std::string> reason = bench.msi_installer.dry_run({{newer}, {}});
        CAPTURE(reason.value_or(""));
        CHECK(reason.has_value() == (*row.reason != '\0'));
        CHECK(has(reason.value_or(""), row.reason));
    }
}

TEST_CASE("another package of the same product is told to take its place") {
    Bench bench;
    const auto same_product = [](MsiPackage& package) { package.product_code = "{Look-alike Client 8.1.25.0 x64}"; };
    const PackageFile newer = bench.msi.add(client, "8.1.25.1", "x64", same_product);
    CHECK(bench.converge({{newer}, {}}).convergence == Convergence::reached);
    CHECK(has(bench.msi.calls.front(), "REINSTALL=ALL REINSTALLMODE=vemus"));
    CHECK(bench.msi.there.back().choice == administrators);
}

TEST_CASE("a product whose package Windows has lost is not healthy, and is installed again") {
    Bench bench;
    bench.msi.there.back().product.cached = R"(C:\Windows\Installer\gone.msi)";
    const auto found = bench.msi_installer.installed({client});
    REQUIRE(found.size() == 1);
    CHECK_FALSE(found.front().healthy);
    CHECK(bench.converge(bench.one("8.1.25.0")).convergence == Convergence::reached);
    CHECK(has(bench.msi.calls.front(), "REINSTALL=ALL"));
    CHECK(bench.msi.there.back().choice == administrators);
}

TEST_CASE("msiexec that is refused by another one at work is no failed attempt") {
    Bench bench;
    bench.msi.ending = [](const std::string&) { return 1618; };
    CHECK(bench.converge(bench.one("8.1.27.0")).convergence == Convergence::busy);
    CHECK(bench.msi.calls.size() == 1);
    bench.msi.ending = {};
    CHECK(bench.converge(bench.one("8.1.27.0")).convergence == Convergence::reached);
}

TEST_CASE("a restart that is asked for counts only if it is our files that wait for it") {
    Bench bench;
    bench.msi.success = 3010;
    bench.host.waiting = {R"(C:\Windows\Temp\other.dll)"};
    CHECK(bench.converge(bench.one("8.1.27.0")).convergence == Convergence::reached);
    bench.host.waiting.push_back(R"(E:\Backup Client\baclient\dsmc.exe)");
    const ConvergeResult result = bench.converge(bench.one("8.1.25.0"));
    CHECK(result.convergence == Convergence::restart_needed);
    CHECK(result.warnings == Strings{R"(E:\Backup Client\baclient\dsmc.exe)"});
}

TEST_CASE("an installation that was killed is waited for, then done again with every file looked at") {
    Bench bench;
    const PackageSet target = bench.one("8.1.27.0");
    bench.msi.ending = [&](const std::string&) -> std::optional<int> {
        if (bench.msi.calls.size() > 1) return std::nullopt;
        bench.msi.there.back() = {{"{Look-alike Client 8.1.27.0 x64}", client, "8.1.27.0", target.present[0].digest,
                                   target.present[0].path, "installed"},
                                  administrators,
                                  false};
        return 1; // as TerminateProcess left it, files half copied
    };
    CHECK(bench.converge(target).convergence == Convergence::reached);
    CHECK(bench.msi.there.back().is_whole);
    CHECK(has(bench.msi.calls.back(), "REINSTALL=ALL"));
}

TEST_CASE("after a death of ours Windows' own end of what was begun is awaited") {
    Bench bench;
    bench.msi.disk.write_durably("/evidence/msi.unfinished", "");
    bench.msi.is_held = true;
    bench.registry.trees[in_progress] = {{in_progress, {{"", "1:43003a00"}}}};
    int looks = 0;
    bench.msi.clock.passed = [&] { bench.msi.is_held = ++looks < 5; };
    CHECK(bench.converge(bench.one("8.1.27.0")).convergence == Convergence::reached);
    CHECK(looks == 5);
}

TEST_CASE("an installation of somebody else's that was broken off is left to him") {
    Bench bench;
    bench.registry.trees[in_progress] = {{in_progress, {}}};
    CHECK_FALSE(bench.msi_installer.busy());
    bench.registry.trees[in_progress] = {{in_progress, {{"", "1:43003a00"}}}};
    CHECK(has(bench.msi_installer.busy().value_or(""), "broken off"));
    CHECK(bench.converge(bench.one("8.1.27.0")).convergence == Convergence::busy);
    CHECK(bench.msi.calls.empty());
}

TEST_CASE("1704 is answered by running it once more: Windows has led back by then what was broken off") {
    Bench bench;
    bench.msi.ending = [&](const std::string&) {
        return bench.msi.calls.size() == 1 ? std::optional(1704) : std::nullopt;
    };
    CHECK(bench.converge(bench.one("8.1.27.0")).convergence == Convergence::reached);
    CHECK(bench.msi.calls.size() == 2);
}

TEST_CASE("a failure says msiexec's code, what its log says in UTF-16, and which log that is") {
    Bench bench;
    const std::string before = bench.snapshot();
    bench.msi.log = "\xFF\xFE" + utf16_of_utf8("CustomAction StartIt returned actual error code 1603 (note)\r\n"
                                               "Error 1920. Service 'X' failed to start.\r\n");
    bench.msi.ending = [](const std::string&) { return 1603; };
    const std::string message = bench.failure(bench.one("8.1.27.0"));
    for (const char* part : {"(msiexec 1603)", "Error 1920. Service 'X' failed to start.; the action StartIt failed",
                             "(msi-2.log)", "there is Look-alike Client 8.1.25.0 (installed)"}) {
        CAPTURE(part);
        CAPTURE(message);
        CHECK(has(message, part));
    }
    CHECK(bench.snapshot() == before);
}

TEST_CASE("codes of success are not believed") {
    Bench bench;
    bench.msi.ending = [](const std::string&) { return 0; };
    CHECK(has(bench.failure(bench.one("8.1.27.0")), "there is Look-alike Client 8.1.25.0"));
}

TEST_CASE("what can be told before is told: a damaged package, another one, the wrong machine, a policy") {
    Bench bench;
    PackageSet target = bench.one("8.1.27.0");
    CHECK_FALSE(bench.msi_installer.dry_run(target));
    target.present.front().digest = "{another build}";
    CHECK(has(bench.msi_installer.dry_run(target).value_or(""), "another package than was promised"));
    target.present.front().path = R"(C:\staging\gone.msi)";
    CHECK(has(bench.msi_installer.dry_run(target).value_or(""), "cannot read the package"));
    bench.host.is_64_bit = false;
    CHECK(has(bench.msi_installer.dry_run(bench.one("8.1.27.0")).value_or(""), "64-bit"));
    bench.registry.trees[policy] = {{policy, {{"DisableMSI", "4:01000000"}}}};
    CHECK(bench.msi_installer.pinned({client}).empty());
    bench.registry.trees[policy] = {{policy, {{"DisableMSI", "4:02000000"}}}};
    CHECK(bench.msi_installer.pinned({client}).size() == 1);
    CHECK(has(bench.msi_installer.dry_run(bench.one("8.1.27.0")).value_or(""), "DisableMSI=2"));
}

TEST_CASE("on the way back msiexec does without a log that cannot be written") {
    Bench bench;
    bench.converge(bench.one("8.1.27.0"));
    ConvergeOptions options = bench.options();
    options.evidence_path = "/nowhere/evidence";
    CHECK_THROWS_AS(bench.msi_installer.converge(bench.one("8.1.25.0"), options), Error);
    options.way_back = true;
    CHECK(bench.msi_installer.converge(bench.one("8.1.25.0"), options).convergence == Convergence::reached);
    CHECK(bench.msi.there.back().choice == administrators);
}
