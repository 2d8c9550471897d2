#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// One command line from which the program reads back exactly these arguments (the rules of CommandLineToArgvW and of
/// the C runtime). The program comes first, always in quotes.
std::string command_line_of(const std::string& program, const std::vector<std::string>& arguments);
/// What such a program reads, its own name first.
std::vector<std::string> words_of_command_line(std::string_view line);

struct ServiceCommand {
    std::string program;
    std::vector<std::string> arguments;

    bool operator==(const ServiceCommand&) const = default;
};

/// What an ImagePath may mean, in the order in which Windows tries it. In quotes it is one thing; without them each
/// blank could end the program's name, and ".exe" may be missing.
std::vector<ServiceCommand> readings_of_image_path(std::string_view image_path);

} // namespace autodeploy
