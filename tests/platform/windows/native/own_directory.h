#pragma once

#include "platform/windows/native/windows_file_system.h"

#include <filesystem>
#include <string>

namespace autodeploy {

/// A fresh directory of our own, removed with everything in it at the end.
class OwnDirectory {
  public:
    OwnDirectory() : path_(std::filesystem::temp_directory_path().string() + "autodeploy-test") {
        files.remove_tree(path_);
        files.make_directory(path_);
    }
    OwnDirectory(const OwnDirectory&) = delete;
    OwnDirectory& operator=(const OwnDirectory&) = delete;
    ~OwnDirectory() { files.remove_tree(path_); }

    const std::string& path() const { return path_; }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

    WindowsFileSystem files;

  private:
    std::string path_;
};

} // namespace autodeploy
