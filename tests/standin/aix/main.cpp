#include "state.h"

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <unistd.h>

namespace standin::aix {

namespace {
std::string own_root;

/// Where a shell has found it.
std::string found_by_path(const std::string& name) {
    const char* path = std::getenv("PATH");
    for (const std::string& folder : split(path == nullptr ? "" : path, ':'))
        if (::access((folder + "/" + name).c_str(), X_OK) == 0) return folder + "/" + name;
    return name;
}

} // namespace

const std::string& root() {
    return own_root;
}

} // namespace standin::aix

int main(int argc, char** argv) {
    using namespace standin::aix;
    static const std::map<std::string, int (*)(const Arguments&)> programs{
        {"lssrc", lssrc},         {"startsrc", startsrc}, {"stopsrc", stopsrc},
        {"mkssys", mkssys},       {"chssys", chssys},     {"rmssys", rmssys},
        {"odmget", odmget},       {"lsitab", lsitab},     {"mkitab", mkitab},
        {"chitab", chitab},       {"rmitab", rmitab},     {"telinit", telinit},
        {"init", init},           {"installp", installp}, {"lslpp", lslpp},
        {"lppchk", lppchk},       {"inutoc", inutoc},     {"ps", ps},
        {"slibclean", slibclean}, {"fuser", fuser},       {"mount", mount},
        {"errlogger", errlogger}, {"oslevel", oslevel},   {"getconf", getconf}};
    std::string path = argv[0];
    if (path.find('/') == std::string::npos) path = found_by_path(path);
    if (path[0] != '/') {
        std::fprintf(stderr, "%s: the stand-in has to be started by its absolute path, or found by PATH\n", argv[0]);
        return 127;
    }
    const std::size_t slash = path.rfind('/');
    const std::string name = path.substr(slash + 1);
    for (const char* folder : {"/usr/bin", "/usr/sbin", "/etc"})
        if (path.substr(0, slash).size() >= std::string(folder).size() &&
            path.compare(slash - std::string(folder).size(), std::string(folder).size(), folder) == 0)
            own_root = path.substr(0, slash - std::string(folder).size());
    const auto program = programs.find(name);
    if (program == programs.end()) {
        std::fprintf(stderr, "%s: the stand-in has no such program\n", name.c_str());
        return 127;
    }
    const int code = program->second(Arguments(argv + 1, argv + argc));
    std::fflush(stdout);
    return code;
}
