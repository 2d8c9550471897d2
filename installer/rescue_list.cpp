#include "installer/rescue_list.h"

namespace autodeploy {

void write_rescue_list(FileSystem& files, const std::string& path, const std::vector<std::string>& services) {
    std::string text;
    for (const std::string& service : services)
        text += service + "\n";
    files.write_durably(path, text);
}

void remove_rescue_list(FileSystem& files, const std::string& path) {
    files.remove_durably(path);
}

} // namespace autodeploy
