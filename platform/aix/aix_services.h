#pragma once

#include "platform/aix/aix_process_table.h"
#include "platform/aix/src_text.h"
#include "platform/aix/start_record.h"
#include "platform/service_manager.h"

#include <functional>
#include <set>

namespace autodeploy {

/// What the three kinds of services on AIX have in common: asking the tools, and waiting for processes to be gone.
class AixServices {
  public:
    AixServices(CommandRunner& commands, AixProcessTable& processes, FileSystem& files, Clock& clock,
                const std::string& state_directory, std::string root = "");

    CommandResult run(const std::string& program, const std::vector<std::string>& arguments);
    std::vector<Subsystem> subsystems();
    std::optional<Subsystem> subsystem(const std::string& name);
    std::vector<SubsystemInstance> instances(const std::string& subsystem);
    /// What the controller has started, of any subsystem, and all that came from it.
    std::set<std::int64_t> processes_of_subsystems(const std::vector<Process>& all);
    std::vector<InittabEntry> inittab();
    /// Sets the entry's line where it differs, and has init read it.
    void set_inittab(const InittabEntry& entry);

    /// Puts the entries that a hold of this service put out of force back as they were; nothing where there is none.
    /// processes: of the service. Returns those that init has started for it, which nobody asked for: some take an
    /// entry that comes back into force for a new one.
    std::set<std::int64_t> release_hold(const std::string& service,
                                        const std::function<std::set<std::int64_t>()>& processes);

    /// These and all that they started.
    std::vector<Process> family(const std::vector<Process>& all, const std::set<std::int64_t>& roots);
    StartedAs started_as(const Process& process);
    /// Starts it in a session of its own with exactly that environment, and does not wait.
    void start_apart(const StartedAs& how);
    /// The same for a shell's command line, as init would.
    void start_line(const std::string& line, const std::map<std::string, std::string>& environment);

    /// Waits until none of the family is there, nor any of others(), ids that are asked for at each look; at the
    /// deadline ends them the hard way if that is allowed, else throws service_stop_failed.
    void await_end(const std::string& service, const std::vector<Process>& family,
                   const std::function<std::set<std::int64_t>()>& others, Milliseconds deadline, bool kill_at_deadline);
    /// Asks these processes to end, and waits as above for them and all that they started.
    void end(const std::string& service, const std::set<std::int64_t>& ids,
             const std::function<std::set<std::int64_t>()>& others, Milliseconds deadline, bool kill_at_deadline);
    /// Waits until is_up(); throws service_start_failed with what was said.
    void await_start(const std::string& service, const std::function<bool()>& is_up, Milliseconds deadline,
                     const std::string& said);

    CommandRunner& commands;
    AixProcessTable& processes;
    FileSystem& files;
    Clock& clock;
    StartRecords records;

  private:
    std::string root_;
};

/// Subsystems of the system resource controller. A hold puts entries of inittab that start the subsystem out of force;
/// the controller itself has no such means.
class SrcServiceManager final : public ServiceManager {
  public:
    explicit SrcServiceManager(AixServices& services) : services_(services) {}

    std::string name() const override { return "src"; }
    std::vector<Service> services_of(const std::vector<std::string>& directories) override;
    std::optional<Service> find(const std::string& name) override;
    void start(const std::string& name, Milliseconds deadline) override;
    void stop(const std::string& name, Milliseconds deadline, bool kill_at_deadline) override;
    bool hold(const std::string& name) override;
    void release(const std::string& name) override;
    void reload() override {}
    void restore(const Service& service) override;

    /// Processes of the last services_of, several of one subsystem too.
    const std::set<std::int64_t>& seen() const { return seen_; }

  private:
    Service service_of(const Subsystem& subsystem);
    Subsystem existing(const std::string& name, const std::string& verb);
    std::set<std::int64_t> instance_ids(const std::string& name);
    std::vector<StartedAs> running_instances(const Subsystem& subsystem);
    std::vector<InittabEntry> boot_entries(const Subsystem& subsystem);

    AixServices& services_;
    std::vector<std::string> directories_; ///< of the last services_of
    std::set<std::int64_t> seen_;
};

/// Entries of inittab whose command comes to a program of the client: "inittab:dsmcad". A hold sets the action off.
class InittabServiceManager final : public ServiceManager {
  public:
    explicit InittabServiceManager(AixServices& services) : services_(services) {}

    std::string name() const override { return "inittab"; }
    std::vector<Service> services_of(const std::vector<std::string>& directories) override;
    std::optional<Service> find(const std::string& name) override;
    void start(const std::string& name, Milliseconds deadline) override;
    void stop(const std::string& name, Milliseconds deadline, bool kill_at_deadline) override;
    bool hold(const std::string& name) override;
    void release(const std::string& name) override;
    void reload() override;
    void restore(const Service& service) override;

    static constexpr std::string_view prefix = "inittab:";
    const std::set<std::int64_t>& seen() const { return seen_; }

  private:
    std::optional<Service> service_of(const InittabEntry& entry);
    /// As it is without a hold.
    std::optional<InittabEntry> entry_of(const std::string& name);
    struct Existing {
        InittabEntry entry;
        Service service;
    };
    Existing existing(const std::string& name, const std::string& verb);
    std::vector<Process> processes_of(const Service& service);
    std::set<std::int64_t> process_ids(const Service& service);

    AixServices& services_;
    std::vector<std::string> directories_;
    std::set<std::int64_t> seen_;
};

/// Processes of the client that nobody else answers for and that have no living parent: "process:dsmc-1a2b3c4d". They
/// are started again as they were. Where ps cannot tell how that was, services_of throws service_manager_failed.
class ProcessServiceManager final : public ServiceManager {
  public:
    /// known: whether another manager answers for the process.
    ProcessServiceManager(AixServices& services, std::function<bool(const Process&)> known)
        : services_(services), known_(std::move(known)) {}

    std::string name() const override { return "process"; }
    std::vector<Service> services_of(const std::vector<std::string>& directories) override;
    std::optional<Service> find(const std::string& name) override;
    void start(const std::string& name, Milliseconds deadline) override;
    void stop(const std::string& name, Milliseconds deadline, bool kill_at_deadline) override;
    bool hold(const std::string& name) override;
    void release(const std::string&) override {}
    void reload() override {}
    void restore(const Service& service) override;

    static constexpr std::string_view prefix = "process:";

  private:
    std::vector<Process> processes_named(const std::string& name);

    AixServices& services_;
    std::function<bool(const Process&)> known_;
};

/// All three; a service's name tells whose it is.
class AixServiceManager final : public ServiceManager {
  public:
    explicit AixServiceManager(AixServices& services);

    std::string name() const override { return subsystems_.name(); }
    std::vector<Service> services_of(const std::vector<std::string>& directories) override;
    std::optional<Service> find(const std::string& name) override { return manager_of(name).find(name); }
    void start(const std::string& name, Milliseconds deadline) override { manager_of(name).start(name, deadline); }
    void stop(const std::string& name, Milliseconds deadline, bool kill_at_deadline) override {
        manager_of(name).stop(name, deadline, kill_at_deadline);
    }
    bool hold(const std::string& name) override { return manager_of(name).hold(name); }
    void release(const std::string& name) override { manager_of(name).release(name); }
    void reload() override { entries_.reload(); }
    void restore(const Service& service) override { manager_of(service.name).restore(service); }

  private:
    ServiceManager& manager_of(const std::string& name);

    SrcServiceManager subsystems_;
    InittabServiceManager entries_;
    ProcessServiceManager processes_;
};

} // namespace autodeploy
