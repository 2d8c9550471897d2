#include "installer/repository/safe_name.h"

#include "platform/digest.h"

#include <algorithm>
#include <array>

namespace autodeploy {

namespace {

constexpr std::size_t longest_name = 200;

bool is_windows_device(std::string_view text) {
    static constexpr std::array<std::string_view, 4> devices{"con", "prn", "aux", "nul"};
    const std::string_view stem = text.substr(0, text.find('.'));
    if (std::find(devices.begin(), devices.end(), stem) != devices.end()) return true;
    return stem.size() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")) && stem[3] >= '0' && stem[3] <= '9';
}

} // namespace

std::string safe_file_name(std::string_view text) {
    static constexpr std::string_view bare = "abcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string name;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool dot_inside = c == '.' && i > 0 && i + 1 < text.size();
        if ((bare.find(c) != std::string_view::npos || dot_inside) && !(i == 0 && is_windows_device(text))) {
            name += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            name += '%';
            name += "0123456789ABCDEF"[byte >> 4];
            name += "0123456789ABCDEF"[byte & 15];
        }
    }
    // After '%' no escape has an 'l' or a 'z': these names are nobody else's.
    if (name.empty()) return "%zero";
    if (name.size() > longest_name) return "%long-" + sha256_hex(text);
    return name;
}

bool is_safe_target_path(std::string_view path) {
    while (true) {
        const std::string_view part = path.substr(0, path.find('/'));
        if (part.empty() || part == "." || part == "..") return false;
        if (std::any_of(part.begin(), part.end(), [](char c) {
                return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '\\' || c == ':';
            }))
            return false;
        if (part.size() == path.size()) return true;
        path.remove_prefix(part.size() + 1);
    }
}

} // namespace autodeploy
