#pragma once

#include "platform/convergence.h"
#include "platform/linux/shipped_file.h"
#include "platform/package.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// Readers of what rpm says; each a function of its text.

/// What is asked of a package, installed or a file; one line each.
std::string rpm_query_format();
/// Lines of another form are left out. path and sha256 stay empty.
std::vector<PackageFile> parse_rpm_query(std::string_view text);
/// Of those that were asked for by name, which it does not have.
std::set<std::string> names_not_installed(std::string_view text);

/// Files that differ in content, kind, device or target of a link, or are missing, from `rpm --verify`. Configuration
/// files, rights and times are not told.
std::vector<std::string> parse_rpm_verify(std::string_view text);

/// What is asked of the files of a package, and the configuration files in the answer.
std::string rpm_files_format();
std::vector<ShippedFile> parse_rpm_configuration(std::string_view text);

/// What a run of rpm meant. Its exit code says nothing of a failed %post.
ToolVerdict judge_rpm(const CommandResult& result);

/// What stands in the way, from the output of a dry run, one problem a line. What only concerns packages that are to
/// go (absent) is left out.
std::vector<std::string> parse_rpm_problems(std::string_view text, const std::vector<std::string>& absent);

/// Names among these that a file of locks or excludes names, in the forms of dnf, yum and zypper.
std::vector<std::string> names_in_version_locks(std::string_view content, const std::vector<std::string>& names);

} // namespace autodeploy
