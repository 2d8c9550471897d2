#pragma once

#include "platform/standard_paths.h"

namespace autodeploy {

/// Where the things of a test lie, in a file system of its own.
inline StandardPaths test_paths() {
    return {.settings = "/etc/autodeploy/autodeploy.yaml",
            .root = "/etc/autodeploy/root.json",
            .state = "/state",
            .runtime = "/run/autodeploy",
            .program = "/usr/bin/autodeploy",
            .service = "autodeploy"};
}

} // namespace autodeploy
