#pragma once

#include "platform/file_system.h"
#include "platform/posix/file_attributes.h"

#include <string>

namespace autodeploy {

/// Of an open file.
FileStatus status_of(int descriptor, const std::string& path, FileAttributes& attributes);
/// Of what the path names, a link itself included; nothing where there is none.
std::optional<FileStatus> status_of(const std::string& path, FileAttributes& attributes);

/// Gives an open file or directory owner, rights, attributes and time of the status.
void apply_status(int descriptor, const std::string& path, const FileStatus& status, FileAttributes& attributes);
/// The same for a link, as far as links have them.
void apply_link_status(const std::string& path, const FileStatus& status, FileAttributes& attributes);

} // namespace autodeploy
