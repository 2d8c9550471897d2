#pragma once

#include <string>

namespace autodeploy {

/// As Windows' functions take and give texts; what is not Unicode becomes U+FFFD.
std::wstring wide(const std::string& text);
std::string narrow(const std::wstring& units);

/// As Windows compares names of files, keys and services: without regard to case, by its own table.
bool is_same_name(const std::wstring& a, const std::wstring& b);
bool is_same_name(const std::string& a, const std::string& b);

/// The path for a call that opens it: full, with "\" only, and with the prefix that lifts the limit of 260 characters
/// and keeps names such as "nul" or "x." what they are. "." and ".." are resolved as texts.
std::wstring long_path(const std::string& path);

} // namespace autodeploy
