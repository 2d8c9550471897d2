#include "installer/json.h"
#include "installer/repository/download.h"
#include "installer/repository/https_transport.h"
#include "platform/digest.h"
#include "platform/error.h"
#include "tests/fakes/fake_file_system.h"
#include "tests/installer/repository/loopback_server.h"
#include "tests/installer/repository/repository_checks.h"
#include "tests/installer/repository/steady_clock.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <set>

using namespace autodeploy;

namespace {

const std::string destination = "/state/downloads/file.rpm";
const std::string part = "/state/downloads/.file.rpm.part";
const std::string record = "/state/downloads/.file.rpm.part.json";

/// Some bytes that are not all the same.
std::string content_of(std::size_t size) {
    std::string content(size, '\0');
    std::uint32_t state = 1;
    for (char& byte : content) {
        state = state * 1664525 + 1013904223;
        byte = char(state >> 24);
    }
    return content;
}

TargetFile target_of(const std::string& content) {
    TargetFile target;
    target.path = "packages/x/file.rpm";
    target.length = content.size();
    target.hashes = {{"sha256", sha256_hex(content)}, {"blake3", "of no concern"}};
    return target;
}

/// A mirror that does as it is told, request by request.
struct Mirror final : Transport {
    using Answer = std::function<bool(const TargetRequest&, TargetSink&)>;
    Mirror(std::string called, Answer answers) : name_(std::move(called)), answer(std::move(answers)) {}
    const std::string& name() const override { return name_; }
    std::optional<std::string> metadata(const std::string&, std::uint64_t) override { return std::nullopt; }
    bool target(const TargetRequest& request, TargetSink& sink) override {
        requests.push_back(request);
        return answer(request, sink);
    }
    std::string name_;
    Answer answer;
    std::vector<TargetRequest> requests;
};

/// Gives the file from the offset in pieces; after `most` bytes the line is cut.
Mirror::Answer gives(const std::string& content, std::size_t most = std::string::npos,
                     const std::string& version = "v") {
    return [content, most, version](const TargetRequest& request, TargetSink& sink) {
        const bool same = request.validator.empty() || request.validator == version;
        const std::size_t offset = same ? std::size_t(request.offset) : 0;
        sink.begin(offset, version);
        const std::size_t end = most < content.size() - offset ? offset + most : content.size();
        for (std::size_t at = offset; at < end; at += 65536)
            sink.write(std::string_view(content).substr(at, std::min<std::size_t>(65536, end - at)));
        if (end < content.size()) throw Error("transport_failed", "cannot go on: the line was cut", Retry::later);
        return true;
    };
}

Mirror::Answer throws(const Error& error) {
    return [error](const TargetRequest&, TargetSink&) -> bool { throw Error(error); };
}

struct Machine {
    FakeFileSystem files;
    SteadyClock clock;
    DownloadLimits limits;
    DownloadProgress progress;

    Machine() { files.make_private_directory("/state/downloads"); }
    void download(const std::vector<Transport*>& mirrors, const TargetFile& target) {
        download_target(mirrors, files, clock, target, "packages/x/HASH.file.rpm", destination, limits, progress);
    }
    /// The file is there and nothing else is.
    bool has(const std::string& content) {
        CHECK(files.list("/state/downloads") == std::vector<std::string>{"file.rpm"});
        return files.content(destination) == content;
    }
    Milliseconds slept() const { return clock.slept; }
};

} // namespace

TEST_CASE("a download arrives verified, private, and alone") {
    const std::string content = content_of(300000);
    Machine machine;
    Mirror mirror("m", gives(content));
    std::vector<std::uint64_t> told;
    machine.progress = [&](std::uint64_t there, std::uint64_t all) {
        CHECK(all == content.size());
        told.push_back(there);
    };
    machine.download({&mirror}, target_of(content));
    CHECK(machine.has(content));
    CHECK(machine.files.status(destination)->mode == 0600);
    CHECK(mirror.requests.at(0).path == "packages/x/HASH.file.rpm");
    CHECK(std::is_sorted(told.begin(), told.end()));
    CHECK(told.back() == content.size());
}

TEST_CASE("an empty file needs no mirror at all") {
    Machine machine;
    machine.download({}, target_of(""));
    CHECK(machine.has(""));
}

TEST_CASE("a file that is there already is verified and kept, another one is replaced") {
    const std::string content = content_of(1000);
    Machine machine;
    Mirror mirror("m", gives(content));
    machine.files.put(destination, content);
    machine.download({&mirror}, target_of(content));
    CHECK(mirror.requests.empty());
    std::string wrong = content;
    wrong[500] ^= 1;
    machine.files.put(destination, wrong);
    machine.download({&mirror}, target_of(content));
    CHECK(machine.has(content));
    CHECK(mirror.requests.size() == 1);
}

TEST_CASE("a target without a known hash is never fetched") {
    Machine machine;
    Mirror mirror("m", gives("abc"));
    TargetFile target = target_of("abc");
    target.hashes = {{"md5", "900150983cd24fb0d6963f7d28e17f72"}};
    CHECK(fails([&] { machine.download({&mirror}, target); }, "hash_unknown", "sha256"));
    CHECK(mirror.requests.empty());
}

TEST_CASE("every known hash has to hold") {
    const std::string content = "abc";
    TargetFile target = target_of(content);
    target.hashes["sha512"] = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                              "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
    Machine machine;
    Mirror mirror("m", gives(content));
    machine.download({&mirror}, target);
    CHECK(machine.has(content));
    target.hashes["sha512"][5] = '0';
    Machine other;
    CHECK(fails([&] { other.download({&mirror}, target); }, "target_mismatch", "hash differs"));
    CHECK(other.files.list("/state/downloads").empty());
}

TEST_CASE("wrong bytes of one mirror are dropped, and the next one begins at 0") {
    const std::string content = content_of(100000);
    std::string wrong = content;
    wrong[99999] ^= 1;
    Machine machine;
    Mirror bad("bad", gives(wrong));
    Mirror good("good", gives(content));
    machine.download({&bad, &good}, target_of(content));
    CHECK(machine.has(content));
    CHECK(bad.requests.size() == 1);
    CHECK(good.requests.at(0).offset == 0);
}

TEST_CASE("a mirror that gave all of a wrong file at once is not asked again") {
    const std::string content = content_of(1000);
    Machine machine;
    Mirror bad("bad", gives(content_of(999) + "x"));
    CHECK(fails([&] { machine.download({&bad}, target_of(content)); }, "target_mismatch", "from bad"));
    CHECK(bad.requests.size() == 1);
    CHECK(machine.files.list("/state/downloads").empty());
}

TEST_CASE("after a cut the download goes on where it was, at the same mirror or at the next") {
    const std::string content = content_of(300000);
    Machine machine;
    Mirror first("first", gives(content, 100000));
    Mirror second("second", gives(content));
    machine.download({&first, &second}, target_of(content));
    CHECK(machine.has(content));
    CHECK(second.requests.at(0).offset == 100000);
    CHECK(second.requests.at(0).validator.empty());
    Machine other;
    Mirror only("only", gives(content, 100000));
    other.download({&only}, target_of(content));
    CHECK(other.has(content));
    CHECK(only.requests.size() == 3);
    CHECK(only.requests.at(1).offset == 100000);
    CHECK(only.requests.at(1).validator == "v");
}

TEST_CASE("when bytes of two mirrors do not fit together, each has to give all of them") {
    const std::string content = content_of(200000);
    Machine machine;
    // Garbage that is cut off, again and again: it must not spoil what the honest one gives.
    Mirror poison("poison", gives(std::string(200000, 'x'), 50000));
    Mirror honest("honest", gives(content));
    machine.download({&poison, &honest}, target_of(content));
    CHECK(machine.has(content));
    CHECK(honest.requests.size() == 2);
    CHECK(honest.requests.at(1).offset == 0);
}

TEST_CASE("bytes are kept over attempts and over a restart of the program") {
    const std::string content = content_of(300000);
    Machine machine;
    machine.limits.attempts = 1;
    Mirror cut("m", gives(content, 100000));
    CHECK(fails([&] { machine.download({&cut}, target_of(content)); }, "transport_failed", "the line was cut"));
    CHECK(machine.files.content(part)->size() == 100000);
    CHECK_FALSE(machine.files.status(destination).has_value());
    Mirror whole("m", gives(content));
    machine.download({&whole}, target_of(content));
    CHECK(machine.has(content));
    CHECK(whole.requests.at(0).offset == 100000);
    CHECK(whole.requests.at(0).validator == "v");
}

TEST_CASE("only a file counts as there already, not a link to one") {
    for (const std::string& content : {std::string(), std::string("abc")}) {
        Machine machine;
        machine.files.put("/elsewhere", content);
        machine.files.put_link(destination, "/elsewhere");
        Mirror mirror("m", gives(content));
        machine.download({&mirror}, target_of(content));
        CHECK(machine.has(content));
        CHECK(machine.files.status(destination)->type == FileType::regular);
    }
}

TEST_CASE("what was kept outlives a power cut, and is never more than the file") {
    const std::string content = content_of(300000);
    Machine machine;
    machine.limits.attempts = 1;
    Mirror cut("m", gives(content, 100000));
    CHECK(fails([&] { machine.download({&cut}, target_of(content)); }, "transport_failed", "cut"));
    machine.files.restart();
    Mirror again("m", gives(content, 50000));
    CHECK(fails([&] { machine.download({&again}, target_of(content)); }, "transport_failed", "cut"));
    CHECK(again.requests.at(0).offset == 100000);

    // A record that says so, with bytes to match, is none that we wrote.
    const std::string longer = content + "more";
    Json json = parse_json(*machine.files.content(record));
    json["kept"] = std::uint64_t(longer.size());
    json["sha256"] = sha256_hex(longer);
    machine.files.put(record, compact_json(json));
    machine.files.put(part, longer);
    Mirror whole("m", gives(content));
    machine.download({&whole}, target_of(content));
    CHECK(whole.requests.at(0).offset == 0);
    CHECK(machine.has(content));
}

TEST_CASE("wrong bytes are an attempt") {
    const std::string content = content_of(200000);
    Machine machine;
    machine.limits.attempts = 1;
    Mirror cut("m", gives(content, 100000));
    CHECK(fails([&] { machine.download({&cut}, target_of(content)); }, "transport_failed", "cut"));
    Mirror wrong("m", gives(content.substr(0, 150000) + std::string(50000, 'x')));
    CHECK(fails([&] { machine.download({&wrong}, target_of(content)); }, "target_mismatch", "its hash differs"));
    CHECK(wrong.requests.size() == 1);
}

TEST_CASE("what was kept for another file is not gone on with") {
    const std::string old = content_of(300000);
    Machine machine;
    machine.limits.attempts = 1;
    Mirror cut("m", gives(old, 100000));
    CHECK(fails([&] { machine.download({&cut}, target_of(old)); }, "transport_failed", "cut"));
    const std::string content = content_of(300001);
    Mirror whole("m", gives(content));
    machine.download({&whole}, target_of(content));
    CHECK(machine.has(content));
    CHECK(whole.requests.at(0).offset == 0);
}

TEST_CASE("kept bytes that are damaged, cut short, or without a record are fetched anew") {
    const std::string content = content_of(300000);
    const auto begin = [&](Machine& machine) {
        machine.limits.attempts = 1;
        Mirror cut("m", gives(content, 100000));
        CHECK(fails([&] { machine.download({&cut}, target_of(content)); }, "transport_failed", "cut"));
    };
    const auto finish = [&](Machine& machine) {
        Mirror whole("m", gives(content));
        machine.download({&whole}, target_of(content));
        CHECK(machine.has(content));
        return whole.requests.at(0).offset;
    };
    const auto after = [&](const std::function<void(Machine&)>& damage) {
        Machine machine;
        begin(machine);
        damage(machine);
        return finish(machine);
    };
    CHECK(after([](Machine&) {}) == 100000);
    CHECK(after([&](Machine& machine) { machine.files.put(part, std::string(100000, 'x')); }) == 0);
    CHECK(after([&](Machine& machine) { machine.files.put(part, content.substr(0, 99999)); }) == 0);
    CHECK(after([&](Machine& machine) { machine.files.put(part, content.substr(0, 100000) + "torn"); }) == 100000);
    CHECK(after([&](Machine& machine) { machine.files.remove_durably(part); }) == 0);
    CHECK(after([&](Machine& machine) { machine.files.remove_durably(record); }) == 0);
    CHECK(after([&](Machine& machine) { machine.files.put(record, "{\"path\":"); }) == 0);
    CHECK(after([&](Machine& machine) { machine.files.put(record, std::string(20000, ' ')); }) == 0);
}

TEST_CASE("a whole file that a crash left unrenamed is put in its place without asking anybody") {
    const std::string content = content_of(1000);
    Machine machine;
    machine.progress = [&](std::uint64_t there, std::uint64_t) {
        if (there == content.size()) throw std::string("stop");
    };
    Mirror mirror("m", gives(content));
    CHECK_THROWS_AS(machine.download({&mirror}, target_of(content)), std::string);
    machine.progress = nullptr;
    machine.download({}, target_of(content));
    CHECK(machine.has(content));
}

TEST_CASE("a crash at any change of the disk leaves something that the next download finishes") {
    const std::string content = content_of(200000);
    for (const CrashMoment moment : {CrashMoment::before, CrashMoment::torn, CrashMoment::after}) {
        bool crashed = true;
        for (int k = 1; crashed; ++k) {
            CAPTURE(k);
            Machine machine;
            machine.files.clear_log();
            machine.files.crash_at(k, moment);
            Mirror mirror("m", gives(content, 150000));
            try {
                machine.download({&mirror}, target_of(content));
                crashed = false;
            } catch (const Crash&) {
                machine.files.restart();
                const auto found = machine.files.content(destination);
                CHECK((!found || *found == content));
                machine.download({&mirror}, target_of(content));
            }
            CHECK(machine.has(content));
        }
    }
}

TEST_CASE("a disk that fails ends the download with its own error, and the next one succeeds") {
    const std::string content = content_of(200000);
    bool failed = true;
    for (int k = 1; failed; ++k) {
        CAPTURE(k);
        Machine machine;
        machine.files.clear_log();
        machine.files.fail_at(k, "io_error");
        Mirror mirror("m", gives(content));
        try {
            machine.download({&mirror}, target_of(content));
            failed = false;
        } catch (const Error& error) {
            CHECK(error.cause() == "io_error");
            CHECK(machine.slept() == Milliseconds(0));
            machine.download({&mirror}, target_of(content));
        }
        CHECK(machine.has(content));
    }
}

TEST_CASE("a disk without room is told before anything is fetched, with the figures") {
    const std::string content = content_of(1000);
    Machine machine;
    machine.files.set_free_bytes(999);
    Mirror mirror("m", gives(content));
    CHECK(
        fails([&] { machine.download({&mirror}, target_of(content)); }, "disk_full", "1000 bytes are needed and 999"));
    CHECK(mirror.requests.empty());
}

TEST_CASE("mirrors are tried in order, and a file that none has is missing") {
    const std::string content = content_of(1000);
    Machine machine;
    Mirror without("without", [](const TargetRequest&, TargetSink&) { return false; });
    Mirror broken("broken", throws(Error("transport_refused", "cannot connect: certificate")));
    Mirror good("good", gives(content));
    machine.download({&without, &broken, &good}, target_of(content));
    CHECK(machine.has(content));
    CHECK(machine.slept() == Milliseconds(0));
    Machine other;
    CHECK(fails(
        [&] {
            other.download({&without, &without}, target_of(content));
        },
        "target_missing", "no mirror has it"));
    CHECK(fails([&] { other.download({&without, &broken}, target_of(content)); }, "transport_refused", "certificate"));
    CHECK(fails([&] { other.download({}, target_of(content)); }, "target_missing", "no mirror has it"));
}

TEST_CASE("failures that may pass are tried again so many times, with growing pauses that differ") {
    Machine machine;
    machine.limits.attempts = 4;
    machine.limits.longest_pause = Milliseconds(3000);
    Mirror mirror("m", throws(Error("transport_failed", "cannot connect: refused", Retry::later)));
    const std::string failure = failure_of([&] { machine.download({&mirror}, target_of("abc")); });
    CHECK(failure.find("the last of 4 attempts") != std::string::npos);
    CHECK(mirror.requests.size() == 4);
    // 1 s, 2 s, 3 s, each between its half and its whole.
    CHECK(machine.slept() >= Milliseconds(3000));
    CHECK(machine.slept() <= Milliseconds(6000));
    for (const Milliseconds piece : machine.clock.sleeps)
        CHECK(piece <= Milliseconds(1000));

    std::set<Milliseconds> different;
    for (int i = 0; i < 10; ++i) {
        Machine other;
        other.limits.attempts = 10;
        other.limits.longest_pause = Milliseconds(4000);
        CHECK(fails([&] { other.download({&mirror}, target_of("abc")); }, "transport_failed", "of 10 attempts"));
        different.insert(other.slept());
        // 1 s, 2 s, then seven times 4 s.
        CHECK(other.slept() <= Milliseconds(31000));
    }
    CHECK(different.size() > 5);
}

TEST_CASE("what cannot get better is not tried again") {
    Machine machine;
    Mirror mirror("m", throws(Error("transport_refused", "cannot connect: certificate")));
    CHECK(fails([&] { machine.download({&mirror}, target_of("abc")); }, "transport_refused", "certificate"));
    CHECK(mirror.requests.size() == 1);
    CHECK(machine.slept() == Milliseconds(0));
}

TEST_CASE("a busy server is left alone for as long as it asks, if that is not too long") {
    const auto busy = [](Seconds time) {
        return [time](const TargetRequest& request, TargetSink& sink) -> bool {
            static_cast<void>(request);
            static_cast<void>(sink);
            throw ServerBusy("cannot fetch: status 429", time);
        };
    };
    Machine machine;
    machine.limits.attempts = 2;
    Mirror patient("m", busy(Seconds(50)));
    CHECK(fails([&] { machine.download({&patient}, target_of("abc")); }, "server_busy", "429"));
    CHECK(machine.slept() >= Milliseconds(50000));
    CHECK(machine.slept() <= Milliseconds(52000));
    Machine other;
    Mirror long_busy("m", busy(Seconds(3600)));
    CHECK(fails([&] { other.download({&long_busy}, target_of("abc")); }, "server_busy", "429"));
    CHECK(long_busy.requests.size() == 1);
    CHECK(other.slept() == Milliseconds(0));
}

TEST_CASE("a line that cuts again and again gets a large file through, however few attempts there are") {
    const std::string content = content_of(8 << 20);
    Machine machine;
    machine.limits.attempts = 1;
    Mirror mirror("m", gives(content, (1 << 20) + 5));
    machine.download({&mirror}, target_of(content));
    CHECK(machine.has(content));
    CHECK(mirror.requests.size() == 8);
}

TEST_CASE("a source that begins again each time does not go on for ever") {
    const std::string content = content_of(4 << 20);
    Machine machine;
    machine.limits.attempts = 3;
    int version = 0;
    Mirror mirror("m", [&](const TargetRequest& request, TargetSink& sink) {
        return gives(content, 3 << 20, std::to_string(++version))(request, sink);
    });
    CHECK(fails([&] { machine.download({&mirror}, target_of(content)); }, "transport_failed", "cut"));
    CHECK(mirror.requests.size() <= 4);
}

TEST_CASE("a source that ends early, gives too much, or goes on elsewhere is left for the next") {
    const std::string content = content_of(1000);
    Mirror short_one("short", [&](const TargetRequest& request, TargetSink& sink) {
        sink.begin(request.offset, "");
        return true;
    });
    Mirror long_one("long", [&](const TargetRequest& request, TargetSink& sink) {
        sink.begin(request.offset, "");
        sink.write(std::string(1001, 'x'));
        return true;
    });
    Mirror elsewhere("elsewhere", [&](const TargetRequest&, TargetSink& sink) {
        sink.begin(500, "");
        return true;
    });
    for (Mirror* bad : {&short_one, &long_one, &elsewhere}) {
        Machine machine;
        Mirror good("good", gives(content));
        machine.download({bad, &good}, target_of(content));
        CHECK(machine.has(content));
    }
    Machine machine;
    machine.limits.attempts = 1;
    CHECK(fails([&] { machine.download({&elsewhere}, target_of(content)); }, "transport_failed", "bytes from 500"));
}

TEST_CASE("a limit of rate holds the whole download back") {
    const std::string content = content_of(1000000);
    Machine machine;
    machine.limits.bytes_per_second = 100000;
    Mirror mirror("m", gives(content));
    machine.download({&mirror}, target_of(content));
    CHECK(machine.has(content));
    CHECK(machine.slept() >= Milliseconds(9000));
    CHECK(machine.slept() <= Milliseconds(10000));
}

TEST_CASE("whoever watches can end it, in a pause too, and keeps what came") {
    const std::string content = content_of(300000);
    Machine machine;
    Mirror mirror("m", gives(content, 100000));
    machine.limits.first_pause = machine.limits.longest_pause = Milliseconds(60000);
    machine.progress = [&](std::uint64_t, std::uint64_t) {
        if (!machine.clock.sleeps.empty()) throw 42;
    };
    CHECK_THROWS_AS(machine.download({&mirror}, target_of(content)), int);
    CHECK(machine.slept() == Milliseconds(1000));
    CHECK(machine.files.content(part)->size() == 100000);
}

TEST_CASE("over HTTP a download survives cuts, a busy server and a file that changes in between") {
    const std::string content = content_of(400000);
    const LoopbackServer server([&](const ServerRequest& request, ServerConnection& connection) {
        switch (request.number) {
        case 1: // cut in the middle
            connection.send("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 400000\r\n\r\n" +
                            content.substr(0, 100000));
            return LoopbackServer::Then::close;
        case 2:
            connection.answer("503 Service Unavailable", "", "Retry-After: 1\r\n");
            return LoopbackServer::Then::close;
        case 3: // goes on and is cut again
            connection.send("HTTP/1.1 206 Partial Content\r\nETag: \"v1\"\r\nContent-Length: 300000\r\n"
                            "Content-Range: bytes 100000-399999/400000\r\n\r\n" +
                            content.substr(100000, 100000));
            return LoopbackServer::Then::close;
        default: // another version by now
            return serve_file(request, connection, content, "\"v2\"");
        }
    });
    Machine machine;
    const auto transport = https_transport(machine.clock, https_source(server.url()));
    machine.download({transport.get()}, target_of(content));
    CHECK(machine.has(content));
    const auto requests = server.requests();
    REQUIRE(requests.size() == 4);
    CHECK(requests[2].field("Range") == "bytes=100000-");
    CHECK(requests[3].field("Range") == "bytes=200000-");
    CHECK(requests[3].field("If-Range") == "\"v1\"");
}
