#pragma once

#include <algorithm>
#include <string_view>

namespace autodeploy {

/// Names of files, services and accounts are the same whatever the case of their ASCII letters, and "/" is "\".
inline char folded(char c) {
    if (c == '/') return '\\';
    return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
}

inline bool same_folded(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return folded(x) == folded(y); });
}

} // namespace autodeploy
