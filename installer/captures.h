#pragma once

#include "installer/json.h"
#include "platform/file_system.h"

#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// What prepare saved, in the attempt's folder, mode 0600. A value once saved is never overwritten, so that a second
/// run after a crash cannot save the half-changed state in its place. Calls throw Error as FileSystem does.
class Captures {
  public:
    Captures(FileSystem& files, std::string directory);

    /// Saves unless there is one of that name. Durable when it returns.
    void save(const std::string& name, const Json& value);
    /// Nothing if none was saved. Throws Error capture_damaged if it is not what was saved.
    std::optional<Json> load(const std::string& name) const;
    /// Whether it was saved, damaged since or not.
    bool has(const std::string& name) const;

    /// Copies these files with all their rights under the name; a missing one is captured as missing. As a whole: until
    /// the last is safe, there is nothing of that name.
    void save_files(const std::string& name, const std::vector<std::string>& paths);
    /// The same; of a file that is as it was in the earlier capture no new copy is made, the earlier one stands for it.
    struct Earlier {
        const Captures& captures;
        std::string name;
    };
    void save_files(const std::string& name, const std::vector<std::string>& paths, const Earlier& earlier);
    bool has_files(const std::string& name) const;
    /// Paths whose present content, type, rights or absence differ from the capture; times are not compared.
    std::vector<std::string> changed_files(const std::string& name) const;
    /// Puts one file back as captured, or removes it if it was captured as missing. Its content is checked first.
    void restore_file(const std::string& name, const std::string& path);
    /// Restores it only where changed_files would name it.
    void restore_if_changed(const std::string& name, const std::string& path);
    /// Whether the file was there when captured.
    bool was_present(const std::string& name, const std::string& path) const;

  private:
    struct Index;
    void copy_files(const std::string& name, const std::vector<std::string>& paths, const Earlier* earlier);
    std::string copy_path(const std::string& name, const std::string& copy) const;
    bool is_changed(const std::string& name, const std::string& path, const Index& all) const;
    Index index(const std::string& name) const;
    std::string value_path(const std::string& name) const;

    FileSystem& files_;
    std::string directory_;
};

} // namespace autodeploy
