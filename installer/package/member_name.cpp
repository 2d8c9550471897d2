#include "installer/package/member_name.h"

#include "installer/package/manifest.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace autodeploy {

namespace {

constexpr std::size_t longest_path = 1024;
constexpr std::size_t longest_name = 200;
constexpr int deepest = 32;

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u; };
        const unsigned first = byte(i);
        const std::size_t length = first < 0x80                     ? 1
                                   : first >= 0xC2 && first < 0xE0  ? 2
                                   : first >= 0xE0 && first < 0xF0  ? 3
                                   : first >= 0xF0 && first <= 0xF4 ? 4
                                                                    : 0;
        if (length == 0) return false;
        for (std::size_t k = 1; k < length; ++k)
            if ((byte(i + k) & 0xC0) != 0x80) return false;
        const unsigned second = byte(i + 1);
        if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) || (first == 0xF0 && second < 0x90) ||
            (first == 0xF4 && second > 0x8F))
            return false;
        i += length;
    }
    return true;
}

/// ASCII only. Two names that differ by the case of another letter would end in one file on some systems; its hash then
/// tells.
std::string folded(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c + ('a' - 'A')) : c; });
    return text;
}

/// "con", "con.txt", "COM¹": Windows means a device, whatever the directory.
bool is_reserved(std::string_view name) {
    std::string stem = folded(std::string(name.substr(0, name.find('.'))));
    while (!stem.empty() && stem.back() == ' ')
        stem.pop_back();
    static constexpr std::array<std::string_view, 6> devices{"con", "prn", "aux", "nul", "conin$", "conout$"};
    if (std::find(devices.begin(), devices.end(), stem) != devices.end()) return true;
    if (!stem.starts_with("com") && !stem.starts_with("lpt")) return false;
    const std::string number = stem.substr(3);
    return (number.size() == 1 && number[0] >= '0' && number[0] <= '9') || number == "\xC2\xB9" ||
           number == "\xC2\xB2" || number == "\xC2\xB3";
}

std::optional<std::string> unsafe_component(std::string_view name) {
    if (name.empty()) return "it has an empty name between slashes";
    if (name == ".") return "it has \".\" as a name";
    if (name == "..") return "it leads out by \"..\"";
    if (name.size() > longest_name) return "it has a name of more than 200 bytes";
    if (name.back() == ' ' || name.back() == '.') return "it has a name that ends with a blank or a dot";
    if (name.front() == ' ') return "it has a name that begins with a blank";
    if (is_reserved(name)) return "it has the name of a device of Windows, \"" + std::string(name) + "\"";
    return std::nullopt;
}

} // namespace

std::optional<std::string> unsafe_member_name(const std::string& path) {
    if (path.empty()) return "it has no name";
    if (path.size() > longest_path) return "its name is longer than 1024 bytes";
    if (!is_utf8(path)) return "its name is not UTF-8";
    for (const char c : path) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "its name holds a control character";
        if (c == '\\') return "its name holds a backslash";
        if (c == ':') return "its name holds a colon (a drive, or a stream of a file)";
        if (c == '<' || c == '>' || c == '"' || c == '|' || c == '?' || c == '*')
            return std::string("its name holds '") + c + "', which no file of Windows can have";
    }
    if (path.front() == '/') return "its name is absolute";
    int depth = 0;
    for (std::size_t start = 0; start <= path.size();) {
        const std::size_t slash = std::min(path.find('/', start), path.size());
        if (++depth > deepest) return "it lies more than 32 directories deep";
        if (const auto fault = unsafe_component(std::string_view(path).substr(start, slash - start))) return fault;
        start = slash + 1;
    }
    return std::nullopt;
}

std::optional<std::string> MemberNames::add(const std::string& path, Kind kind) {
    for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
        if (const auto fault = add_one(path.substr(0, slash), Kind::implied)) return fault;
    return add_one(path, kind);
}

std::optional<std::string> MemberNames::add_one(const std::string& path, Kind kind) {
    const auto [place, is_new] = seen_.emplace(folded(path), Seen{path, kind});
    if (is_new) return std::nullopt;
    Seen& other = place->second;
    if (other.path != path) return "it differs from \"" + other.path + "\" by letter case only";
    if ((other.kind == Kind::file) != (kind == Kind::file)) return "\"" + path + "\" is a file and a directory at once";
    if (kind != Kind::implied && other.kind != Kind::implied) return "\"" + path + "\" stands twice";
    if (kind == Kind::directory) other.kind = kind;
    return std::nullopt;
}

std::optional<std::string> MemberNames::add_file(const std::string& path) {
    return add(path, Kind::file);
}

std::optional<std::string> MemberNames::add_directory(const std::string& path) {
    return add(path, Kind::directory);
}

} // namespace autodeploy
