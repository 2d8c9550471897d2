// Covers platform/linux/rpm_text.cpp
// Covers platform/linux/proc_text.cpp
#include "platform/linux/proc_text.h"
#include "platform/linux/rpm_text.h"
#include "tests/fuzz/fuzz.h"

using namespace autodeploy;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    for (const PackageFile& package : parse_rpm_query(text))
        fuzz::require(!package.id.name.empty() && !package.id.version.empty());
    for (const ShippedFile& file : parse_rpm_configuration(text))
        fuzz::require(file.path.starts_with('/') && !file.digest.empty());
    for (const std::string& file : parse_rpm_verify(text))
        fuzz::require(!file.empty());
    const ToolVerdict verdict = judge_rpm({int(size % 2), std::string(text), "", false});
    fuzz::require(size % 2 == 1 || verdict.reason.empty());
    const std::vector<std::string> all = parse_rpm_problems(text, {});
    fuzz::require(parse_rpm_problems(text, {"TIVsm-BA", "x"}).size() <= all.size());
    for (const std::string& name : names_in_version_locks(text, {"TIVsm-BA", "x"}))
        fuzz::require(name == "TIVsm-BA" || name == "x");

    if (const auto stat = parse_proc_stat(text)) fuzz::require(!stat->started.empty());
    for (const Mount& mount : parse_mountinfo(text))
        fuzz::require(!mount.point.empty() && !mount.type.empty());
    for (const auto& [name, value] : parse_environ(text))
        fuzz::require(!name.empty());
    if (maps_file_below(text, "/opt/")) fuzz::require(text.find("/opt/") != std::string_view::npos);
    fuzz::require(without_deleted_mark(std::string(text)).size() <= size);
    return 0;
}
