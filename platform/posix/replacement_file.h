#pragma once

#include "platform/posix/open_file.h"

#include <functional>
#include <string>

namespace autodeploy {

/// A new file beside the one that it will replace. Its name is always the same, so that one left behind by a kill is
/// used up by the next attempt; of two who write at the same time, the second waits a little, then Error file_in_use.
class ReplacementFile {
  public:
    ReplacementFile(const std::string& path, const std::string& verb);
    ReplacementFile(const ReplacementFile&) = delete;
    ReplacementFile& operator=(const ReplacementFile&) = delete;
    ~ReplacementFile(); ///< removes the new file unless committed

    int descriptor() const { return file_.get(); }
    /// Brings the content to the disk, takes the name over, brings the name to the disk.
    void commit();

  private:
    std::string path_;
    std::string name_;
    Place temporary_;
    Descriptor file_;
    bool committed_ = false;
};

/// The same for a link; prepare gets the path of the new link before it takes the name over.
void replace_with_link(const std::string& path, const std::string& target,
                       const std::function<void(const std::string&)>& prepare);

} // namespace autodeploy
