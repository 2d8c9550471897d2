#include "platform/linux/shipped_file.h"

#include "platform/error.h"
#include "platform/linux/package_digest.h"

namespace autodeploy {

namespace {

constexpr std::uint64_t largest_configuration = 64 << 20;

bool is_as_shipped(FileSystem& files, const std::string& path, const ShippedFile& shipped) {
    try {
        return package_digest(shipped.algorithm.c_str(), files.read(path, largest_configuration)) == shipped.digest;
    } catch (const Error&) {
        return false; // gone, or not a file any more
    }
}

} // namespace

std::vector<std::string> changed_since_shipped(FileSystem& files, const std::string& root,
                                               const std::vector<ShippedFile>& shipped) {
    std::vector<std::string> changed;
    for (const ShippedFile& file : shipped)
        if (!is_as_shipped(files, root + file.path, file)) changed.push_back(file.path);
    return changed;
}

} // namespace autodeploy
