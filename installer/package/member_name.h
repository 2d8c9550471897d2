#pragma once

#include <map>
#include <optional>
#include <string>

namespace autodeploy {

/// Names that were seen in one archive or manifest, as every file system would see them: letter case ignored.
class MemberNames {
  public:
    /// Nothing if the name is new and fits the others, else why not: it stands twice, differs from another by letter
    /// case only, or one of its parents is a file (or itself the parent of another).
    std::optional<std::string> add_file(const std::string& path);
    std::optional<std::string> add_directory(const std::string& path);

  private:
    enum class Kind { file, directory, implied };
    struct Seen {
        std::string path;
        Kind kind;
    };
    std::optional<std::string> add(const std::string& path, Kind kind);
    std::optional<std::string> add_one(const std::string& path, Kind kind);
    std::map<std::string, Seen> seen_;
};

} // namespace autodeploy
