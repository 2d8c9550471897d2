#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace autodeploy {

/// Finds where the 7z stream begins in a self-extracting program, fed in pieces. The program's own code may hold the
/// signature's bytes too, so the start header's check sum must hold.
class SevenZipFinder {
  public:
    /// The next bytes of the file.
    void look(std::string_view bytes);
    /// Offset in the file.
    std::optional<std::uint64_t> found() const { return found_; }

  private:
    std::string tail_;             ///< the end of what was seen: a header may be cut by the pieces
    std::uint64_t tail_start_ = 0; ///< its offset in the file
    std::optional<std::uint64_t> found_;
};

} // namespace autodeploy
