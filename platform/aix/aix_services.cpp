#include "platform/aix/aix_services.h"

#include "platform/aix/lines.h"
#include "platform/error.h"

#include <algorithm>
#include <iterator>

namespace autodeploy {

namespace {

constexpr Milliseconds query_deadline{60000};
constexpr Milliseconds between_looks{200};
constexpr Milliseconds wait_after_kill{20000};
/// In which init does what it does for an entry that has changed.
constexpr Milliseconds init_patience{2000};
/// The words behind it are run as they are; nothing of them is read by the shell.
const std::string start_words = "\"$@\" </dev/null >/dev/null 2>&1 &";

} // namespace

AixServices::AixServices(CommandRunner& runner, AixProcessTable& table, FileSystem& file_system, Clock& time,
                         const std::string& state_directory, std::string root)
    : commands(runner), processes(table), files(file_system), clock(time), records(file_system, state_directory),
      root_(std::move(root)) {}

CommandResult AixServices::run(const std::string& program, const std::vector<std::string>& arguments) {
    Command command;
    command.program = root_ + program;
    command.arguments = arguments;
    command.deadline = query_deadline;
    CommandResult result = commands.run(command);
    if (result.timed_out)
        throw Error("service_manager_failed", "cannot ask " + program + ": it did not answer in time", Retry::later);
    return result;
}

std::vector<Subsystem> AixServices::subsystems() {
    const CommandResult result = run("/usr/bin/lssrc", {"-S"});
    if (!result.succeeded() && parse_subsystems(result.output).empty())
        throw Error("service_manager_failed", "cannot list the subsystems: lssrc -S ended with " +
                                                  std::to_string(result.exit_code) + ": " + result.error);
    return parse_subsystems(result.output);
}

std::optional<Subsystem> AixServices::subsystem(const std::string& name) {
    if (name.empty() || name.front() == '-') return std::nullopt;
    for (Subsystem& one : parse_subsystems(run("/usr/bin/lssrc", {"-S", "-s", name}).output))
        if (one.name == name) return one;
    return std::nullopt;
}

std::vector<SubsystemInstance> AixServices::instances(const std::string& subsystem) {
    return parse_subsystem_status(run("/usr/bin/lssrc", {"-s", subsystem}).output, subsystem);
}

std::set<std::int64_t> AixServices::processes_of_subsystems(const std::vector<Process>& all) {
    std::set<std::int64_t> ids;
    for (const SubsystemInstance& instance : parse_subsystem_status(run("/usr/bin/lssrc", {"-a"}).output))
        ids.insert(instance.process);
    for (const Process& process : family(all, ids))
        ids.insert(process.id);
    return ids;
}

std::vector<InittabEntry> AixServices::inittab() {
    return parse_inittab(run("/usr/sbin/lsitab", {"-a"}).output);
}

void AixServices::set_inittab(const InittabEntry& entry) {
    const std::vector<InittabEntry> all = inittab();
    if (std::find(all.begin(), all.end(), entry) != all.end()) return;
    const bool there = std::any_of(all.begin(), all.end(), [&](const InittabEntry& one) { return one.id == entry.id; });
    const std::string program = there ? "/usr/sbin/chitab" : "/usr/sbin/mkitab";
    const CommandResult result = run(program, {inittab_line(entry)});
    const std::vector<InittabEntry> now = inittab();
    if (std::find(now.begin(), now.end(), entry) == now.end())
        throw Error("service_manager_failed", "cannot change the entry " + entry.id + " of /etc/inittab: " + program +
                                                  " ended with " + std::to_string(result.exit_code) + ": " +
                                                  result.error);
    run("/usr/sbin/telinit", {"q"});
}

std::set<std::int64_t> AixServices::release_hold(const std::string& service,
                                                 const std::function<std::set<std::int64_t>()>& processes_now) {
    const std::optional<StartRecord> record = records.find(service);
    if (!record || !record->held) return {};
    const std::set<std::int64_t> before = processes_now();
    bool may_start = false;
    for (const std::string& line : record->inittab_lines)
        for (const InittabEntry& entry : parse_inittab(line)) {
            may_start = may_start || entry.action != "respawn";
            set_inittab(entry);
        }
    std::set<std::int64_t> more;
    for (const Milliseconds end = clock.elapsed() + init_patience;
         may_start && more.empty() && clock.elapsed() < end;) {
        clock.sleep(between_looks);
        const std::set<std::int64_t> now = processes_now();
        // One that only takes another's place is no second one.
        if (now.size() > before.size())
            std::set_difference(now.begin(), now.end(), before.begin(), before.end(), std::inserter(more, more.end()));
    }
    // How its instances were started is still needed by a start that comes after.
    records.save(service, {false, {}, record->instances});
    return more;
}

std::vector<Process> AixServices::family(const std::vector<Process>& all, const std::set<std::int64_t>& roots) {
    std::set<std::int64_t> ids = roots;
    std::vector<Process> found;
    for (const Process& process : all)
        if (ids.contains(process.id)) found.push_back(process);
    for (std::size_t before = 0; before != ids.size();) {
        before = ids.size();
        for (const Process& process : all)
            if (process.parent > 1 && ids.contains(process.parent) && ids.insert(process.id).second)
                found.push_back(process);
    }
    return found;
}

StartedAs AixServices::started_as(const Process& process) {
    StartedAs how;
    how.program = process.program;
    if (!process.arguments.empty()) how.arguments.assign(process.arguments.begin() + 1, process.arguments.end());
    how.environment = processes.environment(process);
    return how;
}

void AixServices::start_apart(const StartedAs& how) {
    // env comes last, since a shell adds to the environment: the process is to have what it had, and nothing else.
    std::vector<std::string> arguments{"-c", start_words, "sh", "/usr/bin/env", "-i"};
    for (const auto& [name, value] : how.environment)
        arguments.push_back(name + "=" + value);
    arguments.push_back(how.program);
    arguments.insert(arguments.end(), how.arguments.begin(), how.arguments.end());
    Command command;
    command.program = "/bin/sh";
    command.arguments = std::move(arguments);
    commands.run(command);
}

void AixServices::start_line(const std::string& line, const std::map<std::string, std::string>& environment) {
    start_apart({"/bin/sh", {"-c", line}, environment});
}

void AixServices::await_end(const std::string& service, const std::vector<Process>& family,
                            const std::function<std::set<std::int64_t>()>& others, Milliseconds deadline,
                            bool kill_at_deadline) {
    const auto left = [&] {
        const std::set<std::int64_t> ids = others();
        std::vector<Process> now = processes.list();
        std::erase_if(now, [&](const Process& process) {
            return !ids.contains(process.id) && std::none_of(family.begin(), family.end(), [&](const Process& one) {
                return one.id == process.id && one.started == process.started;
            });
        });
        return now;
    };
    std::vector<Process> there = left();
    for (const Milliseconds end = clock.elapsed() + deadline; !there.empty() && clock.elapsed() < end; there = left())
        clock.sleep(between_looks);
    if (!there.empty() && kill_at_deadline)
        for (const Milliseconds end = clock.elapsed() + wait_after_kill; !there.empty() && clock.elapsed() < end;
             there = left()) {
            for (const Process& process : there)
                processes.kill(process);
            clock.sleep(between_looks);
        }
    if (there.empty()) return;
    throw Error("service_stop_failed",
                "cannot stop the service " + service + " in " + std::to_string(deadline.count() / 1000) + " s: " +
                    there.front().program + " (process " + std::to_string(there.front().id) + ") is still there",
                Retry::later);
}

void AixServices::end(const std::string& service, const std::set<std::int64_t>& ids,
                      const std::function<std::set<std::int64_t>()>& others, Milliseconds deadline,
                      bool kill_at_deadline) {
    const std::vector<Process> before = family(processes.list(), ids);
    for (const Process& process : before)
        if (ids.contains(process.id)) processes.end(process, Milliseconds::zero());
    await_end(service, before, others, deadline, kill_at_deadline);
}

void AixServices::await_start(const std::string& service, const std::function<bool()>& is_up, Milliseconds deadline,
                              const std::string& said) {
    for (const Milliseconds end = clock.elapsed() + deadline; !is_up();) {
        if (clock.elapsed() >= end)
            throw Error("service_start_failed", "cannot start the service " + service +
                                                    ": no process of it is there after " +
                                                    std::to_string(deadline.count() / 1000) + " s" +
                                                    (said.empty() ? "" : "; it was said: " + said));
        clock.sleep(between_looks);
    }
}

AixServiceManager::AixServiceManager(AixServices& services)
    : subsystems_(services), entries_(services), processes_(services, [this](const Process& process) {
          return subsystems_.seen().contains(process.id) || entries_.seen().contains(process.id);
      }) {}

ServiceManager& AixServiceManager::manager_of(const std::string& name) {
    if (name.starts_with(InittabServiceManager::prefix)) return entries_;
    if (name.starts_with(ProcessServiceManager::prefix)) return processes_;
    return subsystems_;
}

std::vector<Service> AixServiceManager::services_of(const std::vector<std::string>& directories) {
    std::vector<Service> services = subsystems_.services_of(directories);
    for (Service& entry : entries_.services_of(directories))
        services.push_back(std::move(entry));
    for (Service& process : processes_.services_of(directories))
        services.push_back(std::move(process));
    std::sort(services.begin(), services.end(), [](const Service& a, const Service& b) { return a.name < b.name; });
    return services;
}

} // namespace autodeploy
