#pragma once

#include "platform/file_system.h"
#include "platform/windows/native/handle.h"

#include <string>

namespace autodeploy {

/// How a file is opened. Never through a link in the last component; others may read, write and delete it meanwhile.
struct Opening {
    unsigned long access = 0;
    unsigned long disposition = 0;
    unsigned long flags = 0;
    const char* rights = nullptr; ///< of one that is made, as text; those of its directory if null
    bool shared = true;           ///< false: nobody else may open it while it is open
    bool follow = false;          ///< through links
};

/// Waits out those who hold the file for a moment. Throws the Errors of FileSystem, "cannot VERB …".
Handle open_file(const std::string& path, const Opening& opening, const std::string& verb);
/// Nothing where there is no such file.
Handle open_if_there(const std::string& path, const Opening& opening, const std::string& verb);
/// A regular file that is there; a link, a directory or a device is refused (access_denied).
Handle open_regular(const std::string& path, unsigned long access, bool follow, const std::string& verb);

FileStatus status_of(void* handle, const std::string& path);
/// All of it, or an Error.
void write_all(void* handle, std::string_view bytes, const std::string& path);
std::size_t read_some(void* handle, char* buffer, std::size_t size, const std::string& path);
void flush_file(void* handle, const std::string& path);
/// Brings names to the disk, as far as the file system does so on request; never fails.
void flush_directory_of(const std::string& path);

} // namespace autodeploy
