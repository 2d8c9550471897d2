#pragma once

#include "platform/file_system.h"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace autodeploy {

/// The folder of one deployment in which everything that explains it is kept: request, detection, requirements, choice,
/// plan, output of the native tools, excerpts of the client's logs, decision. Texts are redacted as they are written.
/// Keeping evidence never fails a deployment: what cannot be written is left out.
class Evidence {
  public:
    /// Makes the folder (attempts/ID/evidence).
    Evidence(FileSystem& files, const std::string& attempts, const std::string& id, std::uint64_t limit);

    const std::string& folder() const { return folder_; }
    /// Written whole; over the limit of the whole folder, the middle of the text is left out.
    void add(const std::string& name, std::string_view text);
    /// Cuts what native tools wrote into the folder to the limit; the last lines of each output stay.
    void bound();

  private:
    std::uint64_t used();
    FileSystem& files_;
    std::string folder_;
    std::uint64_t limit_;
};

/// Removes the folders of the oldest attempts but for those named; so many stay. Never throws.
void prune_attempts(FileSystem& files, const std::string& attempts, int keep, const std::set<std::string>& in_use);

} // namespace autodeploy
