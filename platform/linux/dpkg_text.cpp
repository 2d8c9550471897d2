#include "platform/linux/dpkg_text.h"

#include "platform/digest.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace autodeploy {

namespace {

// Signs that no field can have in it: fields end with the one, records with the other.
constexpr char field_end = '\x1f';
constexpr char record_end = '\x1e';
constexpr std::size_t field_count = 13;

std::string_view next(std::string_view& rest, char separator) {
    const std::size_t at = rest.find(separator);
    const std::string_view part = rest.substr(0, at);
    rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
    return part;
}

std::vector<std::string> sorted_lines(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        std::string_view line = next(text, '\n');
        const std::size_t begin = line.find_first_not_of(" \t");
        if (begin == std::string_view::npos) continue;
        line.remove_prefix(begin);
        lines.emplace_back(line.substr(0, line.find_last_not_of(" \t\r") + 1));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

/// "hash  ./path" as some packages have it becomes "hash  path".
std::string plain_sum(std::string line) {
    const std::size_t at = line.find("  ");
    if (at != std::string::npos && line.compare(at + 2, 2, "./") == 0) line.erase(at + 2, 2);
    return line;
}

bool may_be_left_out(std::string_view path) {
    static constexpr std::array<std::string_view, 5> folders{"/usr/share/doc/", "/usr/share/man/", "/usr/share/locale/",
                                                             "/usr/share/info/", "/usr/share/lintian/"};
    return std::any_of(folders.begin(), folders.end(),
                       [&](std::string_view folder) { return path.starts_with(folder); });
}

} // namespace

std::string deb_record_format() {
    std::string format;
    for (const char* field :
         {"Package", "Version", "Architecture", "db:Status-Abbrev", "Installed-Size", "Depends", "Pre-Depends",
          "Provides", "Conflicts", "Breaks", "Conffiles", "Maintainer", "Description"})
        format += "${" + std::string(field) + "}" + field_end;
    return format + record_end;
}

std::vector<DebRecord> parse_deb_records(std::string_view text) {
    std::vector<DebRecord> records;
    while (!text.empty()) {
        std::string_view line = next(text, record_end);
        std::array<std::string, field_count> fields;
        std::size_t count = 0;
        while (!line.empty() && count < field_count)
            fields[count++] = next(line, field_end);
        if (count != field_count || !line.empty() || fields[0].empty()) continue;
        DebRecord record;
        record.package = {fields[0], fields[1], fields[2], fields[3], fields[5],
                          fields[6], fields[7], fields[8], fields[9]};
        std::uint64_t kilobytes = 0;
        std::from_chars(fields[4].data(), fields[4].data() + fields[4].size(), kilobytes);
        record.installed_bytes = kilobytes * 1024;
        record.conffiles = fields[10];
        record.other = fields[11] + "\n" + fields[12];
        records.push_back(std::move(record));
    }
    return records;
}

std::vector<ShippedFile> parse_conffiles(std::string_view text) {
    std::vector<ShippedFile> files;
    for (const std::string& line : sorted_lines(text)) {
        // A path may have blanks in it; behind the digest there may be a word.
        if (line.ends_with(" obsolete") || line.ends_with(" remove-on-upgrade")) continue;
        const std::size_t blank = line.rfind(' ');
        if (blank == std::string::npos || !line.starts_with('/')) continue;
        files.push_back({line.substr(0, blank), "md5", line.substr(blank + 1)});
    }
    return files;
}

std::vector<std::string> paths_in_md5sums(std::string_view text) {
    std::vector<std::string> paths;
    for (std::string& line : sorted_lines(text)) {
        line = plain_sum(std::move(line));
        const std::size_t at = line.find("  ");
        if (at != std::string::npos && at + 2 < line.size()) paths.push_back("/" + line.substr(at + 2));
    }
    return paths;
}

std::optional<std::string> parse_deb_owner(std::string_view text) {
    while (!text.empty()) {
        const std::string_view line = next(text, '\n');
        const std::size_t end = line.find(": /");
        if (end == std::string_view::npos || line.starts_with("diversion by ") || line.starts_with("local diversion"))
            continue;
        const std::string_view names = line.substr(0, end);
        const std::string_view first = names.substr(0, names.find(", "));
        return std::string(first.substr(0, first.find(':')));
    }
    return std::nullopt;
}

std::vector<std::string> parse_dpkg_verify(std::string_view text) {
    constexpr std::size_t flags = 9;
    std::vector<std::string> files;
    while (!text.empty()) {
        const std::string_view line = next(text, '\n');
        const std::size_t slash = line.find(" /");
        if (slash == std::string_view::npos || line.size() < flags + 3) continue;
        const std::string_view path = line.substr(slash + 1);
        const bool configuration = line.substr(flags, slash - flags).find('c') != std::string_view::npos;
        const bool missing = line.starts_with("missing");
        if (configuration || (missing && may_be_left_out(path))) continue;
        files.push_back(std::string(path) + (missing ? " is missing" : " has another content"));
    }
    return files;
}

ToolVerdict judge_dpkg(const CommandResult& result) {
    ToolVerdict verdict;
    if (result.exit_code == 0) return verdict;
    std::string_view rest = result.output;
    while (!rest.empty()) {
        const std::string_view line = next(rest, '\n');
        if (line.find("lock was locked by another process") != std::string_view::npos ||
            line.find("is locked by another process") != std::string_view::npos)
            verdict.lock_was_held = true;
        const bool speaks = line.starts_with("dpkg: error") || line.starts_with("dpkg-deb: error") ||
                            line.find("subprocess returned error") != std::string_view::npos ||
                            line.find("problem - ") != std::string_view::npos ||
                            line.find("pre-dependency problem") != std::string_view::npos ||
                            line.find("script subprocess") != std::string_view::npos ||
                            line.find(" depends on ") != std::string_view::npos;
        if (speaks && verdict.reason.size() < 2000)
            verdict.reason += (verdict.reason.empty() ? "" : " / ") +
                              std::string(line.substr(std::min(line.find_first_not_of(' '), line.size())));
    }
    return verdict;
}

std::string deb_digest(const DebRecord& record, std::string_view md5sums, std::string_view conffiles) {
    const DebPackage& package = record.package;
    std::string text;
    for (const std::string* field :
         {&package.name, &package.version, &package.architecture, &package.depends, &package.pre_depends,
          &package.provides, &package.conflicts, &package.breaks, &record.other})
        text += *field + "\n\n";
    text += std::to_string(record.installed_bytes) + "\n\n";
    std::vector<std::string> sums = sorted_lines(md5sums);
    for (std::string& line : sums)
        line = plain_sum(std::move(line));
    std::sort(sums.begin(), sums.end());
    for (const std::string& line : sums)
        text += line + "\n";
    text += "\n";
    for (const std::string& line : sorted_lines(conffiles))
        text += line + "\n";
    return sha256_hex(text);
}

} // namespace autodeploy
