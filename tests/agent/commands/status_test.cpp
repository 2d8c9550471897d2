#include "agent/commands/commands.h"
#include "agent/deployment_state.h"
#include "agent/requests.h"
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
