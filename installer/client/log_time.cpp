#include "installer/client/log_time.h"

#include "installer/client/ascii.h"

#include <array>
#include <cstddef>

namespace autodeploy {

namespace {

constexpr std::int64_t day = 24 * 60 * 60;

/// A number in front of the text, with its count of digits.
struct Number {
    std::int64_t value = 0;
    std::size_t digits = 0;
};

Number take_number(std::string_view& text) {
    Number number;
    while (number.digits < text.size() && number.digits < 4 && text[number.digits] >= '0' && text[number.digits] <= '9')
        number.value = number.value * 10 + (text[number.digits++] - '0');
    text.remove_prefix(number.digits);
    return number;
}

std::optional<std::array<Number, 3>> take_three(std::string_view& text, std::string_view separators) {
    std::array<Number, 3> numbers;
    for (std::size_t i = 0; i < 3; ++i) {
        if (i > 0) {
            if (text.empty() || separators.find(text.front()) == std::string_view::npos) return std::nullopt;
            text.remove_prefix(1);
        }
        numbers[i] = take_number(text);
        if (numbers[i].digits == 0) return std::nullopt;
    }
    return numbers;
}

/// Days since 1970 of a date in the Gregorian calendar.
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day_of_month) {
    const std::int64_t shifted = month <= 2 ? year - 1 : year;
    const std::int64_t era = shifted / 400;
    const std::int64_t year_of_era = shifted - era * 400;
    const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day_of_month - 1;
    const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

std::optional<std::int64_t> take_date(std::string_view& text, bool day_first) {
    const std::optional<std::array<Number, 3>> parts = take_three(text, "/.-");
    if (!parts) return std::nullopt;
    const auto [a, b, c] = *parts;
    std::int64_t year = 0;
    std::int64_t month = 0;
    std::int64_t day_of_month = 0;
    if (a.digits == 4) {
        year = a.value, month = b.value, day_of_month = c.value;
    } else if (day_first) {
        day_of_month = a.value, month = b.value, year = c.value;
    } else {
        month = a.value, day_of_month = b.value, year = c.value;
    }
    if (a.digits != 4 && c.digits == 2) year += 2000;
    if (year < 1970 || year > 9999 || month < 1 || month > 12 || day_of_month < 1 || day_of_month > 31)
        return std::nullopt;
    return days_of(year, month, day_of_month);
}

/// 'A' or 'P' with or without a following 'M' and dots.
char take_half(std::string_view& text) {
    text = without_blanks(text);
    if (text.empty()) return 0;
    const char half = lower_case(text.front());
    const bool letter_follows = text.size() > 1 && lower_case(text[1]) != 'm' && text[1] != '.' && !is_blank(text[1]);
    if ((half != 'a' && half != 'p') || letter_follows) return 0;
    text.remove_prefix(1);
    while (!text.empty() && (lower_case(text.front()) == 'm' || text.front() == '.'))
        text.remove_prefix(1);
    return half;
}

std::optional<std::int64_t> take_time(std::string_view text) {
    char half = take_half(text);
    text = without_blanks(text);
    const std::optional<std::array<Number, 3>> parts = take_three(text, ":.,");
    if (!parts) return std::nullopt;
    if (half == 0) half = take_half(text);
    std::int64_t hour = (*parts)[0].value;
    const std::int64_t minute = (*parts)[1].value;
    const std::int64_t second = (*parts)[2].value;
    if (half != 0) hour = hour % 12 + (half == 'p' ? 12 : 0);
    if (hour > 23 || minute > 59 || second > 60) return std::nullopt;
    return (hour * 60 + minute) * 60 + second;
}

} // namespace

std::optional<std::int64_t> log_line_time(std::string_view line, bool day_first) {
    line = without_blanks(line);
    // 22.11.2026 and 22-11-2026 are never written with the month first.
    const std::size_t separator = line.find_first_of("/.-");
    const bool only_day_first = separator != std::string_view::npos && line[separator] != '/';
    const std::optional<std::int64_t> date = take_date(line, day_first || only_day_first);
    if (!date || line.empty()) return std::nullopt;
    if (!is_blank(line.front()) && line.front() != ',' && line.front() != '.' && line.front() != 'T')
        return std::nullopt;
    line.remove_prefix(1);
    const std::optional<std::int64_t> time = take_time(line);
    if (!time) return std::nullopt;
    return *date * day + *time;
}

} // namespace autodeploy
