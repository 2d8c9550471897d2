#include "installer/repository/http_range.h"

#include "platform/error.h"

#include <algorithm>
#include <array>

namespace autodeploy {
namespace {

[[noreturn]] void refuse(const std::string& reason) {
    throw Error("transport_failed", "cannot use the server's answer: " + reason, Retry::later);
}

/// "bytes 5-9/10", "bytes 5-9/*"
struct ContentRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::optional<std::uint64_t> total;
};

ContentRange parse_content_range(const std::string& text) {
    const auto malformed = [&]() { refuse("its Content-Range is \"" + text + "\""); };
    if (!text.starts_with("bytes ")) malformed();
    const std::string_view range = std::string_view(text).substr(6);
    const std::size_t dash = range.find('-');
    const std::size_t slash = range.find('/');
    if (dash == std::string_view::npos || slash == std::string_view::npos || dash > slash) malformed();
    const auto first = http_number(range.substr(0, dash));
    const auto last = http_number(range.substr(dash + 1, slash - dash - 1));
    const auto total = http_number(range.substr(slash + 1));
    if (!first || !last || (!total && range.substr(slash + 1) != "*")) malformed();
    if (*last < *first || (total && *last >= *total)) malformed();
    return {*first, *last, total};
}

/// Days since 1970 of a date of the Gregorian calendar (after Howard Hinnant).
std::int64_t days_from_civil(std::int64_t year, std::int64_t month, std::int64_t day) {
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = year / 400;
    const std::int64_t of_era = year - era * 400;
    const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/// "Sun, 06 Nov 1994 08:49:37 GMT", the one form that servers may send today.
std::optional<UnixTime> parse_http_date(std::string_view text) {
    static const std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (text.size() != 29 || text.substr(25) != " GMT" || text[3] != ',' || text[4] != ' ' || text[7] != ' ' ||
        text[11] != ' ' || text[16] != ' ' || text[19] != ':' || text[22] != ':')
        return std::nullopt;
    const auto month = std::find(months.begin(), months.end(), text.substr(8, 3));
    const auto day = http_number(text.substr(5, 2));
    const auto year = http_number(text.substr(12, 4));
    const auto hour = http_number(text.substr(17, 2));
    const auto minute = http_number(text.substr(20, 2));
    const auto second = http_number(text.substr(23, 2));
    if (month == months.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
    const std::int64_t days = days_from_civil(std::int64_t(*year), month - months.begin() + 1, std::int64_t(*day));
    return days * 86400 + std::int64_t(*hour * 3600 + *minute * 60 + *second);
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    return text;
}

} // namespace

HttpMeaning http_meaning(int status) {
    switch (status) {
    case 200:
    case 206:
        return HttpMeaning::body;
    case 403:
    case 404:
    case 410:
        return HttpMeaning::missing;
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
        return HttpMeaning::redirect;
    case 408:
    case 425:
    case 429:
        return HttpMeaning::busy;
    case 412:
    case 416:
        return HttpMeaning::stale_part;
    default:
        return status >= 500 ? HttpMeaning::busy : HttpMeaning::refused;
    }
}

HttpBody http_body(const HttpHead& head, const HttpRange& asked) {
    HttpBody body;
    body.validator = http_validator(head);
    if (const auto encoding = head.field("content-encoding"); encoding && lower(*encoding) != "identity")
        refuse("it is encoded as \"" + *encoding + "\", which was not asked for");
    const auto transfer = head.field("transfer-encoding");
    const auto length = head.field("content-length");
    if (transfer && lower(*transfer) != "chunked") refuse("it is transferred as \"" + *transfer + "\"");
    if (transfer && length) refuse("it has both a Content-Length and a Transfer-Encoding");
    body.chunked = transfer.has_value();
    if (length) {
        body.length = http_number(*length);
        if (!body.length) refuse("its Content-Length is \"" + *length + "\"");
    }
    if (head.status == 200) {
        body.total = body.length;
        return body;
    }

    const auto range = head.field("content-range");
    if (!range) refuse("it is a part of the file (status 206) and does not say which");
    const ContentRange part = parse_content_range(*range);
    if (asked.offset == 0 && asked.validator.empty()) refuse("it is a part of the file, and the whole was asked for");
    if (part.first != asked.offset)
        refuse("it begins at byte " + std::to_string(part.first) + ", and " + std::to_string(asked.offset) +
               " was asked for");
    const std::uint64_t size = part.last - part.first + 1;
    if (body.length && *body.length != size)
        refuse("its length is " + std::to_string(*body.length) + ", but its range has " + std::to_string(size) +
               " bytes");
    body.offset = part.first;
    body.length = size;
    body.total = part.total;
    body.other_version = !asked.validator.empty() && body.validator != asked.validator && !body.validator.empty();
    return body;
}

std::string http_validator(const HttpHead& head) {
    // A weak ETag ("W/…") does not promise the same bytes.
    if (const auto etag = head.field("etag"); etag && etag->starts_with('"') && is_http_validator(*etag)) return *etag;
    if (const auto modified = head.field("last-modified");
        modified && is_http_validator(*modified) && parse_http_date(*modified))
        return *modified;
    return "";
}

bool is_http_validator(std::string_view text) {
    return !text.empty() && text.size() <= 256 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

std::optional<Seconds> http_retry_after(const HttpHead& head, UnixTime now) {
    const auto text = head.field("retry-after");
    if (!text) return std::nullopt;
    if (const auto seconds = http_number(*text)) return Seconds(std::min<std::uint64_t>(*seconds, 31 * 86400));
    if (const auto date = parse_http_date(*text)) return Seconds(std::clamp<std::int64_t>(*date - now, 0, 31 * 86400));
    return std::nullopt;
}

} // namespace autodeploy
