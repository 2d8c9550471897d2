// Covers installer/repository/http_head.cpp
// Covers installer/repository/http_range.cpp
// Covers installer/repository/http_chunks.cpp
// Covers installer/repository/http_url.cpp
#include "installer/repository/http_chunks.h"
#include "installer/repository/http_range.h"
#include "installer/repository/http_url.h"
#include "platform/error.h"
#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <optional>

using namespace autodeploy;

namespace {

/// The body, or nothing if it is malformed; piece: bytes that arrive at once.
std::optional<std::string> dechunk(std::string_view text, std::size_t piece, bool& ended) {
    HttpChunks chunks;
    std::string body;
    try {
        while (!text.empty() && !chunks.ended()) {
            std::string_view received = text.substr(0, piece);
            text.remove_prefix(received.size());
            while (!received.empty() && !chunks.ended()) {
                const std::size_t before = received.size();
                const std::string_view taken = chunks.take(received);
                fuzz::require(taken.size() <= before && (!taken.empty() || received.empty() || chunks.ended()));
                body += taken;
            }
        }
    } catch (const Error&) {
        return std::nullopt;
    }
    ended = chunks.ended();
    return body;
}

void check_address(std::string_view text) {
    try {
        const HttpUrl url = parse_http_url(text);
        fuzz::require(!url.host.empty() && url.port != 0);
        HttpUrl shown = url;
        shown.user.clear();
        fuzz::require(parse_http_url(url.text()) == shown);
    } catch (const Error& error) {
        fuzz::require(error.cause() == "settings_invalid");
    }
    const HttpUrl from{true, "host", 8443, "/a", ""};
    try {
        const HttpUrl to = redirected(from, text);
        fuzz::require(to.tls && to.host == from.host && to.port == from.port && to.user.empty());
        fuzz::require(std::none_of(to.path.begin(), to.path.end(), [](char c) { return c <= ' ' || c >= 0x7f; }));
    } catch (const Error& error) {
        fuzz::require(error.cause() == "transport_refused");
    }
}

void check_body(const HttpHead& head, const HttpRange& asked) {
    const HttpBody body = http_body(head, asked);
    fuzz::require(body.offset == 0 || body.offset == asked.offset);
    fuzz::require(!body.total || (body.length && *body.length <= *body.total - body.offset));
    fuzz::require(head.status != 206 || (body.length && *body.length > 0 && *body.length < (std::uint64_t(1) << 62)));
    fuzz::require(head.status == 206 || body.offset == 0);
    fuzz::require(body.validator.empty() || is_http_validator(body.validator));
}

} // namespace

/// A line with the offset that was asked for, one with the validator, then an answer: its head and a body in chunks.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text = fuzz::text_of(data, size);
    HttpRange asked;
    const std::size_t first = std::min(text.find('\n'), text.size());
    asked.offset = http_number(text.substr(0, first)).value_or(0);
    text.remove_prefix(std::min(first + 1, text.size()));
    const std::size_t second = std::min(text.find('\n'), text.size());
    asked.validator = text.substr(0, second);
    text.remove_prefix(std::min(second + 1, text.size()));
    try {
        const std::size_t head_size = http_head_size(text);
        fuzz::require(head_size <= text.size());
        if (head_size == 0) return 0;
        const HttpHead head = parse_http_head(text.substr(0, head_size));
        fuzz::require(head.status >= 100 && head.status <= 599);
        check_address(head.field("location").value_or(""));
        const auto wait = http_retry_after(head, 784111777);
        fuzz::require(!wait || (*wait >= Seconds(0) && *wait <= Seconds(31 * 86400)));

        bool ended = false;
        bool ended_in_bytes = false;
        const auto whole = dechunk(text.substr(head_size), std::string_view::npos, ended);
        const auto in_bytes = dechunk(text.substr(head_size), 1, ended_in_bytes);
        fuzz::require(whole == in_bytes && ended == ended_in_bytes);
        if (http_meaning(head.status) == HttpMeaning::body) check_body(head, asked);
    } catch (const Error& error) {
        fuzz::require(error.cause() == "transport_failed" && error.retry_makes_sense());
    }
    return 0;
}
