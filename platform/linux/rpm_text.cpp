#include "platform/linux/rpm_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace autodeploy {

namespace {

std::string_view next(std::string_view& rest, char separator) {
    const std::size_t at = rest.find(separator);
    const std::string_view part = rest.substr(0, at);
    rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
    return part;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// What Debian's rpm says each time.
bool is_noise(std::string_view line) {
    return line.starts_with("rpm: RPM should not be used") || line.starts_with("rpm: However assuming") ||
           line.find(": NOKEY") != std::string_view::npos;
}

bool is_about(std::string_view line, const std::vector<std::string>& names) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        for (std::size_t at = line.find(name); at != std::string_view::npos; at = line.find(name, at + 1)) {
            const bool begins = at == 0 || line[at - 1] == ' ';
            const std::string_view behind = line.substr(at + name.size());
            const bool ends = behind.empty() || behind[0] == ' ' ||
                              (behind.size() > 1 && behind[0] == '-' && behind[1] >= '0' && behind[1] <= '9');
            if (begins && ends) return true;
        }
        return false;
    });
}

/// "name", "name-8.1*", "0:name-8.1", "name-0:8.1": the name before a version or a pattern.
bool lock_names(std::string_view lock, std::string_view name) {
    if (const std::size_t colon = lock.find(':'); colon != std::string_view::npos && colon > 0 &&
                                                  lock.substr(0, colon).find_first_not_of("0123456789") == lock.npos)
        lock.remove_prefix(colon + 1);
    if (!lock.starts_with(name)) {
        // A pattern: "TIVsm*"
        const std::size_t star = lock.find('*');
        return star != std::string_view::npos && star > 0 && name.starts_with(lock.substr(0, star));
    }
    lock.remove_prefix(name.size());
    return lock.empty() || lock[0] == '*' || lock[0] == '.' ||
           (lock[0] == '-' && lock.size() > 1 && ((lock[1] >= '0' && lock[1] <= '9') || lock[1] == '*'));
}

} // namespace

std::string rpm_query_format() {
    return "%{NAME}\\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\\t%{ARCH}\\t"
           "%|SHA256HEADER?{%{SHA256HEADER}}:{%|SHA1HEADER?{sha1:%{SHA1HEADER}}|}|\\t%{LONGSIZE}\\n";
}

std::vector<PackageFile> parse_rpm_query(std::string_view text) {
    constexpr std::size_t field_count = 5;
    std::vector<PackageFile> packages;
    while (!text.empty()) {
        std::string_view line = next(text, '\n');
        std::array<std::string_view, field_count> fields;
        std::size_t count = 0;
        for (bool more = !line.empty(); more && count < field_count; ++count) {
            more = line.find('\t') != std::string_view::npos;
            fields[count] = next(line, '\t');
        }
        if (count != field_count || !line.empty() || fields[0].empty() || fields[1].empty()) continue;
        PackageFile package;
        package.id = {std::string(fields[0]), std::string(fields[1]), std::string(fields[2])};
        package.digest = fields[3];
        if (std::from_chars(fields[4].data(), fields[4].data() + fields[4].size(), package.installed_bytes).ec !=
            std::errc())
            continue;
        packages.push_back(std::move(package));
    }
    return packages;
}

std::set<std::string> names_not_installed(std::string_view text) {
    std::set<std::string> names;
    constexpr std::string_view before = "package ";
    constexpr std::string_view after = " is not installed";
    while (!text.empty()) {
        const std::string_view line = next(text, '\n');
        if (line.size() > before.size() + after.size() && line.starts_with(before) && line.ends_with(after))
            names.emplace(line.substr(before.size(), line.size() - before.size() - after.size()));
    }
    return names;
}

std::string rpm_files_format() {
    return "[%{FILEFLAGS}\\t%{=FILEDIGESTALGO}\\t%{FILEDIGESTS}\\t%{FILENAMES}\\n]";
}

std::vector<ShippedFile> parse_rpm_configuration(std::string_view text) {
    constexpr unsigned configuration = 1;
    constexpr unsigned ghost = 64;
    static constexpr std::array<std::pair<std::string_view, const char*>, 5> algorithms{
        {{"8", "sha256"}, {"1", "md5"}, {"(none)", "md5"}, {"2", "sha1"}, {"10", "sha512"}}};
    std::vector<ShippedFile> files;
    while (!text.empty()) {
        std::string_view line = next(text, '\n');
        const std::string_view flags_text = next(line, '\t');
        unsigned flags = 0;
        std::from_chars(flags_text.data(), flags_text.data() + flags_text.size(), flags);
        const std::string_view number = next(line, '\t');
        const std::string_view digest = next(line, '\t');
        const auto algorithm = std::find_if(algorithms.begin(), algorithms.end(),
                                            [&](const auto& known) { return known.first == number; });
        if ((flags & configuration) == 0 || (flags & ghost) != 0 || digest.empty() || !line.starts_with('/') ||
            algorithm == algorithms.end())
            continue;
        files.push_back({std::string(line), algorithm->second, std::string(digest)});
    }
    return files;
}

std::vector<std::string> parse_rpm_verify(std::string_view text) {
    std::vector<std::string> files;
    while (!text.empty()) {
        const std::string_view line = next(text, '\n');
        if (line.starts_with("package ") && line.ends_with(" is not installed")) {
            files.emplace_back(line.substr(8));
            continue;
        }
        const std::size_t slash = line.find(" /");
        if (slash == std::string_view::npos) continue;
        const std::string_view flags = line.substr(0, line.find(' '));
        const std::string_view kind = trimmed(line.substr(flags.size(), slash - flags.size()));
        const std::string path(line.substr(slash + 1));
        // c: configuration, g: ghost, d: documentation that may be left out, m: may be missing
        if (kind == "c" || kind == "g" || kind == "m") continue;
        if (flags == "missing") {
            if (kind != "d") files.push_back(path + " is missing");
        } else if (flags.find_first_of("S5LD") != std::string_view::npos) {
            files.push_back(path + " has another content");
        } else if (flags.find("?") != std::string_view::npos) {
            files.push_back(path + " cannot be read");
        }
    }
    return files;
}

ToolVerdict judge_rpm(const CommandResult& result) {
    ToolVerdict verdict;
    std::string_view rest = result.output;
    while (!rest.empty()) {
        const std::string_view line = trimmed(next(rest, '\n'));
        if (is_noise(line)) continue;
        if (line.find("can't create transaction lock") != std::string_view::npos ||
            line.find("cannot obtain lock") != std::string_view::npos)
            verdict.lock_was_held = true;
        const bool scriptlet = line.find("scriptlet failed") != std::string_view::npos ||
                               line.find("lua script failed") != std::string_view::npos;
        if (scriptlet) verdict.failed_scriptlets.emplace_back(line);
        const bool speaks = line.starts_with("error:") || line.find(" is needed by ") != std::string_view::npos ||
                            line.find(" conflicts with ") != std::string_view::npos ||
                            line.find("is already installed") != std::string_view::npos ||
                            line.find(" needs ") != std::string_view::npos ||
                            line.find("does not verify") != std::string_view::npos;
        if (speaks && result.exit_code != 0 && verdict.reason.size() < 2000)
            verdict.reason += (verdict.reason.empty() ? "" : " / ") + std::string(line);
    }
    if (result.exit_code == 0) verdict.lock_was_held = false;
    return verdict;
}

std::vector<std::string> parse_rpm_problems(std::string_view text, const std::vector<std::string>& absent) {
    std::vector<std::string> problems;
    while (!text.empty()) {
        const std::string_view line = trimmed(next(text, '\n'));
        if (line.empty() || is_noise(line) || line == "error: Failed dependencies:" || line.starts_with("Preparing") ||
            line.starts_with("Verifying") || line.starts_with("warning:"))
            continue;
        // Who needs something counts there, not what is needed.
        constexpr std::string_view needed = " is needed by ";
        const std::size_t needer = line.find(needed);
        if (!is_about(needer == std::string_view::npos ? line : line.substr(needer + needed.size() - 1), absent))
            problems.emplace_back(line);
    }
    return problems;
}

std::vector<std::string> names_in_version_locks(std::string_view content, const std::vector<std::string>& names) {
    std::vector<std::string> found;
    while (!content.empty()) {
        std::string_view line = trimmed(next(content, '\n'));
        if (line.empty() || line[0] == '#' || line[0] == '!') continue;
        // "solvable_name: x" of zypper, "name = "x"" of dnf 5, "exclude=a b" of yum
        for (const std::string_view key : {"solvable_name:", "name =", "name=", "excludepkgs=", "exclude="})
            if (line.starts_with(key)) {
                line = trimmed(line.substr(key.size()));
                break;
            }
        while (!line.empty()) {
            std::string_view word = line.substr(0, line.find_first_of(" ,\t"));
            line.remove_prefix(std::min(word.size() + 1, line.size()));
            while (word.starts_with('"') || word.starts_with('\''))
                word.remove_prefix(1);
            while (word.ends_with('"') || word.ends_with('\''))
                word.remove_suffix(1);
            for (const std::string& name : names)
                if (lock_names(word, name) && std::find(found.begin(), found.end(), name) == found.end())
                    found.push_back(name);
        }
    }
    return found;
}

} // namespace autodeploy
