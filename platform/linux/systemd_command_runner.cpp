#include "platform/linux/systemd_command_runner.h"

#include "platform/error.h"
#include "platform/linux/process_handle.h"
#include "platform/linux/systemctl.h"
#include "platform/posix/child_process.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <unistd.h>
#include <utility>

namespace autodeploy {
namespace {

constexpr std::size_t output_limit = 1 << 20;
constexpr Milliseconds longest_wait{60000};
constexpr Milliseconds between_looks{5};
/// What is over is taken away when the services of the client are likely to be up again.
constexpr std::chrono::seconds before_forgetting{1};
const std::string gate_ending = ".gate";
/// systemd 240 writes to files by itself and knows the rest of what is asked for below.
constexpr int version_with_append = 240;

/// systemd replaces variables in the arguments of every unit; a doubled dollar is one dollar.
std::string without_variables(const std::string& argument) {
    std::string text;
    for (const char letter : argument)
        text += letter == '$' ? std::string("$$") : std::string(1, letter);
    return text;
}

std::string unit_of(const std::string& name) {
    return (name.starts_with("autodeploy-") ? name : "autodeploy-" + name) + ".service";
}

const char* const asked_properties = "LoadState,ActiveState,SubState,MainPID,ExecMainCode,ExecMainStatus";

} // namespace

Command transient_unit_command(const DetachedCommand& command, int version, const std::string& gate) {
    Command start;
    start.program = "/usr/bin/systemd-run";
    // The tool must outlive us, a daemon that a scriptlet starts must outlive the tool, and a shutdown waits for the
    // tool instead of killing it in its middle.
    start.arguments = {"--quiet",
                       "--unit=" + unit_of(command.name),
                       "--description=autodeploy runs " + command.command.program,
                       "--remain-after-exit",
                       "--property=KillMode=process",
                       "--property=KillSignal=SIGCONT",
                       "--property=SendSIGKILL=no"};
    const bool appends = version >= version_with_append;
    if (appends) {
        start.arguments.insert(start.arguments.end(), {"--property=TimeoutStopSec=15min", "--property=IgnoreSIGPIPE=no",
                                                       "--property=StandardInput=null",
                                                       "--property=StandardOutput=append:" + command.output_path,
                                                       "--property=StandardError=append:" + command.output_path});
    }
    std::vector<std::string> tool;
    // The text for the shell is constant; what varies reaches it as arguments only.
    if (!appends) tool = {"/bin/sh", "-c", "exec \"$@\" >>\"$0\" 2>&1 </dev/null", command.output_path};
    tool.insert(tool.end(), {"/usr/bin/env", "-i"});
    for (std::string& variable : exact_environment(command.command))
        tool.push_back(std::move(variable));
    tool.push_back(command.command.program);
    tool.insert(tool.end(), command.command.arguments.begin(), command.command.arguments.end());
    if (!gate.empty()) tool = behind_gate(gate, tool);
    start.arguments.emplace_back("--");
    for (const std::string& argument : tool)
        start.arguments.push_back(without_variables(argument));
    return start;
}

std::optional<TransientUnit> transient_unit(const UnitProperties& properties) {
    if (properties.text("LoadState") == "not-found" || properties.text("LoadState").empty()) return std::nullopt;
    TransientUnit unit;
    unit.process = properties.number("MainPID");
    const std::string& active = properties.text("ActiveState");
    unit.running = active == "activating" || active == "deactivating" || active == "reloading" ||
                   (active == "active" && properties.text("SubState") != "exited");
    if (!unit.running) {
        const int status = int(properties.number("ExecMainStatus"));
        const std::int64_t how = properties.number("ExecMainCode"); // as si_code: 1 exited, 2 killed, 3 dumped
        if (how == CLD_EXITED) unit.exit_code = status;
        if (how == CLD_KILLED || how == CLD_DUMPED) unit.exit_code = 128 + status;
    }
    return unit;
}

SystemdCommandRunner::SystemdCommandRunner(CommandRunner& reader, FileSystem& files, Clock& clock,
                                           ProcessTable& processes, const std::string& state_directory)
    : reader_(reader), files_(files), clock_(clock), processes_(processes), records_(files, clock, state_directory) {}

CommandResult SystemdCommandRunner::run(const Command& command) {
    return reader_.run(command);
}

SystemdCommandRunner::~SystemdCommandRunner() {
    expect_detached({});
    hurry();
}

void SystemdCommandRunner::hurry() {
    const std::lock_guard lock(mutex_);
    ++hurries_;
    hurried_.notify_all();
}

/// A unit that succeeded is there because it remains after its exit, one that failed because it failed. Either call
/// fails where there is nothing to be done. Nobody waits for it: services of the client may be down meanwhile.
void SystemdCommandRunner::forget_unit(const std::string& name, bool failed) {
    await_forgotten(name);
    forgotten_[name] = std::async(std::launch::async, [this, unit = unit_of(name), failed, before = hurries_] {
        {
            std::unique_lock lock(mutex_);
            hurried_.wait_for(lock, before_forgetting, [&] { return hurries_ != before; });
        }
        for (const char* verb : {"stop", "reset-failed"}) {
            Command command;
            command.program = systemctl_program;
            command.arguments = {verb, "--", unit};
            if (failed || std::string(verb) == "stop") reader_.run(command);
        }
    });
}

void SystemdCommandRunner::await_forgotten(const std::string& name) {
    auto forgotten = forgotten_.extract(name);
    if (!forgotten) return;
    hurry();
    forgotten.mapped().wait();
}

std::string SystemdCommandRunner::gate_of(const std::string& name) const {
    return records_.path_of(name) + gate_ending;
}

void SystemdCommandRunner::drop_gates_of_earlier_runs() {
    if (std::exchange(gates_dropped_, true)) return;
    if (!files_.status(records_.directory())) return;
    for (const std::string& file : files_.list(records_.directory()))
        if (file.size() > gate_ending.size() && file.ends_with(gate_ending)) {
            const std::string name = file.substr(0, file.size() - gate_ending.size());
            open_without_word(records_.directory() + "/" + file);
            if (!records_.find(name)) forget_unit(name, true);
        }
}

/// Without the word the unit ends, and then it is taken away.
void SystemdCommandRunner::drop_waiting(const std::string& name) {
    if (waiting_.erase(name) > 0) forget_unit(name, true);
}

std::unique_ptr<WaitingUnit> SystemdCommandRunner::waiting_unit(const DetachedCommand& command) {
    await_forgotten(command.name);
    auto unit = std::make_unique<WaitingUnit>(gate_of(command.name));
    unit->command = command;
    try {
        if (reader_.run(transient_unit_command(command, version(), gate_of(command.name))).succeeded()) {
            if (unit->reached()) {
                unit->process = show_unit(reader_, unit_of(command.name), asked_properties).number("MainPID");
                if (const auto start = start_of_process(unit->process)) unit->process_start = *start;
            }
            return unit;
        }
    } catch (const Error&) {
        // As where it was not started.
    }
    // It may be there all the same, and its end without the word would be taken for a run of the tool.
    unit.reset();
    forget_unit(command.name, true);
    return nullptr;
}

void SystemdCommandRunner::expect_detached(const std::vector<DetachedCommand>& commands) {
    try {
        while (!waiting_.empty())
            drop_waiting(std::string(waiting_.begin()->first));
        if (commands.empty() || version() < version_with_append) return;
        drop_gates_of_earlier_runs();
        records_.make_directory();
        for (const DetachedCommand& command : commands) {
            // What has a record may be running; then it is for run_detached to say so.
            if (records_.find(command.name)) continue;
            if (auto unit = waiting_unit(command)) waiting_.emplace(command.name, std::move(unit));
        }
    } catch (const Error&) {
        // Then it is started when it is run.
    }
}

/// False where none waits for exactly this.
bool SystemdCommandRunner::go_through_gate(const DetachedCommand& command, std::int64_t& process,
                                           std::string& process_start) {
    const auto found = waiting_.find(command.name);
    if (found == waiting_.end()) return false;
    WaitingUnit& unit = *found->second;
    process = unit.process;
    process_start = unit.process_start;
    if (unit.command == command && !process_start.empty() && unit.go()) {
        waiting_.erase(found);
        return true;
    }
    drop_waiting(command.name);
    await_forgotten(command.name);
    return false;
}

int SystemdCommandRunner::version() {
    if (!version_) {
        Command ask;
        ask.program = systemctl_program;
        ask.arguments = {"--version"};
        version_ = parse_systemd_version(reader_.run(ask).output);
    }
    return *version_;
}

CommandResult SystemdCommandRunner::run_detached(const DetachedCommand& command) {
    if (::access(command.command.program.c_str(), X_OK) != 0) throw start_error(command.command.program, errno);
    drop_gates_of_earlier_runs();
    // Without a record there was no run since the boot, and of those that this process took away nothing is left.
    std::optional<TransientUnit> survivor;
    if (records_.find(command.name) && !forgotten_.contains(command.name))
        survivor = transient_unit(show_unit(reader_, unit_of(command.name), asked_properties));
    if (survivor && survivor->running)
        throw Error("tool_failed",
                    "cannot start " + command.command.program + ": " + unit_of(command.name) +
                        " is still running; wait for it",
                    Retry::later);
    if (survivor) forget_unit(command.name, true);
    await_forgotten(command.name);
    DetachedRecord record = records_.begin(command);
    const Milliseconds end = clock_.elapsed() + command.command.deadline;
    std::int64_t process = 0;
    std::string process_start;
    if (go_through_gate(command, process, process_start)) {
        record.started = true;
        records_.save(record);
        ProcessHandle(process, process_start).wait(std::min(command.command.deadline, longest_wait));
        return wait_detached(command.name, std::max(end - clock_.elapsed(), Milliseconds::zero()));
    }
    const CommandResult start = reader_.run(transient_unit_command(command, version()));
    if (!start.succeeded() && !transient_unit(show_unit(reader_, unit_of(command.name), asked_properties)))
        throw Error("tool_failed",
                    "cannot start " + command.command.program + " as " + unit_of(command.name) + ": systemd-run " +
                        (start.timed_out ? "did not end in time" : "says " + start.error + start.output),
                    Retry::later);
    record.started = true;
    records_.save(record);
    return wait_detached(command.name, command.command.deadline);
}

/// What is learned of the exit code goes into the record; only then the unit is forgotten.
DetachedState SystemdCommandRunner::state_of(DetachedRecord& record, std::int64_t& process) {
    if (record.exit_code && forgotten_.contains(record.name)) return DetachedState::ended;
    const auto unit = transient_unit(show_unit(reader_, unit_of(record.name), asked_properties));
    if (record.exit_code) { // a run of ours was ended before it could take the unit away
        if (unit) forget_unit(record.name, true);
        return DetachedState::ended;
    }
    process = unit ? unit->process : 0;
    if (unit && unit->running) return DetachedState::running;
    if (!unit && !record.started) return DetachedState::unknown;
    record.started = true;
    record.exit_code = unit ? unit->exit_code : -1;
    records_.save(record);
    forget_unit(record.name, record.exit_code != 0);
    return DetachedState::ended;
}

DetachedState SystemdCommandRunner::detached_state(const std::string& name) {
    version(); // whoever asks may start something soon, and then there is less time
    std::optional<DetachedRecord> record = records_.find(name);
    std::int64_t process = 0;
    return record ? state_of(*record, process) : DetachedState::unknown;
}

CommandResult SystemdCommandRunner::wait_detached(const std::string& name, Milliseconds time) {
    CommandResult result;
    result.exit_code = -1;
    std::optional<DetachedRecord> record = records_.find(name);
    if (!record) return result;
    const Milliseconds end = clock_.elapsed() + time;
    std::int64_t process = 0;
    while (state_of(*record, process) == DetachedState::running) {
        const Milliseconds left = end - clock_.elapsed();
        if (left <= Milliseconds::zero()) {
            result.timed_out = true;
            break;
        }
        const auto started = process > 0 ? start_of_process(process) : std::nullopt;
        if (started) ProcessHandle(process, *started).wait(std::min(left, longest_wait));
        // Between the end of the process and systemd's knowledge of it lies a moment.
        else
            clock_.sleep(between_looks);
    }
    result.exit_code = record->exit_code.value_or(-1);
    result.output = records_.output(*record, output_limit);
    return result;
}

void SystemdCommandRunner::end_scriptlets(const std::string& name) {
    const auto unit = transient_unit(show_unit(reader_, unit_of(name), asked_properties));
    if (unit && unit->running && unit->process > 0) end_descendants(processes_, unit->process);
}

} // namespace autodeploy
