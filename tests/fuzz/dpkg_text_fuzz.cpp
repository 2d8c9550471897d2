// Covers platform/linux/dpkg_text.cpp
// Covers platform/linux/deb_relations.cpp
#include "platform/linux/deb_relations.h"
#include "platform/linux/dpkg_text.h"
#include "tests/fuzz/fuzz.h"

using namespace autodeploy;

namespace {

/// So that printable inputs reach the parser: '|' and '~' stand for the signs between fields and records.
std::string with_separators(std::string_view text) {
    std::string result;
    for (const char letter : text)
        result += letter == '|' ? '\x1f' : letter == '~' ? '\x1e' : letter;
    return result;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    parse_deb_owner(text);
    for (const std::string& file : parse_dpkg_verify(text))
        fuzz::require(file.starts_with('/'));
    for (const std::string& path : paths_in_md5sums(text))
        fuzz::require(path.starts_with('/'));
    for (const ShippedFile& file : parse_conffiles(text))
        fuzz::require(file.path.starts_with('/'));
    judge_dpkg({int(size % 3), std::string(text), "", false});

    std::vector<DebPackage> packages;
    for (const DebRecord& record : parse_deb_records(with_separators(text))) {
        fuzz::require(!record.package.name.empty());
        fuzz::require(deb_digest(record, text, record.conffiles).size() == 64);
        packages.push_back(record.package);
        packages.back().status = "ii ";
    }
    std::size_t ordered = 0;
    for (const auto& group : deb_install_order(packages))
        ordered += group.size();
    fuzz::require(ordered == packages.size());
    // What is there already is no problem that a change to the same could bring.
    if (!packages.empty()) deb_problems(packages, {packages.front()}, {packages.back().name});
    fuzz::require(deb_problems(packages, {}, {}).empty());

    const std::vector<std::string> lines = fuzz::lines_of(text);
    if (lines.size() >= 2) {
        const auto order = compare_deb_versions(lines[0], lines[1]);
        fuzz::require((order < 0) == (compare_deb_versions(lines[1], lines[0]) > 0));
        fuzz::require(compare_deb_versions(lines[0], lines[0]) == 0);
    }
    return 0;
}
