// A service that behaves as its command line says: --start-fails CODE, --start-takes MS, --stop-takes MS,
// --stop-hangs, --lives-on MS (after it has told that it is stopped), --child (starts itself once more, as a program).
#include <windows.h>

#include <winsvc.h>

#include <cstdlib>
#include <string>

namespace {

SERVICE_STATUS_HANDLE told_to = nullptr;
HANDLE asked_to_stop = nullptr;
int words = 0;
wchar_t** word = nullptr;

bool has(const wchar_t* name) {
    for (int i = 1; i < words; ++i)
        if (std::wstring(word[i]) == name) return true;
    return false;
}

DWORD number(const wchar_t* name) {
    for (int i = 1; i + 1 < words; ++i)
        if (std::wstring(word[i]) == name) return DWORD(std::wcstoul(word[i + 1], nullptr, 10));
    return 0;
}

void tell(DWORD state, DWORD code = 0) {
    SERVICE_STATUS status{};
    status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
    status.dwCurrentState = state;
    status.dwControlsAccepted = state == SERVICE_RUNNING ? SERVICE_ACCEPT_STOP : 0;
    status.dwWin32ExitCode = code == 0 ? 0 : ERROR_SERVICE_SPECIFIC_ERROR;
    status.dwServiceSpecificExitCode = code;
    status.dwWaitHint = 10000;
    ::SetServiceStatus(told_to, &status);
}

DWORD WINAPI control(DWORD what, DWORD, void*, void*) {
    if (what == SERVICE_CONTROL_INTERROGATE) return NO_ERROR;
    if (what != SERVICE_CONTROL_STOP) return ERROR_CALL_NOT_IMPLEMENTED;
    tell(SERVICE_STOP_PENDING);
    ::SetEvent(asked_to_stop);
    return NO_ERROR;
}

void start_child() {
    std::wstring path(32768, L'\0');
    path.resize(::GetModuleFileNameW(nullptr, path.data(), DWORD(path.size())));
    std::wstring line = L"\"" + path + L"\" --as-child " + std::to_wstring(number(L"--child"));
    STARTUPINFOW start{};
    start.cb = sizeof start;
    PROCESS_INFORMATION started{};
    if (!::CreateProcessW(path.c_str(), line.data(), nullptr, nullptr, FALSE, 0, nullptr, nullptr, &start, &started))
        return;
    ::CloseHandle(started.hThread);
    ::CloseHandle(started.hProcess);
}

void WINAPI service(DWORD, wchar_t**) {
    told_to = ::RegisterServiceCtrlHandlerExW(L"", control, nullptr);
    if (!told_to) return;
    tell(SERVICE_START_PENDING);
    ::Sleep(number(L"--start-takes"));
    if (const DWORD code = number(L"--start-fails")) return tell(SERVICE_STOPPED, code);
    if (has(L"--child")) start_child();
    tell(SERVICE_RUNNING);
    ::WaitForSingleObject(asked_to_stop, INFINITE);
    ::Sleep(has(L"--stop-hangs") ? INFINITE : number(L"--stop-takes"));
    // The manager lets main() return as soon as it hears of the stop; the process lives on from here.
    tell(SERVICE_STOPPED);
}

} // namespace

int wmain(int count, wchar_t** arguments) {
    words = count;
    word = arguments;
    if (has(L"--as-child")) {
        ::Sleep(number(L"--as-child"));
        return 0;
    }
    asked_to_stop = ::CreateEventW(nullptr, TRUE, FALSE, nullptr);
    wchar_t name[] = L"";
    const SERVICE_TABLE_ENTRYW table[] = {{name, service}, {nullptr, nullptr}};
    if (!::StartServiceCtrlDispatcherW(table)) return 1;
    ::Sleep(number(L"--lives-on"));
    return 0;
}
