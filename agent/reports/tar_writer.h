#pragma once

#include "platform/file_system.h"
#include "platform/time_units.h"

#include <memory>
#include <string>
#include <string_view>

namespace autodeploy {

/// A plain tar of texts, for a support bundle. Calls throw Error as FileSystem does.
class TarWriter {
  public:
    TarWriter(FileSystem& files, const std::string& path, UnixTime time);

    /// name is relative, names joined by '/'; over 99 bytes its beginning is cut.
    void add(const std::string& name, std::string_view content);
    /// To be called at the end; on the disk when it returns.
    void finish();

  private:
    std::unique_ptr<FileWriter> file_;
    UnixTime time_;
};

} // namespace autodeploy
