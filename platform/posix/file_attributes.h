#pragma once

#include <map>
#include <string>

namespace autodeploy {

/// Extended attributes and access control lists, which every system has in a way of its own. Names and values are as
/// FileStatus::attributes has them.
class FileAttributes {
  public:
    FileAttributes() = default;
    FileAttributes(const FileAttributes&) = delete;
    FileAttributes& operator=(const FileAttributes&) = delete;
    virtual ~FileAttributes() = default;

    using Map = std::map<std::string, std::string>;
    /// Empty where the file system has none. Of the link itself where path is one.
    virtual Map read(const std::string& path) = 0;
    /// The same for an open file; path is for messages.
    virtual Map read(int descriptor, const std::string& path) = 0;
    /// Makes the attributes exactly these and touches only what differs. Throws the Errors of FileSystem.
    virtual void write(int descriptor, const std::string& path, const Map& attributes) = 0;
    /// The same for a link, which cannot be opened.
    virtual void write_link(const std::string& path, const Map& attributes) = 0;
};

} // namespace autodeploy
