#pragma once

#include "platform/file_system.h"
#include "platform/posix/descriptor.h"
#include "platform/posix/file_attributes.h"

#include <memory>
#include <string>

namespace autodeploy {

/// What FileSystem::reader, reader_below and writer promise.
std::unique_ptr<FileReader> open_reader(const std::string& path, FileAttributes& attributes);
std::unique_ptr<FileReader> open_reader_below(const std::string& directory, const std::string& relative,
                                              FileAttributes& attributes);
std::unique_ptr<FileWriter> open_writer(const std::string& path, WriteMode mode);

} // namespace autodeploy
