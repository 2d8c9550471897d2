#include "platform/windows/scm_service_manager.h"

#include "platform/error.h"
#include "platform/windows/registry_value.h"
#include "tests/fakes/fake_clock.h"

#include <doctest/doctest.h>

#include <functional>

using namespace autodeploy;
using Settings = ServiceControl::Settings;

namespace {

class KeptSettings final : public SettingsStore {
  public:
    Tree read(const std::string& key) override {
        Tree found;
        for (const auto& entry : tree)
            if (entry.first == key || entry.first.starts_with(key + "\\")) found.insert(entry);
        return found;
    }
    void write(const std::string& key, const Tree& wanted) override {
        for (const auto& entry : read(key))
            tree.erase(entry.first);
        tree.insert(wanted.begin(), wanted.end());
    }
    Tree tree;
};

struct FakeService {
    Settings settings;
    ScmStatus status;
    bool process_lives = false;
    bool hangs_in_stop = false;
    bool dies_in_start = false;
    Milliseconds process_lives_on{0}; ///< behind the stop
    Milliseconds stopped_at{0};
};

/// Does what Windows documents: recovery, disabled services, processes that outlive the answer.
class FakeServiceControl final : public ServiceControl {
  public:
    explicit FakeServiceControl(FakeClock& clock) : clock_(clock) {}

    std::vector<std::string> names() override {
        std::vector<std::string> found;
        for (const auto& entry : services)
            found.push_back(entry.first);
        return found;
    }
    std::optional<Settings> settings(const std::string& name) override {
        return services.contains(name) ? std::optional(services[name].settings) : std::nullopt;
    }
    void change(const std::string& name, const Settings& wanted) override {
        ++changes;
        for (const auto& [setting, value] : wanted)
            if (!ignored.contains(setting)) services.at(name).settings[setting] = value;
    }
    ScmStatus status(const std::string& name) override { return services.at(name).status; }
    ScmAnswer start(const std::string& name) override {
        FakeService& service = services.at(name);
        if (service.settings["start"] == "disabled") return ScmAnswer::disabled;
        if (locked > 0) {
            --locked;
            return ScmAnswer::locked;
        }
        service.status =
            service.dies_in_start ? ScmStatus{ScmState::stopped, 0, 1067} : ScmStatus{ScmState::running, 4242, 0};
        service.process_lives = !service.dies_in_start;
        return ScmAnswer::done;
    }
    ScmAnswer stop(const std::string& name) override {
        FakeService& service = services.at(name);
        if (stop_answer != ScmAnswer::done) return stop_answer;
        if (service.hangs_in_stop) {
            service.status.state = ScmState::stopping;
            return ScmAnswer::done;
        }
        service.status = {};
        service.stopped_at = clock_.elapsed();
        return ScmAnswer::done;
    }
    class Run final : public ScmProcesses {
      public:
        Run(FakeServiceControl& control, FakeService& service) : control_(control), service_(service) {}
        bool ended() override {
            const bool stopped = service_.status.state == ScmState::stopped;
            if (stopped && control_.clock_.elapsed() >= service_.stopped_at + service_.process_lives_on)
                service_.process_lives = false;
            return !service_.process_lives;
        }
        void kill() override {
            service_.process_lives = false;
            service_.hangs_in_stop = false;
            const bool again = service_.settings["failure_actions"].find(" 1:") != std::string::npos;
            service_.status = again ? ScmStatus{ScmState::running, 4343, 0} : ScmStatus{};
        }

      private:
        FakeServiceControl& control_;
        FakeService& service_;
    };
    std::unique_ptr<ScmProcesses> processes(const std::string& name) override {
        return std::make_unique<Run>(*this, services.at(name));
    }
    std::string expand(const std::string& text) override {
        const std::string variable = "%ProgramFiles%";
        return text.starts_with(variable) ? R"(C:\Program Files)" + text.substr(variable.size()) : text;
    }
    std::optional<std::string> real_file(const std::string& path) override {
        const auto found = files.find(path);
        return found == files.end() ? std::nullopt : std::optional(found->second);
    }
    std::optional<std::string> real_folder(const std::string&) override { return std::nullopt; }

    std::map<std::string, FakeService> services;
    std::map<std::string, std::string> files; ///< path → what it is in truth
    Settings ignored;
    ScmAnswer stop_answer = ScmAnswer::done;
    int locked = 0;
    int changes = 0;

  private:
    FakeClock& clock_;
};

const std::string scheduler = "TSM Client Scheduler";
const std::string program = R"(C:\Program Files\Tivoli\TSM\baclient\dsmcsvc.exe)";
const std::string folder = R"(C:\Program Files\Tivoli\TSM\baclient)";
constexpr Milliseconds time_enough{30000};

struct Machine {
    FakeClock clock;
    FakeServiceControl control{clock};
    KeptSettings registry;
    ScmServiceManager manager{control, registry, clock};

    Machine() {
        control.files[program] = program;
        control.services[scheduler].settings = {{"start", "auto"},
                                                {"delayed_start", "yes"},
                                                {"account", "LocalSystem"},
                                                {"image_path", "\"" + program + "\""},
                                                {"description", "schedules"},
                                                {"failure_actions", "86400 1:60000 1:60000"}};
    }
    FakeService& service() { return control.services[scheduler]; }
    void runs() {
        service().status = {ScmState::running, 4242, 0};
        service().process_lives = true;
    }
};

std::string cause_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.cause();
    }
    return "none";
}

} // namespace

TEST_CASE("a service is found by its program: expanded, without quotes, through a short name, in any case") {
    Machine machine;
    for (const std::string& path :
         {std::string(R"(%ProgramFiles%\Tivoli\TSM\baclient\dsmcsvc.exe -x)"), program + " -x",
          R"(\??\)" + program + " -x", std::string(R"(C:\PROGRA~1\dsmcsvc.exe -x)")}) {
        CAPTURE(path);
        machine.control.files[R"(C:\PROGRA~1\dsmcsvc.exe)"] = program;
        machine.service().settings["image_path"] = path;
        const std::vector<Service> found = machine.manager.services_of({R"(c:/program files/tivoli/TSM/)"});
        REQUIRE(found.size() == 1);
        CHECK(found[0].program == program);
        CHECK(found[0].arguments == std::vector<std::string>{"-x"});
    }
    CHECK(machine.manager.services_of({R"(C:\Program Files\Tivoli\TSM\bac)"}).empty());
    CHECK(machine.manager.services_of({""}).empty());
}

TEST_CASE("a service is found by its path while an installer has its program away") {
    Machine machine;
    machine.control.files.clear();
    for (const std::string& path : {"\"" + program + "\" -x", program + " -x"}) {
        CAPTURE(path);
        machine.service().settings["image_path"] = path;
        const std::vector<Service> found = machine.manager.services_of({folder});
        REQUIRE(found.size() == 1);
        CHECK(found[0].program == program);
    }
}

TEST_CASE("the environment that the registry gives to a service is told") {
    Machine machine;
    const std::string key = R"(HKLM64\SYSTEM\CurrentControlSet\Services\)" + scheduler;
    std::string two = "7:" + registry_value_of("DSM_CONFIG=E:\\a.opt").substr(2) + registry_value_of("B=c").substr(2);
    machine.registry.tree[key] = {{"Environment", two + "0000"}};
    const auto service = machine.manager.find(scheduler);
    REQUIRE(service);
    CHECK(service->environment == std::map<std::string, std::string>{{"B", "c"}, {"DSM_CONFIG", "E:\\a.opt"}});
}

TEST_CASE("a held service has demand start and no recovery, and is told as it was before") {
    Machine machine;
    const auto before = machine.manager.find(scheduler);
    CHECK(machine.manager.hold(scheduler));
    CHECK(machine.manager.hold(scheduler));
    CHECK(machine.service().settings["start"] == "demand");
    CHECK(machine.service().settings["failure_actions"] == "0");
    CHECK(machine.manager.find(scheduler) == before);
    machine.service().settings["delayed_start"] = "no"; // as Windows may, with another start type
    machine.manager.release(scheduler);
    CHECK(machine.manager.find(scheduler) == before);
    CHECK(machine.registry.tree.empty());
    machine.manager.release(scheduler);
}

TEST_CASE("a release changes nothing that somebody else has set during the hold") {
    Machine machine;
    machine.manager.hold(scheduler);
    machine.service().settings["start"] = "disabled";
    machine.manager.release(scheduler);
    CHECK(machine.service().settings["start"] == "disabled");
    CHECK(machine.service().settings["failure_actions"] == "86400 1:60000 1:60000");
}

TEST_CASE("a hold survives that an installer makes the service anew, or takes it away") {
    Machine machine;
    machine.manager.hold(scheduler);
    machine.service().settings["start"] = "auto";
    machine.manager.hold(scheduler);
    CHECK(machine.service().settings["start"] == "demand");
    machine.control.services.clear();
    machine.manager.stop(scheduler, time_enough, false);
    machine.manager.release(scheduler);
    CHECK(machine.registry.tree.empty());
    CHECK(cause_of([&] { machine.manager.stop(scheduler, time_enough, false); }) == "service_not_found");
}

TEST_CASE("what is restored during a hold comes into force with the release") {
    Machine machine;
    const Service before = *machine.manager.find(scheduler);
    machine.manager.hold(scheduler);
    machine.manager.release(scheduler);
    machine.service().settings["start"] = "disabled";
    machine.service().settings["description"] = "of the package";
    machine.manager.hold(scheduler);
    machine.manager.restore(before);
    CHECK(machine.service().settings["start"] == "demand");
    CHECK(machine.service().settings["failure_actions"] == "0");
    CHECK(machine.service().settings["description"] == "schedules");
    machine.manager.release(scheduler);
    CHECK(machine.manager.find(scheduler) == before);
    machine.control.changes = 0;
    machine.manager.restore(before);
    CHECK(machine.control.changes == 0);
}

TEST_CASE("an account with a password is not restored without it; one that Windows knows is") {
    Machine machine;
    const Service system = *machine.manager.find(scheduler);
    machine.service().settings["account"] = R"(.\backup)";
    const Service named = *machine.manager.find(scheduler);
    machine.manager.restore(named);
    machine.manager.restore(system);
    CHECK(machine.service().settings["account"] == "LocalSystem");
    CHECK(cause_of([&] { machine.manager.restore(named); }) == "service_manager_failed");
    CHECK(machine.service().settings["account"] == "LocalSystem");
}

TEST_CASE("a setting that this Windows does not know is left out, one that it does not take is told") {
    Machine machine;
    const Service before = *machine.manager.find(scheduler);
    machine.service().settings.erase("failure_actions");
    machine.manager.restore(before);
    machine.service().settings["description"] = "another";
    machine.control.ignored["description"] = "";
    CHECK(cause_of([&] { machine.manager.restore(before); }) == "service_manager_failed");
}

TEST_CASE("a stop ends with the process, not with what the manager calls stopped") {
    Machine machine;
    machine.runs();
    machine.service().process_lives_on = Milliseconds(5000);
    const Milliseconds before = machine.clock.elapsed();
    machine.manager.stop(scheduler, time_enough, false);
    CHECK(machine.clock.elapsed() - before >= Milliseconds(5000));
    CHECK_FALSE(machine.service().process_lives);
}

TEST_CASE("a held service that is ended the hard way is not started again by its recovery") {
    Machine machine;
    machine.runs();
    machine.service().hangs_in_stop = true;
    CHECK(cause_of([&] { machine.manager.stop(scheduler, time_enough, false); }) == "service_stop_failed");
    CHECK(machine.service().process_lives);
    machine.manager.hold(scheduler);
    machine.manager.stop(scheduler, time_enough, true);
    CHECK_FALSE(machine.manager.find(scheduler)->running);
}

TEST_CASE("a stop that others stand in the way of fails with Windows' reason") {
    Machine machine;
    machine.runs();
    machine.control.stop_answer = ScmAnswer::dependents_run;
    CHECK_THROWS_WITH_AS(machine.manager.stop(scheduler, time_enough, false), doctest::Contains("1051"), Error);
}

TEST_CASE("a start awaits a locked manager, and tells a service that dies in it") {
    Machine machine;
    machine.control.locked = 3;
    machine.manager.start(scheduler, time_enough);
    CHECK(machine.manager.find(scheduler)->running);
    machine.service().status = {};
    machine.service().dies_in_start = true;
    CHECK_THROWS_WITH_AS(machine.manager.start(scheduler, time_enough), doctest::Contains("1067"), Error);
    machine.control.locked = 1000000;
    CHECK(cause_of([&] { machine.manager.start(scheduler, time_enough); }) == "service_start_failed");
}

TEST_CASE("a service that ran although it is disabled runs again, and is disabled still") {
    Machine machine;
    machine.service().settings["start"] = "disabled";
    machine.manager.start(scheduler, time_enough);
    CHECK(machine.manager.find(scheduler)->running);
    CHECK(machine.service().settings["start"] == "disabled");
    CHECK(machine.registry.tree.empty());
    machine.service().status = {};
    machine.service().dies_in_start = true;
    CHECK_THROWS_AS(machine.manager.start(scheduler, time_enough), Error);
    CHECK(machine.service().settings["start"] == "disabled");
    CHECK(machine.registry.tree.empty());
}

TEST_CASE("texts go into values of the registry and come back") {
    CHECK(registry_value_of("a") == "1:61000000");
    CHECK(text_of_registry_value(registry_value_of("\xC3\xA4 b")) == "\xC3\xA4 b");
    CHECK(text_of_registry_value("2:6100") == "a");
    CHECK(text_of_registry_value("3:6100").empty());
    CHECK(text_of_registry_value("1:6g00").empty());
    CHECK(texts_of_registry_value("7:61000000620000000000") == std::vector<std::string>{"a", "b"});
    CHECK(texts_of_registry_value("1:6100").empty());
}
