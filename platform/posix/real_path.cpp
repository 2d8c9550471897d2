#include "platform/posix/real_path.h"

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace autodeploy {

std::string real_path(const std::string& path) {
    std::string existing = path;
    std::string rest;
    while (!existing.empty()) {
        const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(existing.c_str(), nullptr), &std::free);
        if (resolved) {
            const std::string found = std::string(resolved.get()) == "/" && !rest.empty() ? "" : resolved.get();
            return found + rest;
        }
        const std::size_t slash = existing.rfind('/');
        if (slash == std::string::npos) break;
        rest.insert(0, existing.substr(slash));
        existing.resize(slash);
    }
    return path;
}

bool is_below(const std::string& path, const std::string& directory) {
    const std::string plain = directory.ends_with('/') ? directory.substr(0, directory.size() - 1) : directory;
    return path == plain || (path.starts_with(plain) && path[plain.size()] == '/');
}

bool is_below_any(const std::string& path, const std::vector<std::string>& directories) {
    return std::any_of(directories.begin(), directories.end(),
                       [&](const std::string& directory) { return is_below(path, directory); });
}

} // namespace autodeploy
