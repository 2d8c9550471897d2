#pragma once

#include "installer/client/layout.h"
#include "platform/error.h"
#include "platform/platform.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_file_system.h"
#include "tests/fakes/fake_registry.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// A machine to be looked at, not to be changed: every answer is a value that a test sets, every call that would change
/// something throws. Any part can be made to fail.
class StillMachine {
  public:
    FakeFileSystem files;
    FakeClock clock;

    std::vector<Process> processes;
    std::map<std::string, std::vector<Process>> mapping; ///< by prefix
    std::map<std::string, std::vector<Process>> holding; ///< by path
    std::map<std::int64_t, std::map<std::string, std::string>> environments;
    std::vector<Service> services;
    std::string service_manager = "systemd";
    HostFacts host{"web01", "linux", "x86_64", "debian 12", true};
    bool administrator = true;
    std::vector<std::string> cluster_software;
    std::vector<std::string> pending_renames;
    std::function<std::vector<std::string>(const std::vector<std::string>&)> host_pending; ///< in place of the former
    std::map<std::string, std::vector<std::string>> mount_properties;
    FakeRegistry registry;
    std::function<CommandResult(const Command&)> run;
    std::vector<Command> commands;
    std::string failing; ///< "processes", "services", "host", "packages", "installer", "policies": that part throws
                         ///< access_denied

    struct Installer {
        std::string name;
        std::vector<InstalledPackage> packages;
        std::map<std::string, std::string> owners;
        std::optional<std::string> busy;
        std::vector<std::string> pinned;
    };
    std::vector<Installer> installers;

    /// What stands in the members now; the machine must outlive it.
    Platform& platform();

  private:
    void fail_if(const std::string& part) const {
        if (failing == part) throw Error("access_denied", "cannot read the " + part + ": Permission denied (error 13)");
    }

    struct Commands final : CommandRunner {
        explicit Commands(StillMachine& machine_) : machine(machine_) {}
        CommandResult run(const Command& command) override {
            machine.commands.push_back(command);
            if (!machine.run) throw Error("tool_missing", "cannot run " + command.program + ": not found (error 2)");
            return machine.run(command);
        }
        CommandResult run_detached(const DetachedCommand&) override { throw Changed{}; }
        DetachedState detached_state(const std::string&) override { return DetachedState::unknown; }
        CommandResult wait_detached(const std::string&, Milliseconds) override { throw Changed{}; }
        void end_scriptlets(const std::string&) override { throw Changed{}; }
        StillMachine& machine;
    };

    struct Processes final : ProcessTable {
        explicit Processes(StillMachine& machine_) : machine(machine_) {}
        std::vector<Process> list() override {
            machine.fail_if("processes");
            return machine.processes;
        }
        std::vector<Process> mapping(const std::string& prefix) override {
            const auto found = machine.mapping.find(prefix);
            return found == machine.mapping.end() ? std::vector<Process>{} : found->second;
        }
        std::vector<Process> holding(const std::vector<std::string>& paths) override {
            std::vector<Process> found;
            for (const std::string& path : paths)
                if (const auto held = machine.holding.find(path); held != machine.holding.end())
                    found.insert(found.end(), held->second.begin(), held->second.end());
            return found;
        }
        std::map<std::string, std::string> environment(const Process& process) override {
            return machine.environments[process.id];
        }
        bool end(const Process&, Milliseconds) override { throw Changed{}; }
        void kill(const Process&) override { throw Changed{}; }
        StillMachine& machine;
    };

    struct Services final : ServiceManager {
        explicit Services(StillMachine& machine_) : machine(machine_) {}
        std::string name() const override { return machine.service_manager; }
        std::vector<Service> services_of(const std::vector<std::string>& directories) override {
            machine.fail_if("services");
            std::vector<Service> found;
            for (const Service& service : machine.services)
                for (const std::string& directory : directories)
                    if (lies_below(service.program, directory)) {
                        found.push_back(service);
                        break;
                    }
            return found;
        }
        std::optional<Service> find(const std::string& wanted) override {
            for (const Service& service : machine.services)
                if (service.name == wanted) return service;
            return std::nullopt;
        }
        void start(const std::string&, Milliseconds) override { throw Changed{}; }
        void stop(const std::string&, Milliseconds, bool) override { throw Changed{}; }
        bool hold(const std::string&) override { throw Changed{}; }
        void release(const std::string&) override { throw Changed{}; }
        void reload() override { throw Changed{}; }
        void restore(const Service&) override { throw Changed{}; }
        StillMachine& machine;
    };

    struct TheHost final : Host {
        explicit TheHost(StillMachine& machine_) : machine(machine_) {}
        HostFacts facts() override { return machine.host; }
        bool is_administrator() override { return machine.administrator; }
        bool reaches(const std::string&, int, Milliseconds) override { return false; }
        std::vector<std::string> cluster_software() override {
            machine.fail_if("host");
            return machine.cluster_software;
        }
        std::vector<std::string> pending_renames(const std::vector<std::string>& below) override {
            machine.fail_if("host");
            return machine.host_pending ? machine.host_pending(below) : machine.pending_renames;
        }
        void request_restart(const std::string&, Seconds) override { throw Changed{}; }
        std::vector<std::string> mount_properties(const std::string& path) override {
            return machine.mount_properties[path];
        }
        void log(int, const std::string&) override {}
        StillMachine& machine;
    };

    struct OneInstaller final : NativeInstaller {
        OneInstaller(StillMachine& machine_, Installer& values_) : machine(machine_), values(values_) {}
        std::string name() const override { return values.name; }
        std::optional<std::string> owner(const std::string& path) override {
            machine.fail_if("packages");
            const auto found = values.owners.find(path);
            return found == values.owners.end() ? std::nullopt : std::optional(found->second);
        }
        std::vector<InstalledPackage> installed(const std::vector<std::string>& prefixes) override {
            std::vector<InstalledPackage> found;
            for (const InstalledPackage& package : values.packages)
                for (const std::string& prefix : prefixes)
                    if (package.id.name.starts_with(prefix)) {
                        found.push_back(package);
                        break;
                    }
            return found;
        }
        std::optional<std::string> busy() override {
            machine.fail_if("installer");
            return values.busy;
        }
        std::vector<std::string> pinned(const std::vector<std::string>&) override {
            machine.fail_if("policies");
            return values.pinned;
        }
        PackageFile describe(const std::string&) override { throw Changed{}; }
        std::optional<std::string> dry_run(const PackageSet&) override { throw Changed{}; }
        ConvergeResult converge(const PackageSet&, const ConvergeOptions&) override { throw Changed{}; }
        std::vector<std::string> verify(const std::vector<std::string>&) override { return {}; }
        StillMachine& machine;
        Installer& values;
    };

    struct Changed {}; ///< thrown by what must not be called

    Commands commands_{*this};
    Processes processes_{*this};
    Services services_{*this};
    TheHost host_{*this};
    std::vector<std::unique_ptr<OneInstaller>> installers_;
    std::optional<Platform> platform_;
};

/// A Debian (dpkg), a Red Hat (rpm) or an AIX (installp) machine with the client 8.1.25.0, its acceptor at work,
/// everything in order.
void put_client(StillMachine& machine, const std::string& installer);
/// A Windows with the client 8.1.25.0 of one MSI: the scheduler as a service that starts by itself.
void put_windows_client(StillMachine& machine);
/// That service.
inline constexpr const char* windows_scheduler = "TSM Client Scheduler";
/// And where its programs lie.
inline constexpr const char* windows_client = "C:\\Program Files\\Tivoli\\TSM\\baclient";

} // namespace autodeploy
