#include "agent/window.h"

#include "platform/digest.h"
#include "platform/error.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <utility>

namespace autodeploy {

namespace {

constexpr UnixTime day_seconds = 86400;
constexpr int days_ahead = 15;
constexpr std::array<std::string_view, 7> day_names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

[[noreturn]] void refuse(std::string_view rule, const std::string& why) {
    throw Error("settings_invalid", "cannot use the maintenance window \"" + std::string(rule) + "\": " + why +
                                        "; write it like \"mon-fri 20:00-04:00\", \"sat,sun 00:00-24:00\" or "
                                        "\"daily 22:00-05:00\"");
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

std::size_t day_of(std::string_view name, std::string_view rule) {
    const auto* const found = std::find(day_names.begin(), day_names.end(), name);
    if (found == day_names.end()) refuse(rule, "\"" + std::string(name) + "\" is no day (mon tue wed thu fri sat sun)");
    return std::size_t(found - day_names.begin());
}

unsigned days_of(std::string_view days, std::string_view rule) {
    if (days == "daily") return 0x7f;
    unsigned mask = 0;
    for (std::size_t begin = 0; begin <= days.size();) {
        const std::size_t end = std::min(days.find(',', begin), days.size());
        const std::string_view part = days.substr(begin, end - begin);
        const std::size_t dash = part.find('-');
        std::size_t day = day_of(part.substr(0, dash), rule);
        const std::size_t last = dash == std::string_view::npos ? day : day_of(part.substr(dash + 1), rule);
        for (;; day = (day + 1) % 7) {
            mask |= 1U << day;
            if (day == last) break;
        }
        begin = end + 1;
    }
    return mask;
}

/// "HH:MM" in minutes; 24:00 is the end of a day.
int minutes_of(std::string_view time, std::string_view rule) {
    const auto digit = [&](std::size_t at) { return time[at] >= '0' && time[at] <= '9'; };
    if (time.size() != 5 || time[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4))
        refuse(rule, "\"" + std::string(time) + "\" is no time (HH:MM)");
    const int hours = (time[0] - '0') * 10 + time[1] - '0';
    const int minutes = (time[3] - '0') * 10 + time[4] - '0';
    if (minutes > 59 || hours > 24 || (hours == 24 && minutes > 0))
        refuse(rule, "\"" + std::string(time) + "\" is no time of a day");
    return hours * 60 + minutes;
}

std::string time_text(int minutes) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%02d:%02d", minutes / 60, minutes % 60);
    return text.data();
}

/// 0 is Monday; 1970 began on a Thursday.
int weekday(UnixTime local_day) {
    return int(((local_day + 3) % 7 + 7) % 7);
}

} // namespace

WindowRule parse_window_rule(std::string_view text) {
    const std::string rule = lower(text);
    const std::size_t blank = rule.find(' ');
    const std::size_t times = rule.find_first_not_of(' ', blank);
    if (blank == std::string::npos || blank == 0 || times == std::string::npos)
        refuse(text, "days or times are missing");
    const std::string_view span = std::string_view(rule).substr(times);
    const std::size_t dash = span.find('-');
    if (dash == std::string_view::npos) refuse(text, "it has no end");
    WindowRule result;
    result.days = days_of(std::string_view(rule).substr(0, blank), text);
    result.from = minutes_of(span.substr(0, dash), text);
    result.to = minutes_of(span.substr(dash + 1), text);
    if (result.from == 1440) refuse(text, "24:00 cannot be a beginning; write 00:00 of the next day");
    if (result.to == 0) result.to = 1440;
    if (result.from == result.to) refuse(text, "it is empty; a whole day is 00:00-24:00");
    return result;
}

std::string text(const WindowRule& rule) {
    std::string days;
    if ((rule.days & 0x7f) == 0x7f) days = "daily";
    for (std::size_t day = 0; day < 7 && days != "daily"; ++day) {
        if (!(rule.days >> day & 1)) continue;
        std::size_t last = day;
        while (last + 1 < 7 && (rule.days >> (last + 1) & 1))
            ++last;
        days += (days.empty() ? "" : ",") + std::string(day_names[day]);
        if (last > day) days += (last == day + 1 ? "," : "-") + std::string(day_names[last]);
        day = last;
    }
    return days + " " + time_text(rule.from) + "-" + time_text(rule.to);
}

std::string text(const MaintenanceWindow& window) {
    std::string all;
    for (const WindowRule& rule : window.rules)
        all += (all.empty() ? "" : ", ") + text(rule);
    return all.empty() ? "any" : all;
}

std::optional<Opening> opening_at_or_after(const MaintenanceWindow& window, UnixTime now, const LocalOffset& offset) {
    if (window.rules.empty()) return Opening{now - day_seconds, now + days_ahead * day_seconds};
    std::vector<Opening> openings;
    const UnixTime today = (now + offset(now).count()) / day_seconds;
    for (UnixTime day = today - 3; day <= today + days_ahead + 1; ++day)
        for (const WindowRule& rule : window.rules) {
            if (!(rule.days >> weekday(day) & 1)) continue;
            const UnixTime last = rule.to > rule.from ? day : day + 1;
            const Opening opening{utc_of_local(day * day_seconds + rule.from * 60, WhenTwice::first, offset),
                                  utc_of_local(last * day_seconds + rule.to * 60, WhenTwice::second, offset)};
            if (opening.from < opening.to) openings.push_back(opening);
        }
    std::sort(openings.begin(), openings.end(), [](const Opening& a, const Opening& b) { return a.from < b.from; });
    std::optional<Opening> current;
    for (const Opening& opening : openings) {
        if (current && opening.from <= current->to) {
            current->to = std::max(current->to, opening.to);
            continue;
        }
        if (current && current->to > now) break;
        current = opening;
    }
    if (!current || current->to <= now || current->from > now + days_ahead * day_seconds) return std::nullopt;
    return current;
}

bool is_open(const MaintenanceWindow& window, UnixTime now, const LocalOffset& offset) {
    const auto opening = opening_at_or_after(window, now, offset);
    return opening && opening->from <= now;
}

Seconds stable_jitter(std::string_view node_name, Seconds longest) {
    if (longest.count() <= 0) return Seconds(0);
    const std::string digest = sha256_hex("jitter " + lower(node_name));
    std::uint64_t number = 0;
    for (const char c : digest.substr(0, 15))
        number = number * 16 + std::uint64_t(c <= '9' ? c - '0' : c - 'a' + 10);
    return Seconds(std::int64_t(number % (std::uint64_t(longest.count()) + 1)));
}

} // namespace autodeploy
