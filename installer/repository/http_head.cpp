#include "installer/repository/http_head.h"

#include "platform/error.h"

#include <algorithm>
#include <array>

namespace autodeploy {
namespace {

[[noreturn]] void refuse(const std::string& reason) {
    throw Error("transport_failed", "cannot read the server's answer: " + reason, Retry::later);
}

bool is_control(char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
}

bool is_name(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    };
    return !name.empty() && std::all_of(name.begin(), name.end(), fits);
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

/// Takes the next line off text, without its end.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

void read_status_line(std::string_view line, HttpHead& head) {
    if (!line.starts_with("HTTP/1.") || line.size() < 12 || (line[7] != '0' && line[7] != '1') || line[8] != ' ' ||
        (line.size() > 12 && line[12] != ' '))
        refuse("it does not begin as HTTP/1.1 does");
    const auto status = http_number(line.substr(9, 3));
    if (!status || *status < 100 || *status > 599) refuse("its status is no number from 100 to 599");
    head.status = int(*status);
    head.persistent = line[7] == '1';
}

void read_field(std::string_view line, HttpHead& head) {
    // Two of these that differ let two readers see two bodies.
    static const std::array<std::string_view, 6> single{"content-length",   "content-range", "transfer-encoding",
                                                        "content-encoding", "location",      "etag"};
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) refuse("a line of its head has no colon");
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(), lower);
    if (!is_name(name)) refuse("a field of its head has no proper name");
    const std::string_view value = trimmed(line.substr(colon + 1));
    const auto [at, is_new] = head.fields.emplace(name, value);
    if (is_new || at->second == value) return;
    if (std::find(single.begin(), single.end(), name) != single.end())
        refuse("it says " + name + " twice and not the same");
    at->second += ", " + std::string(value);
}

bool closes(std::string_view connection) {
    std::string text(connection);
    std::transform(text.begin(), text.end(), text.begin(), lower);
    return text.find("close") != std::string::npos;
}

} // namespace

std::optional<std::string> HttpHead::field(const std::string& name) const {
    const auto at = fields.find(name);
    return at == fields.end() ? std::nullopt : std::optional(at->second);
}

std::size_t http_head_size(std::string_view text) {
    const std::string_view within = text.substr(0, http_head_limit);
    for (std::size_t at = within.find('\n'); at != std::string_view::npos; at = within.find('\n', at + 1)) {
        if (within.substr(at + 1).starts_with('\n')) return at + 2;
        if (within.substr(at + 1).starts_with("\r\n")) return at + 3;
    }
    if (text.size() >= http_head_limit) refuse("its head is longer than " + std::to_string(http_head_limit) + " bytes");
    return 0;
}

HttpHead parse_http_head(std::string_view text) {
    HttpHead head;
    read_status_line(take_line(text), head);
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (line.empty()) break;
        if (std::any_of(line.begin(), line.end(), is_control)) refuse("its head holds a control character");
        if (line.front() == ' ' || line.front() == '\t') refuse("its head has a folded line");
        if (head.fields.size() >= 100) refuse("its head has more than 100 fields");
        read_field(line, head);
    }
    if (const auto connection = head.field("connection"); connection && closes(*connection)) head.persistent = false;
    return head;
}

std::optional<std::uint64_t> http_number(std::string_view digits) {
    if (digits.empty() || digits.size() > 18) return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + std::uint64_t(c - '0');
    }
    return value;
}

} // namespace autodeploy
