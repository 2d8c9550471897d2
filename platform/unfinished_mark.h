#pragma once

#include "platform/file_system.h"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace autodeploy {

/// What was known before a tool began to change packages: with it, what a run that is cut off leaves behind can be told
/// from what was there before.
struct UnfinishedMark {
    /// Configuration files that the administrator had changed.
    std::vector<std::string> administrators;
    std::set<std::string> paths;     ///< of the packages that were to be installed
    std::set<std::string> new_paths; ///< those of them, and of the folders above, at which nothing was

    bool operator==(const UnfinishedMark&) const = default;
};

/// Where it lies while a run of the tool is not over.
std::string unfinished_path(const std::string& evidence_path, const std::string& tool);

/// One line an entry; and back. Lines of another form are left out.
std::string mark_text(const UnfinishedMark& mark);
UnfinishedMark parse_mark(const std::string& text);

/// Notes the paths, and which of them are new. root: where they lie; empty for "/".
void note_paths(FileSystem& files, const std::string& root, const std::vector<std::string>& paths,
                UnfinishedMark& mark);

/// Removes temporary files beside the paths of both sets, and new files that do not belong to the target. stem_of tells
/// the name that a temporary file stands for.
void remove_leftovers(FileSystem& files, const std::string& root, const UnfinishedMark& mark,
                      const std::vector<std::string>& target_paths,
                      const std::function<std::optional<std::string>(const std::string&)>& stem_of);

} // namespace autodeploy
