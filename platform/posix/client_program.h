#pragma once

#include "platform/file_system.h"

#include <string>
#include <vector>

namespace autodeploy {

/// A command of a service, seen through to the program that stays: links resolved, shells and wrappers looked behind,
/// an init script replaced by the program that it starts.
struct ServiceProgram {
    std::string path;
    std::vector<std::string> arguments;
    std::map<std::string, std::string> environment; ///< what an init script exports
};

/// directories: where the wanted programs lie, links resolved; what lies elsewhere is not looked for in scripts.
ServiceProgram program_of_command(FileSystem& files, const std::string& path, const std::vector<std::string>& arguments,
                                  const std::vector<std::string>& directories);

} // namespace autodeploy
