#include "platform/linux/sysv_service_manager.h"

#include "platform/error.h"
#include "platform/linux/combined_service_manager.h"
#include "platform/linux/extended_attributes.h"
#include "platform/linux/linux_clock.h"
#include "platform/linux/linux_process_table.h"
#include "platform/posix/posix_file_system.h"
#include "platform/posix/real_path.h"
#include "platform/posix/session_command_runner.h"
#include "tests/platform/temporary_directory.h"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <functional>

using namespace autodeploy;

namespace {

constexpr Milliseconds plenty{20000};

/// A client with an acceptor script, linked into a folder of init scripts, and a copy of it for another options file.
struct Scripts {
    TemporaryDirectory directory;
    std::string root = real_path(directory.path());
    std::string bin = root + "/client/ba/bin";
    ExtendedAttributes attributes;
    PosixFileSystem files{attributes};
    LinuxClock clock;
    LinuxProcessTable processes;
    SessionCommandRunner commands{files, clock, processes, root};
    SysvServiceManager services{commands, files, clock, processes, {root + "/init.d", {root + "/etc"}, root + "/log"}};

    Scripts() {
        for (const char* path : {"/client/ba/bin", "/init.d", "/etc/rc2.d"})
            std::filesystem::create_directories(root + path);
        std::filesystem::copy_file("/bin/sleep", bin + "/dsmcad");
        files.write_durably(bin + "/rc.dsmcad", script(""), 0755);
        std::filesystem::create_symlink(bin + "/rc.dsmcad", root + "/init.d/dsmcad");
        files.write_durably(root + "/init.d/dsmcad-two", script("export DSM_CONFIG=/etc/two.opt"), 0755);
        files.write_durably(root + "/init.d/sshd", "#!/bin/sh\n/bin/true\n", 0755);
        files.write_durably(root + "/init.d/README", "about " + bin + "/dsmcad", 0644);
        std::filesystem::create_symlink("../../init.d/dsmcad", root + "/etc/rc2.d/S20dsmcad");
    }
    ~Scripts() {
        for (const Process& process : processes.list())
            if (process.program == bin + "/dsmcad") processes.kill(process);
    }
    std::string script(const std::string& exports) const {
        return "#!/bin/sh\nDIR=" + bin + "\n" + exports + "\ncase $1 in\nstart) [ -e " + root +
               "/broken ] && exit 1\n $DIR/dsmcad 1000 & echo $! >" + root + "/pid-${DSM_CONFIG##*/};;\n" +
               "stop) [ -e " + root + "/deaf ] || kill $(cat " + root + "/pid-${DSM_CONFIG##*/});;\nesac\n";
    }
    std::string cause(const std::function<void()>& call) {
        try {
            call();
        } catch (const Error& error) {
            return error.cause();
        }
        return "nothing was thrown";
    }
};

} // namespace

TEST_CASE("init scripts of the client are found by where they lead") {
    Scripts scripts;
    const std::vector<Service> found = scripts.services.services_of({scripts.root + "/client"});
    REQUIRE(found.size() == 2);
    CHECK(found[0].name == "dsmcad");
    CHECK(found[0].program == scripts.bin + "/dsmcad");
    CHECK(found[0].enabled);
    CHECK_FALSE(found[0].running);
    CHECK(found[0].definition_files ==
          std::vector<std::string>{scripts.root + "/init.d/dsmcad", scripts.root + "/etc/rc2.d/S20dsmcad"});
    CHECK(found[1].name == "dsmcad-two");
    CHECK(found[1].environment.at("DSM_CONFIG") == "/etc/two.opt");
    CHECK_FALSE(found[1].enabled);
}

TEST_CASE("init scripts are started and stopped, each service apart from the other of the same program") {
    Scripts scripts;
    scripts.services.services_of({scripts.root + "/client"});
    scripts.services.start("dsmcad-two", plenty);
    scripts.services.start("dsmcad-two", plenty);
    CHECK(scripts.services.find("dsmcad-two")->running);
    CHECK_FALSE(scripts.services.find("dsmcad")->running);
    scripts.services.start("dsmcad", plenty);
    CHECK(scripts.services.find("dsmcad")->running);
    CHECK(scripts.services.find("dsmcad")->process != scripts.services.find("dsmcad-two")->process);
    scripts.services.stop("dsmcad-two", plenty, false);
    scripts.services.stop("dsmcad-two", plenty, false);
    CHECK(scripts.services.find("dsmcad")->running);
    CHECK_FALSE(scripts.services.find("dsmcad-two")->running);
    CHECK_FALSE(scripts.services.hold("dsmcad"));
    scripts.services.stop("dsmcad", plenty, false);
}

TEST_CASE("an init script's failure to start or to stop is told") {
    Scripts scripts;
    scripts.services.services_of({scripts.root + "/client"});
    CHECK(scripts.cause([&] { scripts.services.start("none", plenty); }) == "service_not_found");
    CHECK_FALSE(scripts.services.find("../x").has_value());
    scripts.files.write_durably(scripts.root + "/broken", "", 0600);
    CHECK(scripts.cause([&] { scripts.services.start("dsmcad", plenty); }) == "service_start_failed");
    scripts.files.remove_durably(scripts.root + "/broken");
    scripts.services.start("dsmcad", plenty);
    scripts.files.write_durably(scripts.root + "/deaf", "", 0600);
    CHECK(scripts.cause([&] { scripts.services.stop("dsmcad", Milliseconds(100), false); }) == "service_stop_failed");
    CHECK(scripts.services.find("dsmcad")->running);
    scripts.services.stop("dsmcad", Milliseconds(100), true);
    CHECK_FALSE(scripts.services.find("dsmcad")->running);
}

TEST_CASE("a script that systemd has as a unit is not a second service") {
    class Units : public ServiceManager {
      public:
        std::string name() const override { return "systemd"; }
        std::vector<Service> services_of(const std::vector<std::string>&) override {
            Service unit;
            unit.name = "renamed.service";
            unit.definition_files = {script};
            return {unit};
        }
        std::optional<Service> find(const std::string&) override { return std::nullopt; }
        void start(const std::string& unit, Milliseconds) override { started = unit; }
        void stop(const std::string&, Milliseconds, bool) override {}
        bool hold(const std::string&) override { return true; }
        void release(const std::string&) override {}
        void reload() override {}
        void restore(const Service&) override {}
        std::string script;
        std::string started;
    } units;
    Scripts scripts;
    units.script = scripts.root + "/init.d/dsmcad";
    CombinedServiceManager both(units, scripts.services);
    const std::vector<Service> found = both.services_of({scripts.root + "/client"});
    REQUIRE(found.size() == 2);
    CHECK(found[0].name == "dsmcad-two");
    CHECK(found[1].name == "renamed.service");
    CHECK(both.hold("renamed.service"));
    CHECK_FALSE(both.hold("dsmcad-two"));
    both.start("renamed.service", plenty);
    CHECK(units.started == "renamed.service");
}
