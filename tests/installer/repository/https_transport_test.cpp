#include "installer/repository/https_transport.h"
#include "platform/error.h"
#include "tests/installer/repository/certificates.h"
#include "tests/installer/repository/loopback_server.h"
#include "tests/installer/repository/repository_checks.h"
#include "tests/installer/repository/steady_clock.h"

#include <doctest/doctest.h>

#include <functional>

using namespace autodeploy;

namespace {

using Then = LoopbackServer::Then;

HttpTimeouts tiny_timeouts() {
    HttpTimeouts timeouts;
    timeouts.connect = Milliseconds(2000);
    timeouts.idle = Milliseconds(60);
    timeouts.total = Milliseconds(300);
    timeouts.metadata = Milliseconds(300);
    timeouts.least_bytes_per_second = 0;
    return timeouts;
}

/// Long enough for a busy machine; nothing waits for them where all goes well.
HttpTimeouts patient_timeouts() {
    HttpTimeouts timeouts;
    timeouts.least_bytes_per_second = 0;
    return timeouts;
}

HttpsSource source_of(const LoopbackServer& server, const HttpTimeouts& timeouts = patient_timeouts()) {
    HttpsSource source = https_source(server.url() + "/base");
    source.ca_file = Certificates::shared().authority();
    source.timeouts = timeouts;
    return source;
}

std::optional<std::string> fetch(const HttpsSource& source, const std::string& name = "timestamp.json",
                                 std::uint64_t cap = 1000) {
    SteadyClock clock;
    return https_transport(clock, source)->metadata(name, cap);
}

LoopbackServer::Handler always(const std::string& answer) {
    return [answer](const ServerRequest&, ServerConnection& connection) {
        connection.send(answer);
        return Then::close;
    };
}

LoopbackServer::Handler file(const std::string& content) {
    return [content](const ServerRequest& request, ServerConnection& connection) {
        return serve_file(request, connection, content, "\"v1\"");
    };
}

} // namespace

TEST_CASE("a metadata file comes over TLS") {
    const LoopbackServer server(ServerTls{"server"}, file("{}"));
    CHECK(fetch(source_of(server)) == "{}");
    const auto requests = server.requests();
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].path == "/base/metadata/timestamp.json");
    CHECK(requests[0].field("Accept-Encoding") == "identity");
    CHECK(requests[0].field("Host") == "localhost:" + std::to_string(server.port()));
    CHECK(requests[0].field("Cache-Control") == "no-cache");
}

TEST_CASE("the transport's name tells the server and nothing secret") {
    SteadyClock clock;
    HttpsSource source = https_source("https://updates.example:8443/client/");
    source.proxy = "http://user:secret@proxy:3128";
    CHECK(https_transport(clock, source)->name() == "https://updates.example:8443/client");
    CHECK(
        fails([&] { https_transport(clock, https_source("https://user:secret@host")); }, "settings_invalid", "names"));
    CHECK(failure_of([&] { https_transport(clock, https_source("https://user:secret@host")); }).find("secret") ==
          std::string::npos);
}

TEST_CASE("an escaped slash and everything unusual go over the wire as they have to") {
    const LoopbackServer server(file("abc"));
    SteadyClock clock;
    const auto transport = https_transport(clock, source_of(server));
    CHECK(transport->metadata("1.a%2Fb.json", 10) == "abc");
    Bytes bytes;
    CHECK(transport->target({"packages/x y/a%b?#\xc3\xa4+~.rpm", 3, 0, ""}, bytes));
    const auto requests = server.requests();
    CHECK(requests[0].path == "/base/metadata/1.a%2Fb.json");
    CHECK(requests[1].path == "/base/targets/packages/x%20y/a%25b%3F%23%C3%A4%2B~.rpm");
}

TEST_CASE("one connection serves several requests, and one that the server closed is made anew") {
    const LoopbackServer server(ServerTls{"server"}, [](const ServerRequest& request, ServerConnection& connection) {
        connection.answer("200 OK", std::to_string(request.connection));
        return request.number == 2 ? Then::close : Then::keep;
    });
    SteadyClock clock;
    const auto transport = https_transport(clock, source_of(server));
    CHECK(transport->metadata("a", 10) == "1");
    CHECK(transport->metadata("b", 10) == "1");
    CHECK(transport->metadata("c", 10) == "2");
}

TEST_CASE("a kept connection that was dropped without a word costs another connection and no error") {
    const LoopbackServer server(ServerTls{"server"}, [](const ServerRequest& request, ServerConnection& connection) {
        connection.answer("200 OK", std::to_string(request.connection));
        return request.number == 1 ? Then::drop : Then::keep;
    });
    SteadyClock clock;
    const auto transport = https_transport(clock, source_of(server));
    CHECK(transport->metadata("a", 10) == "1");
    CHECK(transport->metadata("b", 10) == "2");
}

TEST_CASE("what an error page says is never taken for the next answer") {
    const LoopbackServer server(ServerTls{"server"}, [](const ServerRequest& request, ServerConnection& connection) {
        if (request.number == 1) {
            // The page in a record of its own, so that it is not read along with the head.
            connection.send("HTTP/1.1 404 Not Found\r\nContent-Length: 39\r\n\r\n");
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nX");
        } else {
            connection.answer("200 OK", std::to_string(request.connection));
        }
        return Then::keep;
    });
    SteadyClock clock;
    const auto transport = https_transport(clock, source_of(server));
    CHECK_FALSE(transport->metadata("a", 10).has_value());
    CHECK(transport->metadata("b", 10) == "2");
}

TEST_CASE("a server that sends more than it was asked for is not asked again on that connection") {
    const LoopbackServer server(ServerTls{"server"}, [](const ServerRequest& request, ServerConnection& connection) {
        const bool first = request.number == 1;
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + std::to_string(request.connection) +
                        (first ? "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nX" : ""));
        return Then::keep;
    });
    SteadyClock clock;
    const auto transport = https_transport(clock, source_of(server));
    CHECK(transport->metadata("a", 10) == "1");
    CHECK(transport->metadata("b", 10) == "2");
    CHECK(transport->metadata("c", 10) == "2");
}

TEST_CASE("not found and forbidden mean that there is no such file, nothing else does") {
    for (const char* status : {"404 Not Found", "403 Forbidden"}) {
        const LoopbackServer server(always("HTTP/1.1 " + std::string(status) + "\r\nContent-Length: 5\r\n\r\nerror"));
        CHECK_FALSE(fetch(source_of(server)).has_value());
        SteadyClock clock;
        Bytes bytes;
        CHECK_FALSE(https_transport(clock, source_of(server))->target({"a", 1, 0, ""}, bytes));
        CHECK(bytes.begun == 0);
    }
    for (const char* status : {"400 Bad Request", "401 Unauthorized", "204 No Content", "304 Not Modified"}) {
        const LoopbackServer server(always("HTTP/1.1 " + std::string(status) + "\r\n\r\n"));
        CHECK(fails([&] { fetch(source_of(server)); }, "transport_refused", std::string(status).substr(0, 3)));
    }
}

TEST_CASE("a busy server is told from a broken one, with how long it wants to be left alone") {
    for (const char* status : {"429 Too Many Requests", "503 Service Unavailable", "500 Oops", "502 Bad Gateway"}) {
        const LoopbackServer server(always("HTTP/1.1 " + std::string(status) + "\r\nRetry-After: 17\r\n\r\n"));
        try {
            fetch(source_of(server));
            FAIL("nothing was thrown");
        } catch (const ServerBusy& busy) {
            CHECK(busy.cause() == "server_busy");
            CHECK(busy.retry_makes_sense());
            CHECK(busy.retry_after() == Seconds(17));
            CHECK(std::string(busy.what()).find("/base/metadata/timestamp.json") != std::string::npos);
        }
    }
}

TEST_CASE("a file that is too large is refused before it is read where its length is told, and while it is read") {
    const LoopbackServer told(file(std::string(1001, 'x')));
    CHECK(fails([&] { fetch(source_of(told)); }, "file_too_large", "1001 bytes"));
    const LoopbackServer fits(file(std::string(1000, 'x')));
    CHECK(fetch(source_of(fits))->size() == 1000);
    const LoopbackServer endless([](const ServerRequest&, ServerConnection& connection) {
        connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while (connection.send("400\r\n" + std::string(1024, 'x') + "\r\n")) {
        }
        return Then::close;
    });
    CHECK(fails([&] { fetch(source_of(endless)); }, "file_too_large", "no end"));
    const LoopbackServer until_close([](const ServerRequest&, ServerConnection& connection) {
        connection.send("HTTP/1.0 200 OK\r\n\r\n");
        while (connection.send(std::string(1024, 'x'))) {
        }
        return Then::close;
    });
    CHECK(fails([&] { fetch(source_of(until_close)); }, "file_too_large", "no end"));
}

TEST_CASE("a head without an end is refused") {
    const LoopbackServer server([](const ServerRequest&, ServerConnection& connection) {
        connection.send("HTTP/1.1 200 OK\r\n");
        while (connection.send("A: " + std::string(1000, 'x') + "\r\n")) {
        }
        return Then::close;
    });
    CHECK(fails([&] { fetch(source_of(server)); }, "transport_failed", "head is longer"));
}

TEST_CASE("interim answers are passed over, but not without an end") {
    const LoopbackServer server(
        always("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n"
               "Content-Length: 2\r\n\r\n{}"));
    CHECK(fetch(source_of(server)) == "{}");
    const LoopbackServer endless([](const ServerRequest&, ServerConnection& connection) {
        while (connection.send("HTTP/1.1 100 Continue\r\n\r\n")) {
        }
        return Then::close;
    });
    CHECK(fails([&] { fetch(source_of(endless)); }, "transport_failed", "interim"));
}

TEST_CASE("a file that is cut off is an error and worth another try") {
    for (const char* answer : {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345",
                               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
                               "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n", ""}) {
        const LoopbackServer server(always(answer));
        CHECK(fails([&] { fetch(source_of(server)); }, "transport_failed", "ended"));
    }
}

TEST_CASE("a body in chunks is put together") {
    const LoopbackServer server(
        always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
    CHECK(fetch(source_of(server)) == "abcde");
}

TEST_CASE("a compressed answer is refused") {
    const LoopbackServer server(always("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nxyz"));
    CHECK(fails([&] { fetch(source_of(server)); }, "transport_failed", "gzip"));
}

TEST_CASE("a redirect is followed on the same server only, and three times only") {
    const LoopbackServer once([](const ServerRequest& request, ServerConnection& connection) {
        if (request.number == 1)
            connection.answer("302 Found", "", "Location: /elsewhere/a%2Fb\r\n");
        else
            connection.answer("200 OK", request.path);
        return Then::keep;
    });
    CHECK(fetch(source_of(once)) == "/elsewhere/a%2Fb");
    const LoopbackServer round([](const ServerRequest& request, ServerConnection& connection) {
        connection.answer("301 Moved", "", "Location: " + request.path + "\r\n");
        return Then::keep;
    });
    CHECK(fails([&] { fetch(source_of(round)); }, "transport_refused", "more than 3 times"));
    CHECK(round.requests().size() == 4);
    const LoopbackServer other(file("stolen"));
    const LoopbackServer away([&](const ServerRequest&, ServerConnection& connection) {
        connection.answer("307 Temporary Redirect", "", "Location: " + other.url() + "/\r\n");
        return Then::keep;
    });
    CHECK(fails([&] { fetch(source_of(away)); }, "transport_refused", "another server"));
    CHECK(other.requests().empty());
    const LoopbackServer down(ServerTls{"server"}, [&](const ServerRequest&, ServerConnection& connection) {
        connection.answer("301 Moved", "", "Location: http://localhost:" + std::to_string(other.port()) + "/\r\n");
        return Then::keep;
    });
    CHECK(fails([&] { fetch(source_of(down)); }, "transport_refused", "another server"));
    const LoopbackServer nowhere(always("HTTP/1.1 302 Found\r\n\r\n"));
    CHECK(fails([&] { fetch(source_of(nowhere)); }, "transport_refused", "redirect"));
}

TEST_CASE("a silent server is given up: before the head, in it, and in the body") {
    for (const char* part : {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12"}) {
        const LoopbackServer server([part](const ServerRequest&, ServerConnection& connection) {
            connection.send(part);
            connection.wait_for_end();
            return Then::close;
        });
        CHECK(
            fails([&] { fetch(source_of(server, tiny_timeouts())); }, "transport_timed_out", "nothing came for 60 ms"));
    }
}

TEST_CASE("a server that drips is given up, in the head and in the body, by rate and by the whole time") {
    const auto dripping = [](const std::string& begin) {
        return [begin](const ServerRequest&, ServerConnection& connection) {
            connection.send(begin);
            while (connection.send("x") && !connection.ended_within(10)) {
            }
            return Then::close;
        };
    };
    HttpTimeouts rate = tiny_timeouts();
    rate.idle = Milliseconds(250);
    rate.total = rate.metadata = Milliseconds(60000);
    rate.least_bytes_per_second = 100000;
    for (const char* begin : {"HTTP/1.1 200 OK\r\nA: ", "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"}) {
        const LoopbackServer server(dripping(begin));
        CHECK(fails([&] { fetch(source_of(server, rate)); }, "transport_timed_out", "is the least"));
        HttpTimeouts whole = tiny_timeouts();
        whole.idle = Milliseconds(5000);
        whole.metadata = Milliseconds(120);
        CHECK(fails([&] { fetch(source_of(server, whole)); }, "transport_timed_out", "not done after 120 ms"));
    }
}

TEST_CASE("a server that never finishes the TLS handshake is given up") {
    const LoopbackServer plain([](const ServerRequest&, ServerConnection&) { return Then::close; });
    HttpsSource source = source_of(plain, tiny_timeouts());
    source.timeouts.connect = Milliseconds(80);
    source.metadata_url = "https://localhost:" + std::to_string(plain.port());
    CHECK(fails([&] { fetch(source); }, "transport_timed_out", "80 ms"));
}

TEST_CASE("what does not speak TLS, or speaks only an old one, is refused") {
    const LoopbackServer old(ServerTls{"server", false, true}, file("{}"));
    CHECK(failure_of([&] { fetch(source_of(old)); }).starts_with("transport_failed: "));
    CHECK(old.requests().empty());
}

TEST_CASE("nobody listens: the connection is refused, and trying again makes sense") {
    std::uint16_t port = 0;
    {
        const LoopbackServer server(file(""));
        port = server.port();
    }
    try {
        fetch(https_source("http://127.0.0.1:" + std::to_string(port)));
        FAIL("nothing was thrown");
    } catch (const Error& error) {
        CHECK(error.cause() == "transport_failed");
        CHECK(error.retry_makes_sense());
    }
}

TEST_CASE("a certificate for another host, an expired one, and one of a stranger are refused, each with its reason") {
    const auto refused = [](const std::string& certificate, const std::string& why) {
        const LoopbackServer server(ServerTls{certificate}, file("{}"));
        CHECK(fails([&] { fetch(source_of(server)); }, "transport_refused", why));
        CHECK(server.requests().empty());
    };
    refused("wrong-host", "hostname mismatch");
    refused("expired", "expired");
    refused("foreign", "unable to get local issuer certificate");
    const LoopbackServer server(ServerTls{"server"}, file("{}"));
    HttpsSource source = source_of(server);
    source.ca_file.clear();
    CHECK(fails([&] { fetch(source); }, "transport_refused", "certificate"));
    source.ca_file = Certificates::shared().other_authority();
    CHECK(fails([&] { fetch(source); }, "transport_refused", "certificate"));
}

TEST_CASE("a star in a certificate stands for a whole part of a name and for no less") {
    const auto through = [](const std::string& certificate) {
        const LoopbackServer server(ServerTls{certificate}, file("{}"));
        const LoopbackServer proxy([&](const ServerRequest&, ServerConnection& connection) {
            connection.send("HTTP/1.1 200 Connection established\r\n\r\n");
            connection.forward_to(server.port());
            return Then::close;
        });
        HttpsSource source = source_of(server);
        source.metadata_url = "https://updates.mirrors.example:" + std::to_string(server.port());
        source.proxy = proxy.url();
        return failure_of([&] { fetch(source); });
    };
    CHECK(through("part-of-name").find("hostname mismatch") != std::string::npos);
    CHECK(through("whole-name") == "nothing was thrown");
}

TEST_CASE("an address is held against the certificate as well") {
    const LoopbackServer server(ServerTls{"server"}, file("{}"));
    HttpsSource source = source_of(server);
    source.metadata_url = "https://127.0.0.1:" + std::to_string(server.port());
    CHECK(fetch(source) == "{}");
    const LoopbackServer wrong(ServerTls{"wrong-host"}, file("{}"));
    source.metadata_url = "https://127.0.0.1:" + std::to_string(wrong.port());
    CHECK(fails([&] { fetch(source); }, "transport_refused", "IP address mismatch"));
}

TEST_CASE("a client certificate opens a server that demands one") {
    const LoopbackServer server(ServerTls{"server", true}, file("{}"));
    HttpsSource source = source_of(server);
    CHECK(fails([&] { fetch(source); }, "transport_refused", "client certificate"));
    source.client_certificate = Certificates::shared().certificate("client");
    source.client_key = Certificates::shared().key("client");
    CHECK(fetch(source) == "{}");
}

TEST_CASE("files of ours that cannot be used are named") {
    const LoopbackServer server(ServerTls{"server"}, file("{}"));
    const Certificates& certificates = Certificates::shared();
    HttpsSource source = source_of(server);
    source.ca_file = "/no/such/ca.pem";
    CHECK(fails([&] { fetch(source); }, "settings_invalid", "/no/such/ca.pem"));
    source = source_of(server);
    source.client_certificate = certificates.certificate("client");
    source.client_key = certificates.key("server");
    CHECK(fails([&] { fetch(source); }, "settings_invalid", "server-key.pem"));
    source.client_key = certificates.encrypted_key();
    CHECK(fails([&] { fetch(source); }, "settings_invalid", "encrypted-key.pem"));
}

TEST_CASE("plain http is for this machine's own addresses only") {
    // 192.0.2.0/24 is for documentation and never answers; nothing is sent there.
    CHECK(fails([] { fetch(https_source("http://192.0.2.1")); }, "transport_refused", "plain http"));
}

TEST_CASE("a proxy is asked for a way through, with its password, but not for excluded hosts") {
    // The tunnel's end is never built: what the proxy was asked is what counts.
    const LoopbackServer proxy(always("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"));
    HttpsSource source = https_source("https://updates.example:8443");
    source.proxy = "http://user:secret@127.0.0.1:" + std::to_string(proxy.port());
    CHECK(fails([&] { fetch(source); }, "transport_refused", "status 407"));
    REQUIRE(proxy.requests().size() == 1);
    CHECK(proxy.requests()[0].text.starts_with("CONNECT updates.example:8443 HTTP/1.1\r\n"));
    CHECK(proxy.requests()[0].field("Proxy-Authorization") == "Basic dXNlcjpzZWNyZXQ=");
    CHECK(failure_of([&] { fetch(source); }).find("secret") == std::string::npos);

    const LoopbackServer server(ServerTls{"server"}, file("{}"));
    HttpsSource own = source_of(server);
    own.proxy = source.proxy;
    CHECK(fetch(own) == "{}");
    source.metadata_url = "https://host.invalid";
    source.no_proxy = {".invalid"};
    CHECK(fails([&] { fetch(source); }, "transport_failed", "address of \"host.invalid\""));
    CHECK(proxy.requests().size() == 2);
}

TEST_CASE("a proxy is spoken to without TLS, and a mirror's address holds no password") {
    SteadyClock clock;
    HttpsSource source = https_source("https://updates.example:8443");
    source.proxy = "https://proxy.example:3128";
    CHECK(fails([&] { https_transport(clock, source); }, "settings_invalid", "begin with http://"));
    CHECK(fails([&] { https_transport(clock, https_source("https://a:secret@updates.example")); }, "settings_invalid",
                "use a client certificate"));
}

TEST_CASE("TLS goes through a proxy to the server behind it") {
    const LoopbackServer server(ServerTls{"server"}, file("{}"));
    const LoopbackServer proxy([&](const ServerRequest&, ServerConnection& connection) {
        connection.send("HTTP/1.1 200 Connection established\r\n\r\n");
        connection.forward_to(server.port());
        return Then::close;
    });
    // A name that only the proxy knows: the certificate is still held against it.
    HttpsSource source = source_of(server);
    source.metadata_url = "https://elsewhere.example:" + std::to_string(server.port());
    source.proxy = proxy.url();
    CHECK(fails([&] { fetch(source); }, "transport_refused", "hostname mismatch"));
    const LoopbackServer right(ServerTls{"wrong-host"}, file("{}"));
    const LoopbackServer way([&](const ServerRequest&, ServerConnection& connection) {
        connection.send("HTTP/1.1 200 Connection established\r\n\r\n");
        connection.forward_to(right.port());
        return Then::close;
    });
    source.proxy = way.url();
    CHECK(fetch(source) == "{}");

    // Bytes that the server never sent must not stand before its first ones.
    const LoopbackServer talking(always("HTTP/1.1 200 Connection established\r\n\r\nmore"));
    source.proxy = talking.url();
    CHECK(fails([&] { fetch(source); }, "transport_failed", "status 200"));
}

TEST_CASE("a target comes whole, and from an offset if it is still the same version") {
    const LoopbackServer server(file("0123456789"));
    SteadyClock clock;
    const auto transport = https_transport(clock, source_of(server));
    Bytes whole;
    CHECK(transport->target({"a", 10, 0, ""}, whole));
    CHECK(whole.content == "0123456789");
    CHECK(whole.validator == "\"v1\"");
    Bytes rest;
    CHECK(transport->target({"a", 10, 4, "\"v1\""}, rest));
    CHECK(rest.offset == 4);
    CHECK(rest.content == "456789");
    CHECK(server.requests()[1].field("Range") == "bytes=4-");
    CHECK(server.requests()[1].field("If-Range") == "\"v1\"");
    Bytes changed;
    CHECK(transport->target({"a", 10, 4, "\"v0\""}, changed));
    CHECK(changed.offset == 0);
    CHECK(changed.content == "0123456789");
    Bytes any;
    CHECK(transport->target({"a", 10, 4, ""}, any));
    CHECK(any.offset == 4);
    CHECK(server.requests()[3].field("If-Range") == "");
    CHECK(server.connections() == 1);
}

TEST_CASE("a part of another version is never mixed in: the file begins again") {
    const LoopbackServer server([](const ServerRequest& request, ServerConnection& connection) {
        if (request.field("Range").empty())
            connection.answer("200 OK", "ABCDEFGHIJ", "ETag: \"v2\"\r\n");
        else
            connection.answer("206 Partial Content", "EFGHIJ", "ETag: \"v2\"\r\nContent-Range: bytes 4-9/10\r\n");
        return Then::keep;
    });
    SteadyClock clock;
    Bytes bytes;
    CHECK(https_transport(clock, source_of(server))->target({"a", 10, 4, "\"v1\""}, bytes));
    CHECK(bytes.begun == 1);
    CHECK(bytes.offset == 0);
    CHECK(bytes.content == "ABCDEFGHIJ");
}

TEST_CASE("a server that has nothing at the offset is asked for the whole, once") {
    const LoopbackServer server([](const ServerRequest& request, ServerConnection& connection) {
        if (request.field("Range").empty())
            connection.answer("200 OK", "0123456789");
        else
            connection.answer("416 Range Not Satisfiable", "");
        return Then::keep;
    });
    SteadyClock clock;
    Bytes bytes;
    CHECK(https_transport(clock, source_of(server))->target({"a", 10, 4, "\"v1\""}, bytes));
    CHECK(bytes.content == "0123456789");
    const LoopbackServer stubborn(always("HTTP/1.1 416 Range Not Satisfiable\r\n\r\n"));
    CHECK(fails(
        [&] {
            https_transport(clock, source_of(stubborn))->target({"a", 10, 4, ""}, bytes);
        },
        "transport_failed", "refuses to give all"));
}

TEST_CASE("a server that lies about ranges is refused") {
    for (const char* fields : {"Content-Range: bytes 3-9/10\r\nContent-Length: 7\r\n\r\n3456789", "\r\n456789",
                               "Content-Range: bytes 4-9/10\r\nContent-Length: 7\r\n\r\n4567890"}) {
        const LoopbackServer server(always("HTTP/1.1 206 Partial Content\r\n" + std::string(fields)));
        SteadyClock clock;
        Bytes bytes;
        CHECK(fails(
            [&] {
                https_transport(clock, source_of(server))->target({"a", 10, 4, ""}, bytes);
            },
            "transport_failed", "cannot use the server's answer"));
        CHECK(bytes.begun == 0);
    }
}

TEST_CASE("a target of another length than was signed is refused before a byte is taken, endless ones at the length") {
    SteadyClock clock;
    const LoopbackServer server(file("0123456789"));
    Bytes bytes;
    CHECK(fails(
        [&] {
            https_transport(clock, source_of(server))->target({"a", 9, 0, ""}, bytes);
        },
        "target_mismatch", "has 10 bytes"));
    CHECK(fails(
        [&] {
            https_transport(clock, source_of(server))->target({"a", 11, 5, "\"v1\""}, bytes);
        },
        "target_mismatch", "has 10 bytes"));
    CHECK(bytes.begun == 0);
    const LoopbackServer endless([](const ServerRequest&, ServerConnection& connection) {
        connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while (connection.send("10000\r\n" + std::string(65536, 'x') + "\r\n")) {
        }
        return Then::close;
    });
    CHECK(https_transport(clock, source_of(endless))->target({"a", 100000, 0, ""}, bytes));
    CHECK(bytes.content.size() == 100000);
}

TEST_CASE("what the sink throws passes through unchanged") {
    struct Stopping final : TargetSink {
        void begin(std::uint64_t, const std::string&) override {}
        void write(std::string_view) override { throw 42; }
    } sink;
    const LoopbackServer server(file("0123456789"));
    SteadyClock clock;
    const auto transport = https_transport(clock, source_of(server));
    CHECK_THROWS_AS(transport->target({"a", 10, 0, ""}, sink), int);
    CHECK(transport->metadata("a", 10) == "0123456789");
}

TEST_CASE("metadata and targets may lie on two servers") {
    const LoopbackServer metadata(file("metadata"));
    const LoopbackServer targets(file("targets"));
    HttpsSource source;
    source.metadata_url = metadata.url() + "/m";
    source.targets_url = targets.url() + "/t";
    SteadyClock clock;
    const auto transport = https_transport(clock, source);
    CHECK(transport->metadata("a", 10) == "metadata");
    Bytes bytes;
    CHECK(transport->target({"a", 7, 0, ""}, bytes));
    CHECK(bytes.content == "targets");
    CHECK(targets.requests().at(0).path == "/t/a");
}
