#pragma once

#include "agent/requests.h"
#include "agent/window.h"
#include "platform/file_system.h"

#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// A restart of the machine that finishes what was applied.
struct AwaitedRestart {
    UnixTime since = 0;
    UnixTime deadline = 0;    ///< until then it must have come
    UnixTime asked_at = 0;    ///< 0: not yet; it is asked for once
    UnixTime due = 0;         ///< when it was asked to come
    bool services_run = true; ///< those that ran before run meanwhile
    bool operator==(const AwaitedRestart&) const = default;
};

/// What a deployment must not forget when the agent is restarted; deployment.json. Everything else is found out anew.
struct DeploymentState {
    static constexpr int format = 1;
    Request request;                ///< its id is the deployment's
    std::vector<Request> joined;    ///< further requests that the same deployment answers
    UnixTime deadline = 0;          ///< of the first stop; 0: not set yet
    std::optional<Opening> opening; ///< of the window that it waits for, jitter not counted
    bool seen_open = false;         ///< it came to look while that window was open
    int attempts = 0;               ///< plans that were applied, those that found the native tool busy among them
    std::string attempt;            ///< folder of the plan that is being applied; empty before
    std::optional<AwaitedRestart> restart;
    bool skips_window() const;
    bool operator==(const DeploymentState&) const = default;
};

/// Nothing if there is none, or none that can be read; then `damaged` says why and the file was put aside.
std::optional<DeploymentState> load_deployment_state(FileSystem& files, const std::string& path, std::string& damaged);
/// Reads only, for others than the service: nothing where there is none. Throws Error io_error, metadata_malformed.
std::optional<DeploymentState> peek_deployment_state(FileSystem& files, const std::string& path);
/// Durable when it returns.
void save_deployment_state(FileSystem& files, const std::string& path, const DeploymentState& state);

} // namespace autodeploy
