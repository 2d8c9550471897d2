#pragma once

#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>

namespace autodeploy {

/// A fresh directory of our own (0700), removed with everything in it at the end.
class TemporaryDirectory {
  public:
    TemporaryDirectory() : TemporaryDirectory(std::filesystem::temp_directory_path().string()) {}
    explicit TemporaryDirectory(const std::string& parent) {
        std::random_device chance;
        std::error_code error;
        do {
            path_ = parent + "/autodeploy-test-" + std::to_string(chance());
        } while (!std::filesystem::create_directory(path_, error) && !error);
        std::filesystem::permissions(path_, std::filesystem::perms::owner_all, error);
        if (error) std::abort();
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
