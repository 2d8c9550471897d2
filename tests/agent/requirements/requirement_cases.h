#pragma once

#include "agent/preflight.h"
#include "tests/fakes/still_machine.h"

#include <functional>
#include <string>
#include <vector>

namespace autodeploy {

/// One state of one requirement. The texts may hold {main} (the client's package), {tool} (rpm, dpkg, installp),
/// {platform}; paths, services and versions are those of Linux, and the test puts in those of the system.
struct RequirementCase {
    std::string id;
    std::string name;
    std::function<void(Detection&, PreflightInput&)> change; ///< of a machine where everything is in order
    RequirementState state = RequirementState::met;
    Severity severity = Severity::blocker;
    std::string evidence;
    std::string mend;
    std::string only{}; ///< the system that has it: "linux"; empty for all
};

// By subject, as the tables are.
std::vector<RequirementCase> client_cases();
std::vector<RequirementCase> option_cases();
std::vector<RequirementCase> service_cases();
std::vector<RequirementCase> release_cases();
std::vector<RequirementCase> machine_cases();
std::vector<RequirementCase> coexistence_cases();
/// All of them.
std::vector<RequirementCase> requirement_cases();

/// One state of one requirement on a Windows, where it is seen from the machine itself. Texts are as they are told.
struct WindowsCase {
    std::string id;
    std::string name;
    std::function<void(StillMachine&)> machine;  ///< changes one where everything is in order; or empty
    std::function<void(PreflightInput&)> wanted; ///< or empty
    RequirementState state = RequirementState::met;
    Severity severity = Severity::blocker;
    std::string evidence;
    std::string mend{};
};
std::vector<WindowsCase> windows_cases();
/// What is seen on that Windows, with its own places and hold file.
Detection windows_detection(StillMachine& machine);

/// A machine where every requirement is met, with rpm, dpkg or installp, and an offered release 8.1.27.0 for it.
Detection good_detection(const std::string& installer);
PreflightInput good_input(const Detection& detection);

} // namespace autodeploy
