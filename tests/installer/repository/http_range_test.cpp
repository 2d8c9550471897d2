#include "installer/repository/http_chunks.h"
#include "installer/repository/http_range.h"
#include "installer/repository/http_url.h"
#include "platform/error.h"

#include <doctest/doctest.h>

#include <functional>

using namespace autodeploy;

namespace {

std::string message_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.what();
    }
    return "nothing was thrown";
}

bool says(const std::function<void()>& call, const std::string& part) {
    const std::string message = message_of(call);
    INFO(message);
    CHECK(message.starts_with("cannot "));
    CHECK(message.find(part) != std::string::npos);
    return message.find(part) != std::string::npos;
}

HttpHead head(const std::string& lines) {
    return parse_http_head(lines + "\r\n\r\n");
}

std::string dechunk(const std::vector<std::string>& pieces, bool& ended) {
    HttpChunks chunks;
    std::string body;
    for (const std::string& piece : pieces) {
        std::string_view left = piece;
        while (!left.empty() && !chunks.ended())
            body += chunks.take(left);
    }
    ended = chunks.ended();
    return body;
}

} // namespace

TEST_CASE("a head is whole at its empty line, with or without carriage returns") {
    CHECK(http_head_size("HTTP/1.1 200 OK\r\nA: b\r\n") == 0);
    CHECK(http_head_size("HTTP/1.1 200 OK\r\n\r\nbody") == 19);
    CHECK(http_head_size("HTTP/1.1 200 OK\nA: b\n\nbody") == 22);
    CHECK(says([] { http_head_size("HTTP/1.1 200 OK\r\nA: " + std::string(http_head_limit, 'x')); }, "longer than"));
}

TEST_CASE("a head is read with its status and its fields") {
    const HttpHead read = head("HTTP/1.1 206 Partial Content\r\nETag: \"x\"\r\nX-A:  one \r\nx-a: two\r\nEmpty:");
    CHECK(read.status == 206);
    CHECK(read.persistent);
    CHECK(read.field("etag") == "\"x\"");
    CHECK(read.field("x-a") == "one, two");
    CHECK(read.field("empty") == "");
    CHECK_FALSE(read.field("none").has_value());
    CHECK_FALSE(head("HTTP/1.0 200 OK").persistent);
    CHECK_FALSE(head("HTTP/1.1 200 OK\r\nConnection: Close").persistent);
    CHECK(head("HTTP/1.1 204").status == 204);
}

TEST_CASE("a head that could be read in two ways is refused") {
    CHECK(says([] { head("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6"); }, "twice"));
    CHECK(head("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5").field("content-length") == "5");
    CHECK(says([] { head("HTTP/1.1 200 OK\r\nA: b\r\n c"); }, "folded"));
    CHECK(says([] { head("HTTP/1.1 200 OK\r\nno colon"); }, "no colon"));
    CHECK(says([] { head("HTTP/1.1 200 OK\r\nA b: c"); }, "proper name"));
    CHECK(says([] { head("HTTP/1.1 200 OK\r\nA: b\rc"); }, "control character"));
    CHECK(says([] { head("HTTP/2 200 OK"); }, "HTTP/1.1"));
    CHECK(says([] { head("HTTP/1.1 2000"); }, "HTTP/1.1"));
    CHECK(says([] { head("HTTP/1.1 999 x"); }, "100 to 599"));
    CHECK(says([] { head("SSH-2.0-OpenSSH_9.2"); }, "HTTP/1.1"));
    CHECK(says([] { head("ICY0/1.1 200 OK"); }, "HTTP/1.1"));
    std::string many = "HTTP/1.1 200 OK";
    for (int i = 0; i < 101; ++i)
        many += "\r\nA" + std::to_string(i) + ": b";
    CHECK(says([&] { head(many); }, "more than 100"));
}

TEST_CASE("a whole file and a part of one are told apart") {
    const HttpRange part{5, "\"v1\""};
    HttpBody body = http_body(head("HTTP/1.1 200 OK\r\nContent-Length: 10"), part);
    CHECK(body.offset == 0);
    CHECK(body.total == 10);
    body = http_body(head("HTTP/1.1 206 P\r\nContent-Range: bytes 5-9/10\r\nContent-Length: 5\r\nETag: \"v1\""), part);
    CHECK(body.offset == 5);
    CHECK(body.length == 5);
    CHECK(body.total == 10);
    CHECK(body.validator == "\"v1\"");
    CHECK_FALSE(body.other_version);
    CHECK(http_body(head("HTTP/1.1 206 P\r\nContent-Range: bytes 5-9/*\r\nTransfer-Encoding: chunked"), part).chunked);
    CHECK(http_body(head("HTTP/1.1 206 P\r\nContent-Range: bytes 5-9/10\r\nETag: \"v2\""), part).other_version);
    CHECK_FALSE(http_body(head("HTTP/1.1 200 OK"), {}).length.has_value());
}

TEST_CASE("an answer that lies about ranges or lengths is refused") {
    const HttpRange part{5, "\"v1\""};
    const auto refused = [&](const std::string& fields, const std::string& why) {
        return says([&] { http_body(head("HTTP/1.1 206 P\r\n" + fields), part); }, why);
    };
    CHECK(refused("Content-Length: 5", "does not say which"));
    CHECK(refused("Content-Range: bytes 4-9/10", "begins at byte 4"));
    CHECK(refused("Content-Range: bytes 5-9/9", "Content-Range"));
    CHECK(refused("Content-Range: bytes 5-4/10", "Content-Range"));
    CHECK(refused("Content-Range: bytes 5-", "Content-Range"));
    CHECK(refused("Content-Range: lines 5-9/10", "Content-Range"));
    CHECK(refused("Content-Range: bytes 5-99999999999999999999/*", "Content-Range"));
    CHECK(refused("Content-Range: bytes 5-9/10\r\nContent-Length: 6", "its range has 5"));
    CHECK(refused("Content-Range: bytes 5-9/10\r\nContent-Encoding: gzip", "gzip"));
    CHECK(
        says([] { http_body(head("HTTP/1.1 206 P\r\nContent-Range: bytes 0-9/10"), {}); }, "the whole was asked for"));
    CHECK(says([] { http_body(head("HTTP/1.1 200 OK\r\nContent-Length: -1"), {}); }, "Content-Length"));
    CHECK(says([] { http_body(head("HTTP/1.1 200 OK\r\nContent-Length: 0x5"), {}); }, "Content-Length"));
    CHECK(says([] { http_body(head("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked"), {}); },
               "both"));
    CHECK(says([] { http_body(head("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked"), {}); }, "transferred"));
}

TEST_CASE("only what promises the same bytes is a validator") {
    CHECK(http_validator(head("HTTP/1.1 200 OK\r\nETag: \"a\"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT")) ==
          "\"a\"");
    CHECK(http_validator(head("HTTP/1.1 200 OK\r\nETag: W/\"a\"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT")) ==
          "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(http_validator(head("HTTP/1.1 200 OK\r\nETag: W/\"a\"")).empty());
    CHECK(http_validator(head("HTTP/1.1 200 OK\r\nLast-Modified: S\xa0n, 06 Nov 1994 08:49:37 GMT")).empty());
    CHECK(http_validator(head("HTTP/1.1 200 OK\r\nLast-Modified: yesterday")).empty());
    CHECK(http_validator(head("HTTP/1.1 200 OK\r\nETag: \"" + std::string(300, 'a') + "\"")).empty());
    CHECK_FALSE(is_http_validator("a\r\nHost: evil"));
}

TEST_CASE("Retry-After is understood as seconds and as a date, and is bounded") {
    CHECK(http_retry_after(head("HTTP/1.1 429 X\r\nRetry-After: 120"), 0) == Seconds(120));
    CHECK(http_retry_after(head("HTTP/1.1 429 X\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT"), 784111777 - 60) ==
          Seconds(60));
    CHECK(http_retry_after(head("HTTP/1.1 429 X\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT"), 784111777 + 60) ==
          Seconds(0));
    CHECK(http_retry_after(head("HTTP/1.1 429 X\r\nRetry-After: 99999999999"), 0) == Seconds(31 * 86400));
    CHECK_FALSE(http_retry_after(head("HTTP/1.1 429 X\r\nRetry-After: soon"), 0).has_value());
    CHECK_FALSE(http_retry_after(head("HTTP/1.1 429 X"), 0).has_value());
}

TEST_CASE("chunks come apart wherever they were cut") {
    const std::string text = "5;name=value\r\nhello\r\n1\r\n \r\nB\r\nhello world\r\n0\r\nTrailer: x\r\n\r\n";
    bool ended = false;
    CHECK(dechunk({text}, ended) == "hello hello world");
    CHECK(ended);
    std::vector<std::string> bytes;
    for (const char c : text)
        bytes.emplace_back(1, c);
    CHECK(dechunk(bytes, ended) == "hello hello world");
    CHECK(ended);
    CHECK(dechunk({text.substr(0, text.size() - 2)}, ended) == "hello hello world");
    CHECK_FALSE(ended);
}

TEST_CASE("malformed chunks are refused") {
    bool ended = false;
    CHECK(says([&] { dechunk({"5\r\nhello!\r\n"}, ended); }, "longer than it says"));
    CHECK(says([&] { dechunk({"\r\n"}, ended); }, "malformed"));
    CHECK(says([&] { dechunk({"-1\r\n"}, ended); }, "malformed"));
    CHECK(says([&] { dechunk({"ffffffffffffffff\r\n"}, ended); }, "malformed"));
    CHECK(says([&] { dechunk({std::string(2000, '0')}, ended); }, "1024"));
    std::string trailer = "0\r\n";
    for (int i = 0; i < 200; ++i)
        trailer += "a: b\r\n";
    CHECK(says([&] { dechunk({trailer}, ended); }, "no end"));
}

TEST_CASE("an address is taken apart and nothing in it is decoded") {
    const HttpUrl url = parse_http_url("https://Updates.Example:8443/a%2Fb/c/");
    CHECK(url.tls);
    CHECK(url.host == "updates.example");
    CHECK(url.port == 8443);
    CHECK(url.path == "/a%2Fb/c");
    CHECK(url.text() == "https://updates.example:8443/a%2Fb/c");
    CHECK(parse_http_url("https://updates.example").authority() == "updates.example");
    CHECK(parse_http_url("http://[::1]:80/").authority() == "[::1]");
    CHECK(parse_http_url("http://user:secret@proxy:3128").user == "user:secret");
    CHECK(parse_http_url("http://user:secret@proxy:3128").text() == "http://proxy:3128");
}

TEST_CASE("what is no address of a server is refused, and a password is not shown") {
    for (const char* text : {"ftp://host/", "host", "https://", "https:///path", "https://host:0", "https://host:65536",
                             "https://host:x", "https://[::1", "https://[host]", "https://ho st", "https://host/a b",
                             "https://host/?q", "https://host/#f", "https://host/a\\b", "https://host/a\r\nb"})
        CHECK(says([&] { parse_http_url(text); }, "cannot use the address"));
    CHECK(message_of([] { parse_http_url("ftp://user:secret@proxy"); }).find("secret") == std::string::npos);
}

TEST_CASE("a redirect leads only to the same server") {
    const HttpUrl from = parse_http_url("https://host:8443/a/b");
    CHECK(redirected(from, "/c/d?e=f").text() == "https://host:8443/c/d?e=f");
    CHECK(redirected(from, "https://HOST:8443/c").text() == "https://host:8443/c");
    for (const char* location : {"http://host:8443/c", "https://other:8443/c", "https://host/c", "//other/c", "c",
                                 "https://u@host:8443/c", "file:///etc/passwd", "/c\r\nHost: x", ""})
        CHECK(says([&] { redirected(from, location); }, "cannot follow the redirect"));
}
