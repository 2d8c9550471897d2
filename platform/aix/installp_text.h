#pragma once

#include "platform/convergence.h"
#include "platform/package.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// Readers of what installp, lslpp and lppchk say; each a function of its text.

/// -1, 0 or 1 as the left level is older than, the same as or newer than the right one.
int compare_levels(std::string_view left, std::string_view right);

struct FilesetLine {
    std::string name;
    std::string level;
    std::string state;   ///< letter of `lslpp -Lc` ("C"), word of `lslpp -lc` ("COMMITTED"); may be empty
    bool locked = false; ///< by an interim fix

    bool operator==(const FilesetLine&) const = default;
};

/// Of `lslpp -Lc`; columns by the names in the header. What is no fileset (rpm packages) is left out.
std::vector<FilesetLine> parse_lslpp_levels(std::string_view text);
/// Of `lslpp -lc`: a line for each part of a fileset. The state is looked for by its word.
std::vector<FilesetLine> parse_lslpp_states(std::string_view text);
/// Both together: a fileset is healthy if its letter is A or C and all parts are APPLIED or COMMITTED. The state is the
/// word of the worst part.
std::vector<InstalledPackage> installed_filesets(const std::vector<FilesetLine>& levels,
                                                 const std::vector<FilesetLine>& states);

/// Of `lslpp -wc PATH`.
std::optional<std::string> parse_lslpp_owner(std::string_view text, std::string_view path);

/// Files that differ, from `lppchk -c`.
std::vector<std::string> parse_lppchk(std::string_view text);

/// A line of the table at the end.
struct InstallpResult {
    std::string name; ///< may be cut off
    std::string level;
    std::string event;  ///< APPLY, COMMIT, DEINSTALL, CLEANUP …
    std::string result; ///< SUCCESS, FAILED, CANCELLED …

    bool operator==(const InstallpResult&) const = default;
};
std::vector<InstallpResult> parse_installp_results(std::string_view text);

/// What a preview says.
struct InstallpPreview {
    std::vector<std::pair<std::string, std::string>> selected; ///< name and level
    std::vector<std::string> failures;                         ///< "NAME LEVEL: why"
};
InstallpPreview parse_installp_preview(std::string_view text);

/// Of `installp -L -d FILE`: name and level of each fileset in it.
std::vector<PackageId> parse_image_contents(std::string_view text);

/// What a run of installp meant. Its exit code says little.
ToolVerdict judge_installp(const CommandResult& result);

} // namespace autodeploy
