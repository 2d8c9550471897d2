#include "platform/standard_paths.h"

#include "platform/windows/native/wide.h"

#include <windows.h>

#include <shlobj.h>

namespace autodeploy {

namespace {

/// From Windows itself: the environment is whoever's started us.
std::string known_folder(const KNOWNFOLDERID& id, const char* usual) {
    wchar_t* path = nullptr;
    const bool known = SUCCEEDED(::SHGetKnownFolderPath(id, 0, nullptr, &path)) && path != nullptr;
    const std::string found = known ? narrow(path) : usual;
    ::CoTaskMemFree(path);
    return found;
}

} // namespace

StandardPaths standard_paths() {
    const std::string data = known_folder(FOLDERID_ProgramData, "C:\\ProgramData") + "\\Autodeploy";
    return {.settings = data + "\\autodeploy.yaml",
            .root = data + "\\root.json",
            .state = data + "\\state",
            .runtime = data + "\\run",
            .program = known_folder(FOLDERID_ProgramFiles, "C:\\Program Files") + "\\Autodeploy\\autodeploy.exe",
            .service = "autodeploy"};
}

} // namespace autodeploy
