#include "platform/windows/native/child_process.h"

#include "platform/error.h"
#include "platform/windows/command_line.h"
#include "platform/windows/full_path.h"
#include "platform/windows/native/wide.h"

#include <windows.h>

#include <memory>
#include <string>
#include <vector>

namespace autodeploy {

namespace {

/// What programs of Windows take for granted. Nothing else of our own environment is handed on.
constexpr const wchar_t* handed_on[] = {L"ALLUSERSPROFILE",
                                        L"CommonProgramFiles",
                                        L"CommonProgramFiles(x86)",
                                        L"CommonProgramW6432",
                                        L"COMPUTERNAME",
                                        L"ComSpec",
                                        L"NUMBER_OF_PROCESSORS",
                                        L"OS",
                                        L"PATHEXT",
                                        L"PROCESSOR_ARCHITECTURE",
                                        L"ProgramData",
                                        L"ProgramFiles",
                                        L"ProgramFiles(x86)",
                                        L"ProgramW6432",
                                        L"SystemDrive",
                                        L"SystemRoot",
                                        L"TEMP",
                                        L"TMP",
                                        L"windir"};

std::wstring environment_block(const Command& command) {
    std::map<std::wstring, std::wstring> all;
    for (const wchar_t* name : handed_on) {
        std::wstring value(32767, L'\0');
        value.resize(::GetEnvironmentVariableW(name, value.data(), DWORD(value.size())));
        if (!value.empty()) all[name] = value;
    }
    const std::wstring system = wide(system_directory());
    all[L"PATH"] = system + L";" + system.substr(0, system.rfind(L'\\'));
    all[L"LC_ALL"] = L"C";
    for (const auto& [name, value] : command.environment)
        all[wide(name)] = wide(value);
    std::wstring block;
    for (const auto& [name, value] : all)
        block += name + L"=" + value + L'\0';
    return block + L'\0';
}

Error start_error(const std::string& program, DWORD code) {
    const bool missing = code == ERROR_FILE_NOT_FOUND || code == ERROR_PATH_NOT_FOUND;
    const std::string cause = missing ? "tool_missing" : code == ERROR_ACCESS_DENIED ? "access_denied" : "tool_failed";
    return Error(cause, "cannot start " + program + ": " + system_message(int(code)));
}

/// The list of handles that the child inherits; all that it needs lives as long as it does.
class Attributes {
  public:
    Attributes(std::vector<HANDLE> handles, const std::string& program) : handles_(std::move(handles)) {
        SIZE_T size = 0;
        ::InitializeProcThreadAttributeList(nullptr, 1, 0, &size);
        memory_.resize(size);
        if (!::InitializeProcThreadAttributeList(get(), 1, 0, &size) ||
            !::UpdateProcThreadAttribute(get(), 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles_.data(),
                                         handles_.size() * sizeof(HANDLE), nullptr, nullptr))
            throw start_error(program, ::GetLastError());
    }
    Attributes(const Attributes&) = delete;
    Attributes& operator=(const Attributes&) = delete;
    ~Attributes() { ::DeleteProcThreadAttributeList(get()); }

    LPPROC_THREAD_ATTRIBUTE_LIST get() { return reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(memory_.data()); }

  private:
    std::vector<HANDLE> handles_;
    std::vector<char> memory_;
};

} // namespace

std::string system_directory() {
    std::wstring path(MAX_PATH + 1, L'\0');
    path.resize(::GetSystemDirectoryW(path.data(), UINT(path.size())));
    return narrow(path);
}

Handle open_null(const Command& command) {
    SECURITY_ATTRIBUTES inherited{sizeof inherited, nullptr, TRUE};
    Handle null(::CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited,
                              OPEN_EXISTING, 0, nullptr));
    if (!null) throw start_error(command.program, ::GetLastError());
    return null;
}

Handle start_child(const Command& command, void* input, void* output, void* error, void* job) {
    const PathParts parts = parts_of_path(command.program);
    if (parts.root.empty()) throw Error("tool_missing", "cannot start " + command.program + ": it is no absolute path");
    const std::string program = plain_path(parts);
    std::vector<HANDLE> handles = {input, output};
    if (error != output) handles.push_back(error);
    Attributes attributes(std::move(handles), program);
    STARTUPINFOEXW startup{};
    startup.StartupInfo.cb = sizeof startup;
    startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
    startup.StartupInfo.hStdInput = input;
    startup.StartupInfo.hStdOutput = output;
    startup.StartupInfo.hStdError = error;
    startup.lpAttributeList = attributes.get();
    std::wstring line = wide(command_line_of(program, command.arguments));
    const std::wstring environment = environment_block(command), name = wide(program),
                       folder = wide(system_directory());
    DWORD flags = CREATE_SUSPENDED | CREATE_NO_WINDOW | CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT |
                  CREATE_NEW_PROCESS_GROUP;
    PROCESS_INFORMATION made{};
    const auto start = [&](DWORD more) {
        return ::CreateProcessW(name.c_str(), line.data(), nullptr, nullptr, TRUE, flags | more,
                                const_cast<wchar_t*>(environment.data()), folder.c_str(), &startup.StartupInfo, &made);
    };
    // Out of whatever job we are in ourselves, where that job lets it.
    if (!start(CREATE_BREAKAWAY_FROM_JOB) && !(::GetLastError() == ERROR_ACCESS_DENIED && start(0)))
        throw start_error(program, ::GetLastError());
    Handle process(made.hProcess);
    const Handle thread(made.hThread);
    if (job != nullptr && !::AssignProcessToJobObject(job, process.get())) {
        const DWORD code = ::GetLastError();
        ::TerminateProcess(process.get(), 1);
        throw start_error(program, code);
    }
    ::ResumeThread(thread.get());
    return process;
}

} // namespace autodeploy
