#pragma once

#include <map>
#include <string>

namespace standin {

/// What makes the stand-in behave otherwise than a healthy client in English: NAME=VALUE lines of /etc/standin/switches
/// (or of the file that STANDIN_SWITCHES names), and of the file .standin beside the programs, which a package brings.
struct Switches {
    std::string release = "0.0.0.0"; ///< what the program says it is
    std::string sickness = "none";
    std::map<std::string, std::string> values;

    bool on(const std::string& name) const;
    long number(const std::string& name, long otherwise) const;
    std::string text(const std::string& name, const std::string& otherwise) const;
};

Switches read_switches();

/// The folder of the running program, whatever its environment says.
std::string own_directory();

/// The scheduler's program beside the running one.
std::string scheduler_program();

std::map<std::string, std::string> key_values(const std::string& path);

} // namespace standin
