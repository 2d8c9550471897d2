#include "platform/windows/native/windows_process_table.h"

#include "platform/error.h"
#include "platform/windows/command_line.h"
#include "platform/windows/native/handle.h"
#include "platform/windows/native/restart_manager.h"
#include "platform/windows/native/wide.h"

#include <windows.h>

#include <psapi.h>
#include <tlhelp32.h>

#include <algorithm>

namespace autodeploy {

namespace {

constexpr DWORD to_look_at = PROCESS_QUERY_LIMITED_INFORMATION;

std::string program_of(HANDLE process) {
    std::wstring path(32768, L'\0');
    DWORD size = DWORD(path.size());
    if (!::QueryFullProcessImageNameW(process, 0, path.data(), &size)) return {};
    path.resize(size);
    return narrow(path);
}

/// ProcessCommandLineInformation of NtQueryInformationProcess: a UNICODE_STRING with its text behind it.
std::vector<std::string> arguments_of(HANDLE process) {
    using Query = LONG(WINAPI*)(HANDLE, ULONG, void*, ULONG, ULONG*);
    static const auto query = reinterpret_cast<Query>(
        reinterpret_cast<void*>(::GetProcAddress(::GetModuleHandleW(L"ntdll.dll"), "NtQueryInformationProcess")));
    struct Text {
        USHORT bytes;
        USHORT room;
        const wchar_t* units;
    };
    alignas(Text) char memory[sizeof(Text) + 65536];
    if (query == nullptr || query(process, 60, memory, sizeof memory, nullptr) < 0) return {};
    const auto* const text = reinterpret_cast<const Text*>(memory);
    std::vector<std::string> words = words_of_command_line(narrow(std::wstring(text->units, text->bytes / 2)));
    if (!words.empty()) words.erase(words.begin());
    return words;
}

/// Of that very process, not of one that has come to use its number.
Handle open_same(const Process& process, DWORD rights) {
    Handle opened(::OpenProcess(rights | to_look_at, FALSE, DWORD(process.id)));
    if (opened && start_of_process(opened.get()) != process.started) {
        opened.close();
        ::SetLastError(ERROR_INVALID_PARAMETER); // as if there were none of that number
    }
    return opened;
}

bool starts_with_folded(const std::wstring& text, const std::wstring& prefix) {
    return text.size() >= prefix.size() && ::CompareStringOrdinal(text.c_str(), int(prefix.size()), prefix.c_str(),
                                                                  int(prefix.size()), TRUE) == CSTR_EQUAL;
}

bool has_mapped(DWORD id, const std::wstring& prefix) {
    const Handle process(::OpenProcess(PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, FALSE, id));
    if (!process) return false;
    std::vector<HMODULE> modules(1024);
    DWORD needed = 0;
    if (!::K32EnumProcessModulesEx(process.get(), modules.data(), DWORD(modules.size() * sizeof(HMODULE)), &needed,
                                   LIST_MODULES_ALL))
        return false;
    modules.resize(std::min<std::size_t>(modules.size(), needed / sizeof(HMODULE)));
    return std::any_of(modules.begin(), modules.end(), [&](HMODULE module) {
        std::wstring path(32768, L'\0');
        path.resize(::K32GetModuleFileNameExW(process.get(), module, path.data(), DWORD(path.size())));
        return starts_with_folded(path, prefix);
    });
}

} // namespace

std::string start_of_process(void* process) {
    FILETIME created{}, ended{}, kernel{}, user{};
    if (!::GetProcessTimes(process, &created, &ended, &kernel, &user)) return {};
    return std::to_string(std::uint64_t(created.dwHighDateTime) << 32 | created.dwLowDateTime);
}

std::vector<Process> WindowsProcessTable::list() {
    const Handle snapshot(::CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0));
    if (!snapshot)
        throw Error("io_error", "cannot list the processes: " + system_message(int(::GetLastError())), Retry::later);
    std::vector<Process> found;
    PROCESSENTRY32W entry{};
    entry.dwSize = sizeof entry;
    for (BOOL more = ::Process32FirstW(snapshot.get(), &entry); more; more = ::Process32NextW(snapshot.get(), &entry)) {
        Process process;
        process.id = entry.th32ProcessID;
        process.parent = entry.th32ParentProcessID;
        if (const Handle opened(::OpenProcess(to_look_at, FALSE, entry.th32ProcessID)); opened) {
            DWORD code = 0;
            if (::GetExitCodeProcess(opened.get(), &code) && code != STILL_ACTIVE) continue;
            process.started = start_of_process(opened.get());
            process.program = program_of(opened.get());
            process.arguments = arguments_of(opened.get());
        }
        found.push_back(std::move(process));
    }
    return found;
}

std::vector<Process> WindowsProcessTable::mapping(const std::string& path_prefix) {
    std::wstring prefix = wide(path_prefix);
    std::replace(prefix.begin(), prefix.end(), L'/', L'\\');
    std::vector<Process> found;
    for (Process& process : list())
        if (has_mapped(DWORD(process.id), prefix)) found.push_back(std::move(process));
    return found;
}

std::vector<Process> WindowsProcessTable::holding(const std::vector<std::string>& paths) {
    constexpr DWORD a_moment = 2000;
    std::vector<std::int64_t> ids = holders_of(paths);
    if (ids.empty()) return {};
    ::Sleep(a_moment);
    const std::vector<std::int64_t> still = holders_of(paths);
    std::vector<Process> found;
    for (Process& process : list()) {
        const auto is = [&process](std::int64_t id) { return id == process.id; };
        if (std::any_of(ids.begin(), ids.end(), is) && std::any_of(still.begin(), still.end(), is))
            found.push_back(std::move(process));
    }
    return found;
}

bool WindowsProcessTable::end(const Process& process, Milliseconds wait) {
    const Handle opened = open_same(process, SYNCHRONIZE);
    if (!opened) return ::GetLastError() != ERROR_ACCESS_DENIED;
    return ::WaitForSingleObject(opened.get(), DWORD(std::max<std::int64_t>(wait.count(), 0))) == WAIT_OBJECT_0;
}

void WindowsProcessTable::kill(const Process& process) {
    const Handle opened = open_same(process, PROCESS_TERMINATE | SYNCHRONIZE);
    if (!opened) return;
    if (!::TerminateProcess(opened.get(), 1)) {
        const DWORD code = ::GetLastError();
        if (::WaitForSingleObject(opened.get(), 0) == WAIT_OBJECT_0) return;
        throw Error("access_denied", "cannot end process " + std::to_string(process.id) + " (" + process.program +
                                         "): " + system_message(int(code)));
    }
}

} // namespace autodeploy
