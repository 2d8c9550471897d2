#pragma once

#include "agent/deployment.h"

namespace autodeploy {

/// Thrown where the story is over before its end.
struct Deployment::Ended {
    Outcome outcome = Outcome::refused;
    std::string cause;
    std::string message;
    std::string to_do;
};

} // namespace autodeploy
