#pragma once

#include "installer/package/manifest.h"
#include "platform/error.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>

namespace autodeploy {

/// A manifest with one of everything; valid as it is.
Manifest example_manifest(const std::string& release = "8.1.27.0", const std::string& platform = "linux-x86_64");

/// "cause: message" of the Error that the call throws; "nothing" if it throws none.
inline std::string error_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.cause() + ": " + error.what();
    }
    return "nothing";
}

} // namespace autodeploy
