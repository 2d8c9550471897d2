#include "switches.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace standin {

namespace {

void take(std::map<std::string, std::string>& into, const std::string& path) {
    for (const auto& [name, value] : key_values(path))
        into[name] = value;
}

} // namespace

std::map<std::string, std::string> key_values(const std::string& path) {
    std::map<std::string, std::string> values;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);)
        if (const std::size_t equals = line.find('='); equals != std::string::npos && line[0] != '#')
            values[line.substr(0, equals)] = line.substr(equals + 1);
    return values;
}

std::string own_directory() {
    char path[4096];
    const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
    if (size <= 0) return ".";
    const std::string whole(path, static_cast<std::size_t>(size));
    return whole.substr(0, whole.rfind('/'));
}

std::string scheduler_program() {
    // As installed, and as built.
    for (const char* name : {"/dsmc", "/standin_dsmc"})
        if (const std::string path = own_directory() + name; ::access(path.c_str(), X_OK) == 0) return path;
    return own_directory() + "/dsmc";
}

bool Switches::on(const std::string& name) const {
    const auto found = values.find(name);
    return found != values.end() && found->second != "no" && found->second != "0" && !found->second.empty();
}

long Switches::number(const std::string& name, long otherwise) const {
    const auto found = values.find(name);
    return found == values.end() ? otherwise : std::atol(found->second.c_str());
}

std::string Switches::text(const std::string& name, const std::string& otherwise) const {
    const auto found = values.find(name);
    return found == values.end() ? otherwise : found->second;
}

Switches read_switches() {
    Switches switches;
    const char* named = std::getenv("STANDIN_SWITCHES");
    take(switches.values, named != nullptr ? named : "/etc/standin/switches");
    // The package's own file comes last: nobody can make a sick release healthy by a switch.
    if (const char* directory = std::getenv("DSM_DIR"); directory != nullptr)
        take(switches.values, std::string(directory) + "/.standin");
    take(switches.values, own_directory() + "/.standin");
    switches.release = switches.text("release", switches.release);
    switches.sickness = switches.text("sickness", switches.sickness);
    return switches;
}

} // namespace standin
