#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace autodeploy {

/// A service as its manager has it. Found by the program that it runs, never by its name.
struct Service {
    std::string name;    ///< as the manager calls it: "dsmcad.service", "TSM Client Scheduler"
    std::string program; ///< absolute path with links resolved
    std::vector<std::string> arguments;
    std::map<std::string, std::string> environment;
    bool enabled = false; ///< starts at boot by itself
    bool running = false;
    std::int64_t process = 0; ///< main process while running, 0 where there is none to be told
    /// Settings that a package or a migration could change and that must come back: start type, account, failure
    /// actions …
    std::map<std::string, std::string> settings;
    /// Files that define it (unit, drop-ins, init script), for capture.
    std::vector<std::string> definition_files;

    bool operator==(const Service&) const = default;
};

} // namespace autodeploy
