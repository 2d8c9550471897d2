#include "platform/windows/native/windows_command_runner.h"

#include "platform/error.h"
#include "platform/windows/native/child_process.h"
#include "platform/windows/native/file_failure.h"
#include "platform/windows/native/wide.h"
#include "platform/windows/native/windows_process_table.h"

#include <windows.h>

#include <algorithm>
#include <thread>

namespace autodeploy {

namespace {

constexpr DWORD grace_after_kill = 5000;
constexpr std::size_t tail_of_output = 1 << 20;

Error cannot_run(const std::string& program) {
    return Error("tool_failed", "cannot run " + program + ": " + system_message(int(::GetLastError())));
}

/// One stream of the child: what is kept of it, and the rest read away so that the child is never held up.
class Collector {
  public:
    Collector(const std::string& program, std::string& text, std::size_t limit) : text_(text), limit_(limit) {
        HANDLE read = nullptr, write = nullptr;
        SECURITY_ATTRIBUTES inherited{sizeof inherited, nullptr, TRUE};
        if (!::CreatePipe(&read, &write, &inherited, 0)) throw cannot_run(program);
        read_ = Handle(read);
        write_ = Handle(write);
        ::SetHandleInformation(read, HANDLE_FLAG_INHERIT, 0);
    }
    Collector(const Collector&) = delete;
    Collector& operator=(const Collector&) = delete;
    ~Collector() { finish(); }

    void* child_end() const { return write_.get(); }
    void started() {
        write_.close();
        thread_ = std::thread([this] { read_all(); });
    }
    /// Once everybody who could write is gone.
    void finish() {
        if (thread_.joinable()) thread_.join();
    }

  private:
    void read_all() {
        char buffer[16384];
        for (DWORD got = 0; ::ReadFile(read_.get(), buffer, sizeof buffer, &got, nullptr) && got > 0;)
            text_.append(buffer, std::min<std::size_t>(got, limit_ - text_.size()));
    }

    std::string& text_;
    std::size_t limit_;
    Handle read_;
    Handle write_;
    std::thread thread_;
};

/// Ends all that is in it when it is closed, by us or by our death.
Handle make_job(const std::string& program) {
    Handle job(::CreateJobObjectW(nullptr, nullptr));
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    if (!job || !::SetInformationJobObject(job.get(), JobObjectExtendedLimitInformation, &limits, sizeof limits))
        throw cannot_run(program);
    return job;
}

int exit_code_of(void* process) {
    DWORD code = 0;
    return ::GetExitCodeProcess(process, &code) ? int(code) : -1;
}

DWORD limit_of(Milliseconds time) {
    return DWORD(std::clamp<std::int64_t>(time.count(), 0, 24 * 3600 * 1000));
}

Handle open_running(const DetachedRecord& record) {
    Handle process(::OpenProcess(SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, FALSE, DWORD(record.process)));
    if (process && start_of_process(process.get()) != record.process_start) return Handle();
    return process;
}

} // namespace

WindowsCommandRunner::WindowsCommandRunner(FileSystem& files, Clock& clock, const std::string& state_directory)
    : records_(files, clock, state_directory) {}

CommandResult WindowsCommandRunner::run(const Command& command) {
    CommandResult result;
    Collector output(command.program, result.output, command.output_limit);
    Collector error(command.program, result.error, command.output_limit);
    const Handle job = make_job(command.program);
    const Handle input = open_null(command);
    const Handle process = start_child(command, input.get(), output.child_end(), error.child_end(), job.get());
    output.started();
    error.started();
    result.timed_out = ::WaitForSingleObject(process.get(), limit_of(command.deadline)) != WAIT_OBJECT_0;
    // Whether or not the program has ended: what it started must neither go on nor hold the streams.
    ::TerminateJobObject(job.get(), 1);
    ::WaitForSingleObject(process.get(), grace_after_kill);
    output.finish();
    error.finish();
    result.exit_code = exit_code_of(process.get());
    return result;
}

CommandResult WindowsCommandRunner::run_detached(const DetachedCommand& command) {
    DetachedRecord record = records_.begin(command);
    SECURITY_ATTRIBUTES inherited{sizeof inherited, nullptr, TRUE};
    const Handle output(::CreateFileW(long_path(command.output_path).c_str(), FILE_APPEND_DATA | SYNCHRONIZE,
                                      FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, &inherited, OPEN_ALWAYS,
                                      FILE_ATTRIBUTE_NORMAL, nullptr));
    if (!output) throw file_failure("write", command.output_path, ::GetLastError());
    const Handle input = open_null(command.command);
    const Handle process = start_child(command.command, input.get(), output.get(), output.get(), nullptr);
    record.started = true;
    record.process = ::GetProcessId(process.get());
    record.process_start = start_of_process(process.get());
    records_.save(record);
    return wait(record, process.get(), command.command.deadline);
}

DetachedState WindowsCommandRunner::detached_state(const std::string& name) {
    const auto record = records_.find(name);
    if (!record || !record->started) return DetachedState::unknown;
    if (record->exit_code) return DetachedState::ended;
    const Handle process = open_running(*record);
    return process && ::WaitForSingleObject(process.get(), 0) != WAIT_OBJECT_0 ? DetachedState::running
                                                                               : DetachedState::ended;
}

CommandResult WindowsCommandRunner::wait_detached(const std::string& name, Milliseconds time) {
    auto record = records_.find(name);
    if (!record || !record->started)
        throw Error("tool_failed", "cannot wait for " + name + ": nothing of that name was started");
    const Handle process = record->exit_code ? Handle() : open_running(*record);
    if (process) return wait(*record, process.get(), time);
    CommandResult result;
    result.exit_code = record->exit_code.value_or(-1);
    result.output = records_.output(*record, tail_of_output);
    return result;
}

void WindowsCommandRunner::end_scriptlets(const std::string&) {}

CommandResult WindowsCommandRunner::wait(DetachedRecord& record, void* process, Milliseconds time) {
    CommandResult result;
    result.timed_out = ::WaitForSingleObject(process, limit_of(time)) != WAIT_OBJECT_0;
    if (!result.timed_out) {
        result.exit_code = exit_code_of(process);
        record.exit_code = result.exit_code;
        records_.save(record);
    }
    result.output = records_.output(record, tail_of_output);
    return result;
}

} // namespace autodeploy
