#pragma once

#include "platform/process_table.h"

#include <optional>
#include <string>

namespace autodeploy {

/// Who holds a record lock on the file: "process 17 (/usr/bin/apt-get) holds /var/lib/dpkg/lock"; nothing where nobody
/// does, or the file does not exist. Takes no lock itself.
std::optional<std::string> holder_of_lock(const std::string& path, ProcessTable& processes);

} // namespace autodeploy
