#include "platform/standard_paths.h"

namespace autodeploy {

StandardPaths standard_paths() {
    return {.settings = "/etc/autodeploy/autodeploy.yaml",
            .root = "/etc/autodeploy/root.json",
            .state = "/var/lib/autodeploy",
            .runtime = "/run/autodeploy",
            .program = "/usr/bin/autodeploy",
            .service = "autodeploy"};
}

} // namespace autodeploy
