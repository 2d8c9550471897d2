#pragma once

#include "platform/command_runner.h"

#include <functional>
#include <string>

namespace autodeploy {

/// Our own service on AIX: a subsystem that is started again when it dies, and an entry of inittab that starts it at
/// boot. Done already is no error. Throws Error service_manager_failed with what the tool said.
struct SrcRegistration {
    std::function<CommandResult(const Command&)> run;
    std::string root = ""; ///< before the paths of the tools, for tests

    void install(const std::string& name, const std::string& program) const;
    void uninstall(const std::string& name) const;
};

} // namespace autodeploy
