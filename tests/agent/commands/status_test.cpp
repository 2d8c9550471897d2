#include "agent/commands/commands.h"
#include "agent/deployment_state.h"
#include "agent/reports/history.h"
#include "agent/requests.h"
#include "tests/agent/commands/desk.h"
#include "tests/agent/fake_parts.h"
#include "tests/fakes/fake_file_system.h"
#include "tests/fakes/fake_service_host.h"
#include "tests/fakes/plain_machine.h"
#include "tests/fakes/test_paths.h"

#include <doctest/doctest.h>

#include <functional>
#include <sstream>
#include <utility>

using namespace autodeploy;

namespace {

/// Something happens right behind the first look at one path.
class FilesThatMove : public FakeFileSystem {
  public:
    std::optional<FileStatus> status(const std::string& path) override {
        const Behind behind(*this, path);
        return FakeFileSystem::status(path);
    }
    std::string read(const std::string& path, std::uint64_t limit) override {
        const Behind behind(*this, path);
        return FakeFileSystem::read(path, limit);
    }
    std::string watched;
    std::function<void()> then;

  private:
    struct Behind {
        Behind(FilesThatMove& files, const std::string& path) : files_(files), is_watched_(path == files.watched) {}
        Behind(const Behind&) = delete;
        Behind& operator=(const Behind&) = delete;
        ~Behind() {
            if (is_watched_ && files_.then) std::exchange(files_.then, {})();
        }
        FilesThatMove& files_;
        bool is_watched_;
    };
};

} // namespace

TEST_CASE("a lesser user hears that an administrator's rights are needed, before anything is looked at") {
    Desk desk("mode: armed\n");
    desk.machine.administrator = false;
    for (const char* command : {"check", "plan", "deploy", "status", "history", "rollback", "cancel", "retry",
                                "explain", "inventory", "support"}) {
        CAPTURE(command);
        CHECK(desk.run({command}) != 0);
        CHECK(desk.told.find("an administrator's rights are needed") != std::string::npos);
    }
}

TEST_CASE("a bad command line is told as JSON to whoever asked for JSON") {
    Desk desk("mode: armed\n");
    CHECK(desk.run({"plan", "--json", "--nope"}) == exit_codes::usage);
    CHECK(parse_json(desk.told).at("error").at("cause").string() == "usage");
    CHECK(desk.run({"plan", "--nope"}) == exit_codes::usage);
    CHECK(desk.told.starts_with("autodeploy: cannot use the command line"));
}

TEST_CASE("damaged files of the agent are told beside what is known; without any outcome there is no status") {
    Desk desk("mode: armed\n");
    desk.machine.files.put_directory("/run/autodeploy", 0755);
    Report report;
    report.id = "20261128T200000Z-0001";
    report.kind = "trigger";
    report.outcome = Outcome::rolled_back;
    report.ended_at = 1795896000;
    History(desk.machine.files, desk.paths.history()).add(report);
    Status status;
    status.last = report;
    desk.machine.files.put(desk.paths.status(), pretty_json(status_json(status, 1795896000)), 0600);
    REQUIRE(desk.run({"status", "--exit-code"}) == exit_code(Outcome::rolled_back));
    desk.machine.files.put(desk.paths.requests(), "a file", 0600);
    CHECK(desk.run({"status", "--exit-code"}) == exit_code(Outcome::rolled_back));
    CHECK(desk.told.find("problem: cannot list " + desk.paths.requests()) != std::string::npos);
    desk.machine.files.remove_durably(desk.paths.history());
    desk.machine.files.put_directory(desk.paths.history(), 0700);
    CHECK(desk.run({"status", "--exit-code"}) == exit_code(Outcome::rolled_back));
    CHECK(desk.told.find(desk.paths.history() + ":") != std::string::npos);
    desk.machine.files.remove_durably(desk.paths.status());
    CHECK(desk.run({"status", "--exit-code"}) == exit_codes::failed);
}

TEST_CASE("a request that the service takes up just while somebody looks is not taken for ended") {
    FilesThatMove files;
    PlainMachine machine;
    Platform platform = machine.over(files);
    FakeServiceHost host(machine.clock);
    const StandardPaths paths = test_paths();
    files.put_directory("/state", 0700);
    Requests requests(files, machine.clock, paths.requests());
    DeploymentState state;
    for (const std::string& moment : {paths.status(), paths.history(), paths.requests(), paths.deployment()}) {
        CAPTURE(moment);
        Request request;
        request.kind = RequestKind::rollback;
        state.request = requests.add(request);
        files.watched = moment;
        files.then = [&] {
            save_deployment_state(files, paths.deployment(), state);
            requests.remove(state.request.id);
        };
        const Invocation invocation;
        std::ostringstream out;
        CommandContext context{invocation, platform, host, paths, out, out};
        const Status status = present_status(context);
        CHECK((status.pending > 0 || status.deployment.has_value()));
        files.remove_durably(paths.deployment());
        if (files.FakeFileSystem::status(paths.requests() + "/" + state.request.id + ".json"))
            requests.remove(state.request.id);
    }
}

TEST_CASE("what is damaged on the disk is told as a problem, by its path, and not passed over") {
    Desk desk("mode: armed\n");
    const auto told_of = [&desk](const std::string& what) {
        CHECK(desk.run({"status"}) == 0);
        return desk.told.find(what) != std::string::npos;
    };
    CHECK_FALSE(told_of("problem"));

    desk.machine.files.put(desk.paths.state + "/probation.json", "{", 0600);
    CHECK(told_of("problem: cannot use " + desk.paths.state + "/probation.json: "));
    desk.machine.files.put(desk.paths.deployment(), "{}", 0600);
    CHECK(told_of("problem: cannot use " + desk.paths.deployment() + ": "));

    Report report;
    report.id = "20261128T200000Z-0001";
    report.ended_at = 1795896000;
    History(desk.machine.files, desk.paths.history()).add(report);
    CHECK_FALSE(told_of("newest line"));
    desk.machine.files.append_durably(desk.paths.history(), "{\"id\":\"2026");
    CHECK(told_of("cannot read the newest line of " + desk.paths.history()));
    report.id = "20261129T200000Z-0001";
    History(desk.machine.files, desk.paths.history()).add(report);
    CHECK_FALSE(told_of("newest line"));

    desk.machine.files.put(desk.paths.history(), "nothing else\n", 0600);
    CHECK(desk.run({"status"}) != 0);
    CHECK(desk.told.find("cannot read the newest line") != std::string::npos);
}

TEST_CASE("a folder of the agent that somebody removed is told") {
    Desk desk("mode: armed\n");
    desk.machine.files.remove_tree(desk.paths.state);
    CHECK(desk.run({"status"}) == 0);
    CHECK(desk.told.find("problem: there is no " + desk.paths.state + ": the service never ran here") !=
          std::string::npos);
}

TEST_CASE("a way back is promised only where an earlier release is kept") {
    Desk desk("mode: armed\n");
    Status status;
    status.installed = "8.1.27.0";
    desk.machine.files.put_directory("/run/autodeploy", 0755);
    desk.machine.files.put(desk.paths.status(), pretty_json(status_json(status, 1795896000)), 0600);
    Probation probation;
    probation.from = "8.1.25.0";
    probation.to = "8.1.27.0";
    save_probation(desk.machine.files, probation_path(desk.paths), probation);
    CHECK(desk.run({"status"}) == 0);
    CHECK(desk.told.find("way back: none, 8.1.25.0 is not kept any more") != std::string::npos);

    for (const std::string release : {"8.1.25.0", "8.1.27.0"})
        put_kept(desk.machine.files, desk.paths.keep(), release);
    CHECK(desk.run({"status"}) == 0);
    CHECK(desk.told.find("way back: `autodeploy rollback` leads to 8.1.25.0") != std::string::npos);
}
