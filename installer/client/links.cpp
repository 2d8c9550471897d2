#include "installer/client/links.h"

#include "installer/client/layout.h"
#include "platform/file_system.h"

#include <optional>

namespace autodeploy {

std::string resolve_links(FileSystem& files, std::string path) {
    constexpr int most_links = 8;
    for (int i = 0; i < most_links; ++i) {
        const std::optional<FileStatus> status = files.status(path);
        if (!status || status->type != FileType::link) break;
        const std::string& target = status->link_target;
        path = is_absolute(target) ? target : in_directory(directory_of(path), target);
    }
    return path;
}

} // namespace autodeploy
