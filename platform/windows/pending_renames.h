#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// A file that Windows renames or removes at its next start.
struct PendingRename {
    std::string from;
    std::string to; ///< empty: it is removed

    bool operator==(const PendingRename&) const = default;
};

/// From the value PendingFileRenameOperations: pairs of texts in UTF-16, each with a NUL behind it. Prefixes of the
/// kernel are taken off. What is cut short is read as far as it goes.
std::vector<PendingRename> pending_renames_in(std::string_view value);

/// Those that touch one of the paths or anything below one, as sentences for people. Errs to the side of matching:
/// letters outside of ASCII all count as the same, and so does a short name (PROGRA~1) with the names it may stand for.
std::vector<std::string> pending_renames_below(const std::vector<PendingRename>& renames,
                                               const std::vector<std::string>& paths);

} // namespace autodeploy
