#pragma once

#include "platform/windows/native/handle.h"

#include <string>

namespace autodeploy {

/// A new file beside the one that it will replace. Its name is always the same, so that one left behind by a kill is
/// used up by the next attempt; of two who write at the same time, the second waits a little, then Error file_in_use.
class NewFile {
  public:
    /// rights: as text; those of the directory if null.
    NewFile(const std::string& path, const char* rights);
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;
    ~NewFile(); ///< removes the new file unless committed

    void* handle() const { return file_.get(); }
    /// Brings the content to the disk and takes the name over.
    void commit();

  private:
    std::string path_;
    std::string temporary_;
    Handle file_;
    bool committed_ = false;
};

/// Renames in one step, over what may be there, and has it on the disk when it returns.
void move_over(const std::string& from, const std::string& to);

} // namespace autodeploy
