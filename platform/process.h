#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace autodeploy {

struct Process {
    std::int64_t id = 0;
    std::int64_t parent = 0;
    std::string started; ///< opaque; with id it names a process for ever
    std::string program; ///< absolute path of the running file, without " (deleted)"; empty where it cannot be told
    std::vector<std::string> arguments;

    bool operator==(const Process&) const = default;
};

} // namespace autodeploy
