#pragma once

#include <map>
#include <string>
#include <string_view>

namespace autodeploy {

struct SettingLine {
    int line = 0;
    std::string value; ///< as written on that line, or the items of a list with ", " between them
};

/// Where each setting stands in a settings file that parse_settings has accepted, by "wait.deadline". For people only:
/// blocks are told by their indentation; what is written in one line in braces is told by the line of its name.
std::map<std::string, SettingLine> setting_lines(std::string_view yaml);

} // namespace autodeploy
