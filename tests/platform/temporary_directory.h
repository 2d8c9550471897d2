#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace autodeploy {

/// A fresh directory of our own (0700), removed with everything in it at the end.
class TemporaryDirectory {
  public:
    TemporaryDirectory() : TemporaryDirectory(std::filesystem::temp_directory_path().string()) {}
    explicit TemporaryDirectory(const std::string& parent) {
        std::string pattern = parent + "/autodeploy-test-XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr) std::abort();
        path_ = pattern;
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    const std::string& path() const { return path_; }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

} // namespace autodeploy
