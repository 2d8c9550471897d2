#pragma once

#include "platform/convergence.h"
#include "platform/linux/deb_relations.h"
#include "platform/linux/shipped_file.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// Readers of what dpkg's tools say; each a function of its text.

/// One record of dpkg-query or dpkg-deb in deb_record_format().
struct DebRecord {
    DebPackage package;
    std::uint64_t installed_bytes = 0;
    std::string conffiles; ///< " /etc/x hash\n…"; empty for a file
    std::string other;     ///< fields that only tell one build from another
};

/// The format to be asked for; both tools understand it.
std::string deb_record_format();
/// Records of another form are left out.
std::vector<DebRecord> parse_deb_records(std::string_view text);

/// " /etc/x hash\n…" as the database has it; obsolete files, which an earlier version had, are left out.
std::vector<ShippedFile> parse_conffiles(std::string_view text);

/// The absolute paths in a file of sums.
std::vector<std::string> paths_in_md5sums(std::string_view text);

/// The package in "tivsm-ba: /path" or "tivsm-ba:amd64: /path"; of several owners the first.
std::optional<std::string> parse_deb_owner(std::string_view text);

/// Files that differ, from `dpkg --verify`: configuration files and documentation that may be left out are not told.
std::vector<std::string> parse_dpkg_verify(std::string_view text);

/// What a run of dpkg meant.
ToolVerdict judge_dpkg(const CommandResult& result);

/// A digest that is the same for a package file and for what was installed from it.
/// md5sums: content of that file; conffiles: "path hash" lines in any order.
std::string deb_digest(const DebRecord& record, std::string_view md5sums, std::string_view conffiles);

} // namespace autodeploy
