#include "platform/prerequisite.h"

#include <array>
#include <charconv>
#include <cstdint>

namespace autodeploy {

namespace {

using Numbers = std::array<std::uint32_t, 4>;

std::optional<Numbers> numbers_of(std::string_view version) {
    Numbers numbers{};
    const char* at = version.data();
    const char* const end = at + version.size();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const auto [next, error] = std::from_chars(at, end, numbers[i]);
        if (error != std::errc{}) return std::nullopt;
        if (next == end) return numbers;
        if (*next != '.') return std::nullopt;
        at = next + 1;
    }
    return std::nullopt;
}

} // namespace

bool is_dotted_version(std::string_view version) {
    return numbers_of(version).has_value();
}

PrerequisiteNeed need_of(const std::string& wanted, const std::optional<std::string>& installed) {
    if (!installed) return PrerequisiteNeed::missing;
    std::string_view there = *installed;
    if (there.starts_with('v')) there.remove_prefix(1);
    const std::optional<Numbers> now = numbers_of(there);
    const std::optional<Numbers> then = numbers_of(wanted);
    if (!now || !then) return PrerequisiteNeed::unknown;
    return *now < *then ? PrerequisiteNeed::older : PrerequisiteNeed::met;
}

} // namespace autodeploy
