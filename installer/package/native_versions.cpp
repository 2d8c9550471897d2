#include "installer/package/native_versions.h"

#include <algorithm>
#include <cstddef>

namespace autodeploy {

int compare_native_versions(const std::string& a, const std::string& b) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto take = [](const std::string& text, std::size_t& at, const auto& belongs) {
        const std::size_t start = at;
        while (at < text.size() && belongs(text[at]))
            ++at;
        return text.substr(start, at - start);
    };
    const auto skip_separators = [&](const std::string& text, std::size_t& at) {
        while (at < text.size() && !is_digit(text[at]) && !is_letter(text[at]))
            ++at;
    };
    std::size_t i = 0;
    std::size_t k = 0;
    while (true) {
        skip_separators(a, i);
        skip_separators(b, k);
        if (i == a.size() || k == b.size()) return i < a.size() ? 1 : k < b.size() ? -1 : 0;
        const bool numbers = is_digit(a[i]);
        // A number is newer than a word, as in rpm.
        if (numbers != is_digit(b[k])) return numbers ? 1 : -1;
        std::string left = numbers ? take(a, i, is_digit) : take(a, i, is_letter);
        std::string right = numbers ? take(b, k, is_digit) : take(b, k, is_letter);
        if (numbers) {
            left.erase(0, std::min(left.find_first_not_of('0'), left.size()));
            right.erase(0, std::min(right.find_first_not_of('0'), right.size()));
            if (left.size() != right.size()) return left.size() < right.size() ? -1 : 1;
        }
        if (const int order = left.compare(right); order != 0) return order < 0 ? -1 : 1;
    }
}

} // namespace autodeploy
