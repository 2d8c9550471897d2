#include "platform/windows/windows_prerequisites.h"

#include "platform/error.h"
#include "platform/windows/command_line.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_registry.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

const std::string runtimes = R"(\SOFTWARE\Microsoft\VisualStudio\14.0\VC\Runtimes\x64)";
const std::string uninstall = R"(HKLM64\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall)";

struct Msi final : MsiDatabase {
    bool is_held = false; ///< by another installation
    std::vector<MsiProduct> products() override { return {}; }
    MsiPackage package(const std::string&) override { return {}; }
    std::vector<std::string> related(const std::string&) override { return {}; }
    MsiChoice choice(const MsiProduct&) override { return {}; }
    std::vector<MsiFile> files(const MsiProduct&) override { return {}; }
    std::optional<std::string> owner(const std::string&) override { return std::nullopt; }
    bool is_at_work() override { return is_held; }
};

/// A Windows with a registry, and an installer that ends with a code and registers what it is told to.
struct Windows final : Host, CommandRunner {
    Msi msi;
    FakeRegistry registry;
    FakeClock clock;
    int exit_code = 0;
    std::string registers; ///< the version, "" for none
    std::vector<std::string> pending;
    bool is_64_bit = true;
    bool survives = false; ///< one of an earlier run of ours is at work, and will register

    std::vector<std::string> calls;
    std::vector<std::string> asked_for;
    WindowsPrerequisites prerequisites{{msi, *this, clock, *this, registry, R"(C:\Windows\system32)"}};

    void put(const std::string& view, const std::string& version, bool installed = true) {
        registry.put_number(view + runtimes, "Installed", installed ? 1 : 0);
        if (!version.empty()) registry.put(view + runtimes, "Version", version);
    }

    HostFacts facts() override { return {"alpha", "windows", "x86_64", "windows 10", is_64_bit}; }
    bool is_administrator() override { return true; }
    bool reaches(const std::string&, int, Milliseconds) override { return true; }
    std::vector<std::string> cluster_software() override { return {}; }
    std::vector<std::string> pending_renames(const std::vector<std::string>& below) override {
        asked_for = below;
        return pending;
    }
    void request_restart(const std::string&, Seconds) override {}
    std::vector<std::string> mount_properties(const std::string&) override { return {}; }
    void log(int, const std::string&) override {}

    CommandResult run(const Command&) override { return {}; }
    CommandResult run_detached(const DetachedCommand& command) override {
        calls.push_back(command.name + ": " + command_line_of(command.command.program, command.command.arguments));
        if (!registers.empty()) put("HKLM32", registers);
        CommandResult result;
        result.exit_code = exit_code;
        return result;
    }
    DetachedState detached_state(const std::string&) override {
        return survives ? DetachedState::running : DetachedState::unknown;
    }
    CommandResult wait_detached(const std::string& name, Milliseconds) override {
        calls.push_back("wait for " + name);
        survives = false;
        put("HKLM64", registers);
        return {};
    }
    void end_scriptlets(const std::string&) override {}
};

PrerequisiteFile runtime() {
    PrerequisiteFile wanted;
    wanted.file = {{"VC", "14.38.33130", "x64"}, R"(C:\staging\vc_redist.x64.exe)", "", "", 0};
    wanted.how.keys = {"HKLM64" + runtimes, "HKLM32" + runtimes};
    wanted.how.installed_value = "installed"; // in any case
    wanted.how.version_value = "Version";
    wanted.how.files = {"msvcp140.dll", R"(D:\java\jre)"};
    return wanted;
}

ConvergeOptions options() {
    ConvergeOptions options;
    options.run_name = "autodeploy-7-prerequisite-1";
    options.evidence_path = R"(C:\state\7\evidence)";
    return options;
}

} // namespace

TEST_CASE("a runtime is told by the registry, in either view, by its number and its version") {
    Windows machine;
    const Prerequisite wanted = runtime().how;
    CHECK(machine.prerequisites.installed(wanted) == std::nullopt);
    machine.put("HKLM64", "v14.20.1.00", false);
    CHECK(machine.prerequisites.installed(wanted) == std::nullopt);
    machine.put("HKLM32", "");
    CHECK(machine.prerequisites.installed(wanted) == "");
    machine.put("HKLM64", "v14.20.1.00");
    CHECK(machine.prerequisites.installed(wanted) == "v14.20.1.00");
    machine.put("HKLM32", "v14.38.1.00");
    CHECK(machine.prerequisites.installed(wanted) == "v14.38.1.00");
    machine.put("HKLM64", "v14.40.1.00");
    CHECK(machine.prerequisites.installed(wanted) == "v14.40.1.00");
    // A key below it, and one beside it, say nothing of it.
    Windows other;
    other.registry.put_number("HKLM64" + runtimes + "\\a", "Installed", 1);
    other.registry.put_number("HKLM64" + runtimes + "2", "Installed", 1);
    CHECK(other.prerequisites.installed(wanted) == std::nullopt);
}

TEST_CASE("a runtime is told by its name among the programs that can be removed") {
    Windows machine;
    Prerequisite java;
    java.keys = {uninstall};
    java.display_name = "ibm java*";
    java.version_value = "DisplayVersion";
    machine.registry.put(uninstall + "\\{1}", "DisplayName", "Other IBM Java");
    machine.registry.put(uninstall + "\\{1}", "DisplayVersion", "9.0");
    machine.registry.put(uninstall + "\\{2}\\deeper", "DisplayName", "IBM Java");
    CHECK(machine.prerequisites.installed(java) == std::nullopt);
    machine.registry.put(uninstall + "\\{3}", "DisplayName", "IBM Java 8");
    CHECK(machine.prerequisites.installed(java) == "");
    machine.registry.put(uninstall + "\\{3}", "DisplayVersion", "8.0.7.20");
    CHECK(machine.prerequisites.installed(java) == "8.0.7.20");
    java.display_name = "IBM Java";
    CHECK(machine.prerequisites.installed(java) == std::nullopt);
}

TEST_CASE("what is missing or older is installed, what is there or newer is left alone") {
    struct Row {
        const char* there;
        bool runs;
    };
    for (const Row& row : {Row{"", true}, Row{"v14.20.1.00", true}, Row{"v14.38.33130.00", false},
                           Row{"v14.40.1.00", false}, Row{"newest", false}}) {
        CAPTURE(row.there);
        Windows machine;
        if (*row.there) machine.put("HKLM64", row.there);
        machine.registers = "v14.38.33130.00";
        CHECK(machine.prerequisites.install(runtime(), options()).convergence == Convergence::reached);
        CHECK(machine.calls.size() == (row.runs ? 1 : 0));
    }
    Windows machine;
    machine.registers = "v14.38.33130.00";
    machine.prerequisites.install(runtime(), options());
    CHECK(machine.calls.at(0) ==
          R"(autodeploy-7-prerequisite-1: "C:\staging\vc_redist.x64.exe" /install /quiet /norestart /log )"
          R"(C:\state\7\evidence\autodeploy-7-prerequisite-1.log)");
}

TEST_CASE("what the installer says is a hint, what the registry says afterwards counts") {
    struct Row {
        const char* what;
        int code;
        const char* registers;
        std::vector<std::string> pending;
        const char* ends; ///< "reached", "busy", "restart", or words of the error
    };
    for (const Row& row : std::vector<Row>{
             {"done", 0, "v14.38.33130.00", {}, "reached"},
             {"done, it says", 0, "", {}, "it is not in the registry; its installer says: done"},
             {"done, and an older one is there", 0, "v14.1.1.00", {}, "the registry has v14.1.1.00"},
             {"failed, it says", 1603, "v14.38.33130.00", {}, "reached"},
             {"failed", 1603, "", {}, "the installation failed"},
             {"another one is at work", 1618, "", {}, "busy"},
             {"wrapped", int(0x80070652U), "", {}, "busy"},
             {"a newer one is there, it says", 1638, "", {}, "reached"},
             {"a restart without a need", 3010, "v14.38.33130.00", {}, "reached"},
             {"a restart", 3010, "v14.38.33130.00", {"msvcp140.dll waits"}, "restart"},
             {"a restart that it does not speak of", 0, "v14.38.33130.00", {"msvcp140.dll waits"}, "restart"},
             {"a restart, and nothing there", 3010, "", {}, "it is not in the registry"},
             {"its end was not seen", -1, "", {}, "how it ended was not seen"},
             {"its end was not seen, and it was good", -1, "v14.38.33130.00", {}, "reached"},
         }) {
        CAPTURE(row.what);
        Windows machine;
        machine.exit_code = row.code;
        machine.registers = row.registers;
        machine.pending = row.pending;
        std::string end;
        try {
            const Convergence convergence = machine.prerequisites.install(runtime(), options()).convergence;
            end = convergence == Convergence::reached ? "reached"
                  : convergence == Convergence::busy  ? "busy"
                                                      : "restart";
        } catch (const Error& error) {
            CHECK(error.cause() == "prerequisite_failed");
            end = error.what();
        }
        INFO(end);
        CHECK(end.find(row.ends) != std::string::npos);
    }
    // Where nobody knows its files, there is only its word.
    Windows machine;
    PrerequisiteFile wanted = runtime();
    wanted.how.files.clear();
    machine.exit_code = 3010;
    machine.registers = "v14.38.33130.00";
    CHECK(machine.prerequisites.install(wanted, options()).convergence == Convergence::restart_needed);
}

TEST_CASE("nothing is started beside another installation, and one of an earlier run of ours is awaited") {
    Windows machine;
    machine.msi.is_held = true;
    CHECK(machine.prerequisites.install(runtime(), options()).convergence == Convergence::busy);
    CHECK(machine.calls.empty());

    Windows again;
    again.survives = true;
    again.registers = "v14.38.33130.00";
    CHECK(again.prerequisites.install(runtime(), options()).convergence == Convergence::reached);
    CHECK(again.calls == std::vector<std::string>{"wait for autodeploy-7-prerequisite-1"});
}

TEST_CASE("only the runtime's own files are looked for among those that wait for a restart") {
    Windows machine;
    machine.prerequisites.waiting(runtime());
    CHECK(machine.asked_for == std::vector<std::string>{R"(C:\Windows\system32\msvcp140.dll)", R"(D:\java\jre)"});
    PrerequisiteFile x86 = runtime();
    x86.file.id.architecture = "x86";
    machine.prerequisites.waiting(x86);
    CHECK(machine.asked_for.front() == R"(C:\Windows\SysWOW64\msvcp140.dll)");
    machine.is_64_bit = false;
    machine.prerequisites.waiting(x86);
    CHECK(machine.asked_for.front() == R"(C:\Windows\system32\msvcp140.dll)");
}
