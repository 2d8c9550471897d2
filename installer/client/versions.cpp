#include "installer/client/versions.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace autodeploy {

namespace {

constexpr int highest_part = 9999;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Takes a number off the front of the text.
std::optional<int> take_number(std::string_view& text) {
    int value = 0;
    std::size_t digits = 0;
    while (digits < text.size() && is_digit(text[digits])) {
        value = value * 10 + (text[digits] - '0');
        if (value > highest_part) return std::nullopt;
        ++digits;
    }
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
    return value;
}

/// Four numbers with these separators between them; the rest stays in text.
std::optional<ClientVersion> take_version(std::string_view& text, std::string_view last_separators) {
    std::array<int, 4> parts{};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) {
            const std::string_view separators = i == 3 ? last_separators : ".";
            if (text.empty() || separators.find(text.front()) == std::string_view::npos) return std::nullopt;
            text.remove_prefix(1);
        }
        const std::optional<int> number = take_number(text);
        if (!number) return std::nullopt;
        parts[i] = *number;
    }
    return ClientVersion{parts[0], parts[1], parts[2], parts[3]};
}

/// The four numbers of "… 8, … 1, … 27.0" whatever words stand between them.
std::optional<ClientVersion> banner_numbers(std::string_view line) {
    std::array<int, 4> parts{};
    std::size_t found = 0;
    while (!line.empty() && found < parts.size()) {
        if (!is_digit(line.front())) {
            line.remove_prefix(1);
            continue;
        }
        const std::optional<int> number = take_number(line);
        if (!number) return std::nullopt;
        parts[found++] = *number;
        const bool comma_follows = !line.empty() && line.front() == ',';
        const bool dot_follows = line.size() > 1 && line[0] == '.' && is_digit(line[1]);
        if (found <= 2 && !comma_follows) return std::nullopt;
        if (found == 3 && !dot_follows) return std::nullopt;
    }
    constexpr int highest_release = 99; // years are no versions
    if (found < parts.size() || parts[0] > highest_release || parts[1] > highest_release) return std::nullopt;
    return ClientVersion{parts[0], parts[1], parts[2], parts[3]};
}

/// Banner lines in their order: the client's comes first, a server's only behind it.
std::optional<ClientVersion> banner_line(std::string_view output, std::size_t wanted) {
    std::size_t seen = 0;
    while (!output.empty()) {
        const std::size_t end = std::min(output.find('\n'), output.size());
        const std::optional<ClientVersion> version = banner_numbers(output.substr(0, end));
        if (version && seen++ == wanted) return version;
        output.remove_prefix(std::min(end + 1, output.size()));
    }
    return std::nullopt;
}

} // namespace

std::string text(const ClientVersion& version) {
    return std::to_string(version.version) + "." + std::to_string(version.release) + "." +
           std::to_string(version.modification) + "." + std::to_string(version.fix);
}

std::optional<ClientVersion> parse_client_version(std::string_view text) {
    const std::optional<ClientVersion> version = take_version(text, ".");
    return text.empty() ? version : std::nullopt;
}

std::optional<ClientVersion> parse_package_version(std::string_view text) {
    if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
        if (colon == 0 || !std::all_of(text.begin(), text.begin() + std::ptrdiff_t(colon), is_digit))
            return std::nullopt;
        text.remove_prefix(colon + 1);
    }
    const std::optional<ClientVersion> version = take_version(text, ".-");
    return text.empty() ? version : std::nullopt;
}

std::optional<ClientVersion> parse_client_banner(std::string_view output) {
    return banner_line(output, 0);
}

std::optional<ClientVersion> parse_server_banner(std::string_view output) {
    return banner_line(output, 1);
}

std::optional<ClientVersion> parse_file_name_version(std::string_view name) {
    const std::size_t slash = name.find_last_of("/\\");
    if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
    const std::optional<ClientVersion> version = take_version(name, ".");
    return name.starts_with('-') ? version : std::nullopt;
}

} // namespace autodeploy
