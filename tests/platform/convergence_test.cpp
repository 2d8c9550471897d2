#include "platform/convergence.h"

#include "platform/error.h"
#include "platform/unfinished_mark.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_command_runner.h"
#include "tests/fakes/fake_file_system.h"

#include <doctest/doctest.h>

#include <functional>

using namespace autodeploy;
using Strings = std::vector<std::string>;

namespace {

PackageFile file(const std::string& name, const std::string& version) {
    return {{name, version, "amd64"}, "/staging/" + name + "-" + version, "", "digest of " + name + version, 0};
}

InstalledPackage installed(const std::string& name, const std::string& version, const std::string& state = "ii") {
    return {{name, version, "amd64"}, state == "ii", state, "digest of " + name + version};
}

const PackageSet old_set{{file("api", "25"), file("ba", "25")}, {}};
const PackageSet new_set{{file("api", "27"), file("ba", "27")}, {}};

/// A tool whose command lines say what they do: "/tool install ba 27". What they lead to is the test's.
struct Tool : PackageCommands {
    std::vector<InstalledPackage> packages{installed("api", "25"), installed("ba", "25")};
    std::function<void(const std::string& verb, const PackageId& id)> effect;
    Strings locked;        ///< answers to who holds the lock, the first first; then nobody
    Strings changed;       ///< files that differ
    Strings configuration; ///< files that the administrator has changed
    Strings dropped;
    ToolVerdict verdict; ///< of each run
    FakeFileSystem files;
    FakeClock clock;
    FakeCommandRunner commands;

    Tool() {
        commands.before = [this](const Command& command) {
            commands.add("$ " + command_line(command) + "\n");
            for (std::size_t at = 1; at + 1 < command.arguments.size(); at += 2)
                change(command.arguments[0], {command.arguments[at], command.arguments[at + 1], "amd64"});
        };
        files.make_private_directory("/evidence");
    }
    void change(const std::string& verb, const PackageId& id) {
        if (effect) return effect(verb, id);
        std::erase_if(packages, [&](const InstalledPackage& package) {
            return package.id.name == id.name && (verb == "install" || package.id.version == id.version);
        });
        if (verb == "install") packages.push_back(installed(id.name, id.version));
    }
    ConvergeOptions options() {
        ConvergeOptions options;
        options.run_name = "run";
        options.evidence_path = "/evidence";
        options.report = [this](const std::string& line) { reports.push_back(line); };
        return options;
    }
    ConvergeResult converge(const PackageSet& target) {
        return converge_with(*this, commands, files, clock, target, options(), ready);
    }
    std::optional<Readiness> ready;
    int asked = 0; ///< how often for what is installed
    std::string failure(const PackageSet& target) {
        try {
            converge(target);
        } catch (const Error& error) {
            CHECK(error.cause() == "package_install_failed");
            return error.what();
        }
        return "";
    }
    bool is_marked() { return files.status("/evidence/tool.unfinished").has_value(); }

    std::string tool_name() const override { return "tool"; }
    std::vector<InstalledPackage> packages_named(const Strings&) override {
        ++asked;
        return packages;
    }
    std::optional<std::string> lock_holder() override {
        if (locked.empty()) return std::nullopt;
        const std::string first = locked.front();
        locked.erase(locked.begin());
        return first;
    }
    std::vector<Command> install_commands(const std::vector<PackageFile>& wanted, bool) override {
        Command command;
        command.program = "/tool";
        command.arguments = {"install"};
        for (const PackageFile& one : wanted) {
            command.arguments.push_back(one.id.name);
            command.arguments.push_back(one.id.version);
        }
        return {command};
    }
    std::vector<Command> remove_commands(const std::vector<PackageId>& ids) override {
        Command command;
        command.program = "/tool";
        command.arguments = {"remove"};
        for (const PackageId& id : ids) {
            command.arguments.push_back(id.name);
            command.arguments.push_back(id.version);
        }
        return {command};
    }
    ToolVerdict judge(const CommandResult&) override { return verdict; }
    Strings changed_files(const Strings&) override { return changed; }
    Strings changed_configuration(const Strings&) override { return configuration; }
    void drop_configuration(const std::string& path) override {
        std::erase(configuration, path);
        dropped.push_back(path);
    }
    Strings paths_in(const std::vector<PackageFile>& wanted) override {
        Strings paths;
        for (const PackageFile& one : wanted)
            for (const char* name : {"program", one.id.version.c_str()})
                paths.push_back("/opt/" + one.id.name + "/" + name);
        return paths;
    }
    std::optional<std::string> stem_of_temporary(const std::string& name) override {
        if (!name.ends_with(".tmp")) return std::nullopt;
        return name.substr(0, name.size() - 4);
    }
    std::string root() const override { return ""; }

    Strings reports;
};

} // namespace

TEST_CASE("what lies between the packages and a target is what to install and what to remove") {
    CHECK(difference_to(old_set, {installed("api", "25"), installed("ba", "25")}).none());
    CHECK(difference_to(old_set, {installed("ba", "25")}).install == std::vector<PackageFile>{file("api", "25")});
    CHECK(difference_to(old_set, {installed("api", "25"), installed("ba", "25", "iHR")}).install ==
          std::vector<PackageFile>{file("ba", "25")});
    // An older version is upgraded, one beside the wanted one is a stray.
    CHECK(difference_to(new_set, {installed("api", "27"), installed("ba", "25")}).remove.empty());
    const Difference stray =
        difference_to(new_set, {installed("api", "27"), installed("api", "25"), installed("ba", "27")});
    CHECK(stray.install.empty());
    CHECK(stray.remove == std::vector<PackageId>{{"api", "25", "amd64"}});
    // Another build of the same version is not the same package.
    InstalledPackage other = installed("ba", "25");
    other.digest = "another";
    CHECK(difference_to(old_set, {installed("api", "25"), other}).install.size() == 1);
    // A tool that can tell no digest is believed.
    other.digest.clear();
    CHECK(difference_to(old_set, {installed("api", "25"), other}).none());
    CHECK(difference_to({{}, {"ba"}}, {installed("api", "25"), installed("ba", "25")}).remove ==
          std::vector<PackageId>{{"ba", "25", "amd64"}});
}

TEST_CASE("one command brings all packages, and the mark of an unfinished run is gone afterwards") {
    Tool tool;
    CHECK(tool.converge(new_set).convergence == Convergence::reached);
    CHECK(tool.commands.calls == Strings{"run-tool: /tool install api 27 ba 27"});
    CHECK_FALSE(tool.is_marked());
    CHECK(tool.converge(new_set).convergence == Convergence::reached);
    CHECK(tool.commands.calls.size() == 1);
}

TEST_CASE("only what is not there yet is installed") {
    Tool tool;
    tool.packages = {installed("api", "27"), installed("ba", "25")};
    tool.converge(new_set);
    CHECK(tool.commands.calls == Strings{"run-tool: /tool install ba 27"});
}

TEST_CASE("who got ready asks only what became of the packages, and a stale readiness does no harm") {
    Tool tool;
    tool.ready = ready_for(tool, tool.commands, tool.files, new_set, tool.options());
    CHECK(tool.commands.calls.empty());
    CHECK_FALSE(tool.is_marked());
    tool.asked = 0;
    const std::vector<DetachedCommand> expected = tool.commands.expected;
    REQUIRE(expected.size() == 1);
    CHECK(tool.converge(new_set).convergence == Convergence::reached);
    CHECK(tool.asked == 1);
    CHECK(tool.commands.detached == expected);
    CHECK(tool.commands.expected.empty());
    CHECK(tool.commands.calls == Strings{"run-tool: /tool install api 27 ba 27"});
    // For the way back it says nothing.
    tool.converge(old_set);
    CHECK(tool.commands.calls.back() == "run-tool: /tool install api 25 ba 25");
    // Somebody else removed a package in between.
    tool.packages = {installed("api", "27"), installed("ba", "25")};
    tool.ready = ready_for(tool, tool.commands, tool.files, new_set, tool.options());
    tool.packages = {installed("ba", "25")};
    CHECK(tool.converge(new_set).convergence == Convergence::reached);
    CHECK(tool.packages.size() == 2);
}

TEST_CASE("packages to be absent go first") {
    Tool tool;
    tool.packages.push_back(installed("ba32", "25"));
    PackageSet target = new_set;
    target.absent = {"ba32"};
    CHECK(tool.converge(target).convergence == Convergence::reached);
    CHECK(tool.commands.calls == Strings{"run-tool: /tool remove ba32 25", "run-tool-2: /tool install api 27 ba 27"});
}

TEST_CASE("what is installed anew is removed first, in both directions, and is left alone where it is there already") {
    Tool tool;
    tool.packages.push_back(installed("gsk", "25"));
    PackageSet target = new_set;
    target.present.push_back(file("gsk", "27"));
    PackageSet back = old_set;
    back.present.push_back(file("gsk", "25"));
    target.absent = back.absent = {"ba", "api"};
    CHECK(tool.converge(target).convergence == Convergence::reached);
    CHECK(tool.commands.calls ==
          Strings{"run-tool: /tool remove api 25 ba 25", "run-tool-2: /tool install api 27 ba 27 gsk 27"});
    CHECK(tool.converge(target).convergence == Convergence::reached);
    CHECK(tool.commands.calls.size() == 2);
    CHECK(tool.converge(back).convergence == Convergence::reached);
    CHECK(tool.commands.calls[2] == "run-tool: /tool remove api 27 ba 27");
}

TEST_CASE("packages for another machine go first, in both directions; what fits all is updated in place") {
    Tool tool;
    tool.packages = {installed("api", "25"), installed("ba", "25"), installed("docs", "25")};
    PackageSet target = new_set;
    target.present.push_back(file("docs", "27"));
    for (InstalledPackage& package : tool.packages)
        package.id.architecture = package.id.name == "docs" ? "noarch" : "i386";
    PackageSet back{{file("api", "25"), file("ba", "25"), file("docs", "25")}, {}};
    for (PackageFile& one : back.present)
        one.id.architecture = one.id.name == "docs" ? "noarch" : "i386";
    tool.effect = [&](const std::string& verb, const PackageId& id) {
        // Two of one name for two machines do not fit beside each other.
        if (verb == "install")
            for (const InstalledPackage& package : tool.packages)
                CHECK((package.id.name != id.name || package.id.name == "docs"));
        std::erase_if(tool.packages, [&](const InstalledPackage& package) {
            return package.id.name == id.name && (verb == "install" || package.id.version == id.version);
        });
        for (const PackageSet* set : {&target, &back})
            for (const PackageFile& one : set->present)
                if (verb == "install" && one.id.name == id.name && one.id.version == id.version)
                    tool.packages.push_back({one.id, true, "ii", one.digest});
    };
    CHECK(tool.converge(target).convergence == Convergence::reached);
    CHECK(tool.commands.calls ==
          Strings{"run-tool: /tool remove api 25 ba 25", "run-tool-2: /tool install api 27 ba 27 docs 27"});
    CHECK(tool.converge(back).convergence == Convergence::reached);
    CHECK(tool.commands.calls.size() == 4);
    CHECK(tool.commands.calls[2] == "run-tool: /tool remove api 27 ba 27");
}

TEST_CASE("a lock that somebody else holds is busy, and nothing is touched") {
    Tool tool;
    tool.locked = {"process 7 holds it"};
    CHECK(tool.converge(new_set).convergence == Convergence::busy);
    CHECK(tool.commands.calls.empty());
    CHECK_FALSE(tool.is_marked());
}

TEST_CASE("a tool that was turned away by a lock at once is busy too") {
    Tool tool;
    tool.effect = [](const std::string&, const PackageId&) {};
    tool.verdict.lock_was_held = true;
    CHECK(tool.converge(new_set).convergence == Convergence::busy);
    CHECK_FALSE(tool.is_marked());
}

TEST_CASE("a lock taken in the middle of the work is waited for") {
    Tool tool;
    int runs = 0;
    tool.effect = [&](const std::string& verb, const PackageId& id) {
        if (id.name == "api") ++runs;
        tool.verdict = {runs == 2, {}, ""};
        if (runs == 1 && id.name == "ba") return; // the first run brings only one of them
        if (runs == 2) {
            tool.locked = {"process 7 holds it", "process 7 holds it"};
            return;
        }
        tool.effect = nullptr;
        tool.change(verb, {"api", "27", "amd64"});
        tool.change(verb, {"ba", "27", "amd64"});
    };
    CHECK(tool.converge(new_set).convergence == Convergence::reached);
    CHECK(tool.locked.empty());
}

TEST_CASE("half an upgrade is gone on with, a stray is removed, and the files are looked at then") {
    Tool tool;
    int runs = 0;
    tool.effect = [&](const std::string& verb, const PackageId& id) {
        if (verb == "remove") {
            std::erase_if(tool.packages, [&](const InstalledPackage& package) { return package.id == id; });
            tool.changed = {"/opt/x is missing"};
        } else {
            if (++runs > 2) tool.changed.clear();
            // As rpm when it is cut off: the old one stays beside the new one.
            if (runs == 1)
                tool.packages.push_back(installed(id.name, id.version));
            else {
                std::erase_if(tool.packages, [&](const InstalledPackage& package) { return package.id == id; });
                tool.packages.push_back(installed(id.name, id.version));
                if (id.name == "ba" && runs == 2)
                    std::erase_if(tool.packages, [](const InstalledPackage& package) {
                        return package.id.name == "ba" && package.id.version == "25";
                    });
            }
        }
    };
    CHECK(tool.converge(new_set).convergence == Convergence::reached);
    CHECK(tool.commands.calls == Strings{"run-tool: /tool install api 27 ba 27", "run-tool-2: /tool remove api 25",
                                         "run-tool-3: /tool install api 27 ba 27"});
}

TEST_CASE("what no attempt brings nearer is an error with the tool's own words, and stays marked") {
    Tool tool;
    tool.effect = [&](const std::string&, const PackageId& id) {
        if (id.name == "ba") tool.packages = {installed("api", "27"), installed("ba", "27", "iF")};
    };
    tool.verdict.reason = "script returned 3";
    CHECK(tool.failure(new_set) ==
          "cannot bring the packages by tool to api 27, ba 27: there is api 27 (ii), ba 27 (iF); "
          "tool says: script returned 3; its whole output is in /evidence/tool.txt");
    CHECK(tool.commands.calls.size() == 2);
    CHECK(tool.is_marked());

    tool.effect = nullptr;
    tool.commands.calls.clear();
    CHECK(tool.converge(old_set).convergence == Convergence::reached);
    CHECK_FALSE(tool.is_marked());
}

TEST_CASE("after an interrupted run the database alone is not believed") {
    Tool tool;
    tool.files.write_durably("/evidence/tool.unfinished", "");
    CHECK(tool.converge(old_set).convergence == Convergence::reached);
    CHECK(tool.commands.calls == Strings{"run-tool: /tool install api 25 ba 25"});
    CHECK_FALSE(tool.is_marked());
}

TEST_CASE("a configuration file that an interrupted run has changed comes back, the administrator's stays") {
    Tool tool;
    tool.configuration = {"/etc/mine"};
    tool.verdict.reason = "no";
    tool.effect = [](const std::string&, const PackageId&) {};
    CHECK(tool.failure(new_set) != "");
    tool.effect = nullptr;
    tool.configuration = {"/etc/mine", "/etc/strange"};
    CHECK(tool.converge(old_set).convergence == Convergence::reached);
    CHECK(tool.dropped == Strings{"/etc/strange"});
    CHECK(tool.commands.calls.back() == "run-tool-2: /tool install api 25 ba 25");
    tool.configuration = {"/etc/mine", "/etc/mine too"};
    tool.converge(new_set);
    CHECK(tool.dropped.size() == 1);
}

TEST_CASE("what an interrupted run has left of another release is cleared away, and nothing else") {
    Tool tool;
    tool.files.put("/opt/ba/program", "25");
    tool.files.put("/opt/ba/25", "25");
    tool.files.put("/opt/ba/mine.tmp", "the administrator's");
    tool.effect = [](const std::string&, const PackageId&) {};
    CHECK(tool.failure(new_set) != "");
    tool.effect = nullptr;
    for (const char* left : {"/opt/ba/27", "/opt/ba/27.tmp", "/opt/ba/program.tmp", "/opt/api/27"})
        tool.files.put(left, "27");
    CHECK(tool.converge(old_set).convergence == Convergence::reached);
    CHECK(tool.files.list("/opt/ba") == Strings{"25", "mine.tmp", "program"});
    CHECK_FALSE(tool.files.status("/opt/api/27").has_value());
}

TEST_CASE("a tool that was killed while we live may have left anything: all is installed again, and cleared up after") {
    Tool tool;
    tool.commands.add("$ /tool install api 27 ba 27\n? 137\n$ /tool install api 27 ba 27\n");
    // The database was ready, the files were not.
    tool.commands.before = [&](const Command&) {
        tool.packages = {installed("api", "27"), installed("ba", "27")};
        tool.files.put("/opt/ba/27.tmp", "27");
    };
    CHECK(tool.converge(new_set).convergence == Convergence::reached);
    CHECK(tool.commands.calls.size() == 2);
    CHECK_FALSE(tool.files.status("/opt/ba/27.tmp").has_value());
    CHECK_FALSE(tool.is_marked());
}

TEST_CASE("a mark is read back as it was written") {
    UnfinishedMark mark;
    mark.administrators = {"/etc/with blank"};
    mark.paths = {"/opt/a", "/opt/b"};
    mark.new_paths = {"/opt/b"};
    CHECK(parse_mark(mark_text(mark)) == mark);
    CHECK(parse_mark("") == UnfinishedMark());
    CHECK(parse_mark("unknown /x\nchanged\nnew /y").new_paths == std::set<std::string>{"/y"});
}

TEST_CASE("a failed scriptlet is a warning if the files are right, and an error if not") {
    Tool tool;
    tool.verdict.failed_scriptlets = {"%post(ba) failed"};
    CHECK(tool.converge(new_set).warnings == Strings{"%post(ba) failed"});
    tool.changed = {"/opt/x has another content"};
    CHECK(tool.failure(old_set) == "cannot bring the packages by tool to api 25, ba 25: files differ from the "
                                   "packages: /opt/x has another content; "
                                   "%post(ba) failed; its whole output is in /evidence/tool.txt");
}

TEST_CASE("a caller who died before he noted a failed scriptlet is told of it again, and only of this target") {
    Tool tool;
    tool.verdict.failed_scriptlets = {"%post(ba) failed"};
    CHECK(tool.converge(new_set).warnings == Strings{"%post(ba) failed"});
    const Strings ran = tool.commands.calls;
    CHECK(tool.converge(new_set).warnings == Strings{"%post(ba) failed"});
    CHECK(tool.commands.calls == ran);
    tool.verdict.failed_scriptlets.clear();
    CHECK(tool.converge(old_set).warnings.empty());
    CHECK(tool.converge(old_set).warnings.empty());
}

TEST_CASE("killed at any change of a run with a failed scriptlet, the next call tells of it") {
    for (int call = 1; call <= 12; ++call)
        for (const CrashMoment moment : {CrashMoment::before, CrashMoment::torn, CrashMoment::after}) {
            CAPTURE(call);
            CAPTURE(int(moment));
            Tool tool;
            tool.verdict.failed_scriptlets = {"%post(ba) failed"};
            tool.files.crash_at(call, moment);
            try {
                tool.converge(new_set);
            } catch (const Crash&) {
            }
            tool.files.restart();
            CHECK(tool.converge(new_set).warnings == Strings{"%post(ba) failed"});
            CHECK_FALSE(tool.is_marked());
        }
}

TEST_CASE("where nothing can be noted any more there is no way forward, but there is the way back") {
    for (const bool way_back : {false, true}) {
        Tool tool;
        tool.converge(new_set);
        tool.commands.calls.clear();
        tool.files.fail_at(1, "read_only");
        ConvergeOptions options = tool.options();
        options.way_back = way_back;
        const auto go = [&] {
            return converge_with(tool, tool.commands, tool.files, tool.clock, old_set, options, {}).convergence;
        };
        if (way_back)
            CHECK(go() == Convergence::reached);
        else
            CHECK_THROWS_AS(go(), Error);
        CHECK(tool.commands.calls.empty() == !way_back);
    }
}

TEST_CASE("a tool that a killed run of ours has left behind is waited for before anything else") {
    Tool tool;
    tool.commands.survivors["run-tool"] = {0, "", "", false};
    tool.converge(new_set);
    CHECK(tool.commands.calls == Strings{"run-tool: waited for", "run-tool: /tool install api 27 ba 27"});
}

TEST_CASE("a tool that overruns is reported, then its hung scripts are ended, then it is given up with a bound") {
    Tool tool;
    // It never ends.
    class Hanging : public FakeCommandRunner {
      public:
        explicit Hanging(FakeClock& clock) : clock_(clock) {}
        CommandResult run_detached(const DetachedCommand& command) override {
            clock_.sleep(command.command.deadline);
            return {-1, "", "", true};
        }
        CommandResult wait_detached(const std::string&, Milliseconds time) override {
            clock_.sleep(time);
            return {-1, "", "", true};
        }

      private:
        FakeClock& clock_;
    } hanging(tool.clock);
    ConvergeOptions options;
    options.run_name = "run";
    options.evidence_path = "/evidence";
    options.report = [&](const std::string& line) { tool.reports.push_back(line); };
    CHECK_THROWS_AS(converge_with(tool, hanging, tool.files, tool.clock, new_set, options), Error);
    CHECK(tool.reports.front() == "run-tool overruns: it has been running for 15 minutes");
    CHECK(hanging.calls.size() > 1); // its scripts were ended, more than once
    CHECK(tool.clock.elapsed() <= Milliseconds(80 * 60 * 1000));
}
