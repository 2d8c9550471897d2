#pragma once

#include "platform/error.h"
#include "platform/platform.h"
#include "tests/fakes/fake_clock.h"

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace autodeploy {

// A machine on which nothing happens by itself, for tests that need one to stand on.

class PlainProcesses : public ProcessTable {
  public:
    std::vector<Process> list() override { return all; }
    std::vector<Process> mapping(const std::string&) override { return {}; }
    std::map<std::string, std::string> environment(const Process& process) override { return environments[process.id]; }
    bool end(const Process&, Milliseconds) override { return true; }
    void kill(const Process&) override {}
    std::vector<Process> all;
    std::map<std::int64_t, std::map<std::string, std::string>> environments;
};

class PlainServices : public ServiceManager {
  public:
    std::string name() const override { return "systemd"; }
    std::vector<Service> services_of(const std::vector<std::string>&) override { return all; }
    std::optional<Service> find(const std::string& name) override {
        if (!known.contains(name)) return {};
        Service service;
        service.name = name;
        return service;
    }
    void start(const std::string& name, Milliseconds) override {
        if (broken) throw Error("service_start_failed", "cannot start " + name);
        started.push_back(name);
    }
    void stop(const std::string&, Milliseconds, bool) override {}
    bool hold(const std::string&) override { return true; }
    void release(const std::string&) override {}
    void reload() override {}
    void restore(const Service&) override {}
    std::vector<Service> all;
    std::vector<std::string> started;
    std::set<std::string> known;
    bool broken = false;
};

class PlainHost : public Host {
  public:
    HostFacts facts() override { return {"alpha", system, "x86_64", "debian 12", true}; }
    bool is_administrator() override { return administrator; }
    bool reaches(const std::string&, int, Milliseconds) override { return true; }
    std::vector<std::string> cluster_software() override { return {}; }
    std::vector<std::string> pending_renames(const std::vector<std::string>&) override { return {}; }
    std::vector<std::string> logged_on() override { return users; }
    void request_restart(const std::string& message, Seconds delay) override {
        restarts.push_back(message + " (in " + std::to_string(delay.count()) + " s)");
    }
    bool cancel_restart() override { return !restarts.empty(); }
    std::vector<std::string> mount_properties(const std::string&) override { return {}; }
    void log(int, const std::string& message) override {
        const std::lock_guard guard(mutex);
        logged.push_back(message);
    }
    bool administrator = true;
    std::string system = "linux";
    std::vector<std::string> users;
    std::vector<std::string> restarts;
    std::mutex mutex;
    std::vector<std::string> logged;
};

class NoCommands : public CommandRunner {
  public:
    CommandResult run(const Command&) override { return {}; }
    CommandResult run_detached(const DetachedCommand&) override { return {}; }
    DetachedState detached_state(const std::string&) override { return DetachedState::unknown; }
    CommandResult wait_detached(const std::string&, Milliseconds) override { return {}; }
    void end_scriptlets(const std::string&) override {}
};

class NoRegistry : public SettingsStore {
  public:
    Tree read(const std::string&) override { return {}; }
    void write(const std::string&, const Tree&) override {}
};

/// All of it but files.
struct PlainMachine {
    Platform over(FileSystem& files) { return {files, clock, commands, processes, services, this_host, registry, {}}; }

    FakeClock clock;
    NoCommands commands;
    PlainProcesses processes;
    PlainServices services;
    PlainHost this_host;
    NoRegistry registry;
};

} // namespace autodeploy
