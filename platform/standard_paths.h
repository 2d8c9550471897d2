#pragma once

#include <string>

namespace autodeploy {

/// Where our own things lie. One fixed layout for each system; tests make their own.
struct StandardPaths {
    std::string settings; ///< "/etc/autodeploy/autodeploy.yaml"
    std::string root;     ///< the trusted root that trust begins with: "/etc/autodeploy/root.json"
    std::string state;    ///< "/var/lib/autodeploy"; private
    std::string runtime;  ///< "/run/autodeploy"; gone after a restart of the machine
    std::string program;  ///< "/usr/bin/autodeploy"
    std::string service;  ///< our own service, without what a manager adds: "autodeploy"

    /// Beside the settings, where an administrator looks first: while it is there, this machine is left alone.
    std::string hold_file() const { return settings.substr(0, settings.find_last_of("/\\") + 1) + "hold"; }
    std::string requests() const { return state + "/requests"; }
    std::string attempts() const { return state + "/attempts"; }
    std::string staging() const { return state + "/staging"; }
    std::string downloads() const { return state + "/downloads"; }
    std::string keep() const { return state + "/keep"; }
    std::string trust() const { return state + "/trust"; }
    std::string history() const { return state + "/history.jsonl"; }
    std::string deployment() const { return state + "/deployment.json"; }
    /// The newest trigger that was refused, until the service has it in the history.
    std::string refused_trigger() const { return state + "/refused-trigger.json"; }
    std::string releases() const { return state + "/releases.json"; }
    std::string rescue_list() const { return state + "/restart-services"; }
    /// Held by whoever applies: at most one on a machine. The package of the agent asks for it too.
    std::string instance_lock() const { return state + "/lock"; }
    /// Held by whoever refreshes, fetches or stages.
    std::string work_lock() const { return state + "/work.lock"; }
    /// Held by the service for as long as it lives.
    std::string service_lock() const { return state + "/service.lock"; }
    std::string status() const { return runtime + "/status.json"; }
};

/// Of the system that we were built for.
StandardPaths standard_paths();

} // namespace autodeploy
