#include "platform/windows/native/wide.h"

#include "platform/windows/full_path.h"
#include "platform/windows/utf16.h"

#include <windows.h>

#include <cstring>

namespace autodeploy {

std::wstring wide(const std::string& text) {
    const std::string bytes = utf16_of_utf8(text);
    std::wstring units(bytes.size() / 2, L'\0');
    std::memcpy(units.data(), bytes.data(), bytes.size());
    return units;
}

std::string narrow(const std::wstring& units) {
    return utf8_of_utf16({reinterpret_cast<const char*>(units.data()), units.size() * 2});
}

bool is_same_name(const std::wstring& a, const std::wstring& b) {
    return ::CompareStringOrdinal(a.c_str(), -1, b.c_str(), -1, TRUE) == CSTR_EQUAL;
}

bool is_same_name(const std::string& a, const std::string& b) {
    return is_same_name(wide(a), wide(b));
}

std::wstring long_path(const std::string& path) {
    return wide(kernel_path(path));
}

} // namespace autodeploy
