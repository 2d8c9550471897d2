#include "tests/installer/repository/hanging_names.h"

#include "installer/repository/https_transport.h"
#include "tests/installer/repository/loopback_server.h"
#include "tests/installer/repository/repository_checks.h"
#include "tests/installer/repository/steady_clock.h"

#include <doctest/doctest.h>

#include <chrono>

using namespace autodeploy;

namespace {

HttpsSource impatient_source(const std::string& url) {
    HttpsSource source = https_source(url);
    source.timeouts.connect = Milliseconds(80);
    source.timeouts.total = source.timeouts.metadata = Milliseconds(300);
    return source;
}

std::optional<std::string> fetch(const HttpsSource& source) {
    SteadyClock clock;
    return https_transport(clock, source)->metadata("timestamp.json", 1000);
}

} // namespace

TEST_CASE("a name whose look-up hangs is given up like a server that does not answer, and does no harm afterwards") {
    const auto begun = std::chrono::steady_clock::now();
    {
        const HangingNames names;
        HttpsSource source = impatient_source("https://mirror.hanging.example:8443");
        CHECK(fails([&] { fetch(source); }, "transport_timed_out", "80 ms"));
        // The proxy's name counts as well.
        source = impatient_source("https://updates.example:8443");
        source.proxy = "http://proxy.hanging.example:3128";
        CHECK(fails([&] { fetch(source); }, "transport_timed_out", "80 ms"));
        CHECK(names.asked() == 2);
    }
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(20));
    const LoopbackServer server([](const ServerRequest& request, ServerConnection& connection) {
        return serve_file(request, connection, "{}", "\"v1\"");
    });
    CHECK(fetch(https_source(server.url())) == "{}");
}
