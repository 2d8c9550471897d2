#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace autodeploy {

/// What an init script says without being run.
struct InitScript {
    std::map<std::string, std::string> variables; ///< assigned at the beginning of a line, exported or not
    std::map<std::string, std::string> exported;
    std::string program; ///< the first path in it that is the wanted program; empty where there is none
};

/// Reads assignments (variables of earlier ones replaced) and looks for the first absolute path that is_program
/// accepts. What only running the script could tell is not found.
InitScript parse_init_script(std::string_view content, const std::function<bool(const std::string&)>& is_program);

} // namespace autodeploy
