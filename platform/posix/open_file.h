#pragma once

#include "platform/posix/descriptor.h"

#include <string>
#include <string_view>

namespace autodeploy {

/// A name in its directory, which is held open: what follows concerns that directory even if its path is changed.
struct Place {
    Descriptor directory;
    std::string name; ///< "." for the root directory
};

/// Throws file_not_found and the like as "cannot <verb> <path>: …".
Place place_of(const std::string& path, const std::string& verb);

/// Opens relative to the place, never following a link as the last component, never blocking on a pipe. -1 with errno
/// where that fails.
Descriptor open_at(const Place& place, int flags, unsigned mode = 0);

/// Opens a regular file for reading; anything else is refused (access_denied).
Descriptor open_regular(const std::string& path, const std::string& verb, bool follow_link);

/// Removes a file or a link. False with errno where that fails; a directory is refused (EISDIR), which the system call
/// alone does not do everywhere.
bool unlink_file(const Place& place);

void write_all(int descriptor, std::string_view bytes, const std::string& path);
/// Up to size bytes; fewer only at the end.
std::size_t read_some(int descriptor, char* buffer, std::size_t size, const std::string& path);
void sync_file(int descriptor, const std::string& path);
void sync_directory(const Place& place, const std::string& path);

} // namespace autodeploy
