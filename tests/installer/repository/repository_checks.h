#pragma once

#include "installer/repository/transport.h"
#include "platform/error.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace autodeploy {

/// A sink that keeps what it is given.
struct Bytes final : TargetSink {
    void begin(std::uint64_t at, const std::string& version) override {
        offset = at;
        validator = version;
        ++begun;
    }
    void write(std::string_view bytes) override { content += bytes; }
    std::uint64_t offset = 0;
    std::string validator;
    std::string content;
    int begun = 0;
};

/// "cause: message" of the Error; its message is one as all have to be.
inline std::string failure_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        CHECK(std::string(error.what()).starts_with("cannot "));
        return error.cause() + ": " + error.what();
    }
    return "nothing was thrown";
}

inline bool fails(const std::function<void()>& call, const std::string& cause, const std::string& part) {
    const std::string failure = failure_of(call);
    INFO(failure);
    CHECK(failure.starts_with(cause + ": "));
    CHECK(failure.find(part) != std::string::npos);
    return failure.starts_with(cause + ": ") && failure.find(part) != std::string::npos;
}

} // namespace autodeploy
