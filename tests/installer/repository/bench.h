#pragma once

#include "installer/repository/updater.h"
#include "platform/error.h"
#include "tests/fakes/fake_file_system.h"
#include "tests/fakes/fake_repository.h"

#include <string>

namespace autodeploy {

/// "ok", or the cause of the Error.
template<class F> std::string cause_of(F&& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.cause();
    }
    return "ok";
}

template<class F> std::string message_of(F&& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

/// Stands still, but for sleep(), which passes at once; tests set it.
struct SetClock : Clock {
    UnixTime now() override { return time; }
    Milliseconds elapsed() override { return passed; }
    void sleep(Milliseconds length) override {
        passed += length;
        time += length.count() / 1000;
    }
    Seconds local_offset(UnixTime) override { return Seconds(0); }
    std::string boot_id() override { return "boot"; }

    UnixTime time = 1800000000; ///< 2027-01-15T08:00:00Z
    Milliseconds passed{0};
};

/// A machine that trusts the fake repository's first root. Each call is a new session, as after a restart.
struct Bench {
    FakeFileSystem files;
    SetClock clock;
    FakeRepository repository{clock.time};
    UpdaterLimits limits;

    Bench() { updater().init(repository.metadata_files.at("1.root.json")); }

    Updater updater() { return Updater(files, clock, {&repository}, "/trust", limits); }
    std::string refresh() {
        repository.requests.clear();
        return cause_of([&] { updater().refresh(); });
    }
    std::string refusal() {
        return message_of([&] { updater().refresh(); });
    }
    /// The role that lists the target, "nobody", or the cause of the Error.
    std::string find(const std::string& path) {
        repository.requests.clear();
        std::string role;
        const std::string cause = cause_of([&] {
            const auto found = updater().find_target(path);
            role = found ? found->role : "nobody";
        });
        return cause == "ok" ? role : cause;
    }
    /// The version in the trust store; 0 if there is none.
    std::int64_t stored(const std::string& role) {
        const auto bytes = files.content("/trust/" + role + ".json");
        return bytes ? parse_json(*bytes).at("signed").at("version").integer() : 0;
    }
};

using Names = std::vector<std::string>;

} // namespace autodeploy
