#pragma once

#include <string>

namespace autodeploy {

class FileSystem;

/// The file at the end of a chain of links, at most 8 of them; the path itself where there is none. Throws Error as
/// FileSystem::status does.
std::string resolve_links(FileSystem& files, std::string path);

} // namespace autodeploy
