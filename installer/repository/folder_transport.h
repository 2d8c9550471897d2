#pragma once

#include "installer/repository/transport.h"
#include "platform/file_system.h"

#include <memory>
#include <string>

namespace autodeploy {

/// Reads DIRECTORY/metadata and DIRECTORY/targets: a mirror on a disk, a share, a medium. The folder is trusted no more
/// than a network: below it no link is followed, only regular files are read, and no more than was asked for. What is
/// read goes to memory or into the sink and is verified there; nothing is read twice.
std::unique_ptr<Transport> folder_transport(FileSystem& files, const std::string& directory);

} // namespace autodeploy
