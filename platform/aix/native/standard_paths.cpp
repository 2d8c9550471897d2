#include "platform/standard_paths.h"

namespace autodeploy {

StandardPaths standard_paths() {
    // There is no /run, and /var/adm is where programs of the system keep what others may read.
    return {.settings = "/etc/autodeploy/autodeploy.yaml",
            .root = "/etc/autodeploy/root.json",
            .state = "/var/lib/autodeploy",
            .runtime = "/var/adm/autodeploy",
            .program = "/usr/bin/autodeploy",
            .service = "autodeploy"};
}

} // namespace autodeploy
