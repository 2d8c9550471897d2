#include "installer/rescue_list.h"

#include <cstdint>
#include <sstream>

namespace autodeploy {

namespace {

constexpr std::uint64_t largest_list = 65536;

} // namespace

void write_rescue_list(FileSystem& files, const std::string& path, const std::vector<std::string>& services) {
    std::string text;
    for (const std::string& service : services)
        text += service + "\n";
    files.write_durably(path, text);
}

std::vector<std::string> read_rescue_list(FileSystem& files, const std::string& path) {
    std::vector<std::string> services;
    if (!files.status(path)) return services;
    std::istringstream lines(files.read(path, largest_list));
    for (std::string name; std::getline(lines, name);)
        if (!name.empty()) services.push_back(name);
    return services;
}

void remove_rescue_list(FileSystem& files, const std::string& path) {
    files.remove_durably(path);
}

} // namespace autodeploy
