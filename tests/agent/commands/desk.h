#pragma once

#include "agent/commands/commands.h"
#include "tests/fakes/fake_service_host.h"
#include "tests/fakes/still_machine.h"
#include "tests/fakes/test_paths.h"

#include <sstream>
#include <string>
#include <vector>

namespace autodeploy {

/// Where a person types commands, on a Debian with a client in order and these settings.
struct Desk {
    StillMachine machine;
    FakeServiceHost host{machine.clock};
    StandardPaths paths = test_paths();
    std::string told; ///< by the last command, on both streams

    explicit Desk(const std::string& settings) {
        put_client(machine, "dpkg");
        machine.files.put_directory("/state", 0700);
        machine.files.put("/etc/autodeploy/autodeploy.yaml", settings, 0600);
    }
    int run(const std::vector<std::string>& arguments) {
        std::ostringstream out;
        std::ostringstream err;
        const int code = run_command(arguments, machine.platform(), host, paths, out, err);
        told = out.str() + err.str();
        return code;
    }
};

} // namespace autodeploy
