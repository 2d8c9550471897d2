#pragma once

#include "platform/file_system.h"

namespace autodeploy {

std::unique_ptr<FileReader> open_reader(const std::string& path);
std::unique_ptr<FileReader> open_reader_below(const std::string& directory, const std::string& relative);
std::unique_ptr<FileWriter> open_writer(const std::string& path, WriteMode mode);

} // namespace autodeploy
