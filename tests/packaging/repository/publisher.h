#pragma once

#include "packaging/repository/command.h"

#include "installer/repository/folder_transport.h"
#include "installer/repository/updater.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_command_runner.h"
#include "tests/fakes/fake_file_system.h"
#include "tests/fakes/fake_machine.h"

#include <doctest/doctest.h>

#include <sstream>

namespace autodeploy {

/// A publisher on a machine in memory.
struct Publisher {
    FakeMachine machine;
    FakeClock clock;            ///< of the publisher's program
    FakeCommandRunner commands; ///< what the programs that it calls say
    std::ostringstream out;
    std::ostringstream err;

    Publisher() {
        clock.set(machine.platform().clock.now());
        machine.disk.put("/root/passphrase", "correct horse battery\n", 0600);
        machine.disk.put_directory("/srv", 0755);
        machine.disk.put_directory("/srv/updates", 0755);
    }
    /// As typed; nothing is added but what every line of these tests needs.
    int run(std::vector<std::string> arguments) {
        arguments.insert(arguments.end(),
                         {"--repository", "/srv/updates", "--passphrase-file", "/root/passphrase", "--by", "alice"});
        return run_as_typed(arguments);
    }
    int run_as_typed(const std::vector<std::string>& arguments) {
        out.str("");
        err.str("");
        Platform& all = machine.platform();
        Platform own{all.files, clock, commands, all.processes, all.services, all.host, all.settings, all.installers};
        return publisher::run(own, arguments, out, err, "root for carol", KeyProtection{1});
    }
    /// Whether the line fails with this exit code and says this.
    bool refuses(const std::vector<std::string>& arguments, int code, const std::string& words) {
        const int got = run(arguments);
        INFO(err.str());
        CHECK(got == code);
        CHECK(err.str().find(words) != std::string::npos);
        return got == code && err.str().find(words) != std::string::npos;
    }
    std::string file(const std::string& path) { return machine.disk.content("/srv/updates/" + path).value_or(""); }
    Draft draft() { return Draft(machine.platform().files, machine.platform().clock, "/srv/updates"); }
    /// What an agent that trusts the first root sees.
    void refresh_as_agent() {
        const auto transport = folder_transport(machine.platform().files, "/srv/updates/published");
        Updater updater(machine.platform().files, machine.platform().clock, {transport.get()}, "/srv/trust");
        updater.init(file("published/metadata/1.root.json"));
        updater.refresh();
        REQUIRE(updater.find_target("offers.json").has_value());
        CHECK(updater.find_target("offers.json")->role == "releases");
        CHECK(updater.find_target("halt.json")->role == "halt");
    }
    /// Lists a package of that release without reading any file.
    void list_package(const std::string& release, const std::string& platform = "aix", bool way_back_only = false) {
        Manifest manifest;
        manifest.product = "backup-archive-client";
        manifest.release = *parse_client_version(release);
        manifest.platform = platform;
        manifest.installer = platform == "aix" ? "installp" : "rpm";
        manifest.way_back_only = way_back_only;
        Payload payload;
        payload.path = "image";
        payload.sha256 = std::string(64, 'a');
        payload.size = 1;
        payload.id = {"tivoli.tsm.client.ba.64bit.base", release, ""};
        manifest.payloads.push_back(payload);
        manifest.entries = manifest.unpacked_bytes = 1;
        Draft made = draft();
        made.list_target(platform, "packages/" + platform + "/" + release + ".tar", std::string(64, 'b'), 1,
                         manifest_json(manifest));
    }
};

} // namespace autodeploy
