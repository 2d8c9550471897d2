#include "tests/standin/windows/stoppable_service.h"

#include <windows.h>

#include <winsvc.h>

namespace {

SERVICE_STATUS_HANDLE told_to = nullptr;
HANDLE asked_to_stop = nullptr;

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

void (*run_body)(unsigned long, wchar_t**) = nullptr;

void WINAPI service(DWORD count, wchar_t** words) {
    run_body(count, words);
}

} // namespace

bool serve(void (*body)(unsigned long count, wchar_t** words)) {
    asked_to_stop = ::CreateEventW(nullptr, TRUE, FALSE, nullptr);
    run_body = body;
    wchar_t name[] = L"";
    const SERVICE_TABLE_ENTRYW table[] = {{name, service}, {nullptr, nullptr}};
    return ::StartServiceCtrlDispatcherW(table) != 0;
}

bool tell_starting() {
    told_to = ::RegisterServiceCtrlHandlerExW(L"", control, nullptr);
    if (!told_to) return false;
    tell(SERVICE_START_PENDING);
    return true;
}

void tell_running() {
    tell(SERVICE_RUNNING);
}

void tell_stopped(unsigned long code) {
    tell(SERVICE_STOPPED, code);
}

bool asked_to_stop_within(unsigned long milliseconds) {
    return ::WaitForSingleObject(asked_to_stop, milliseconds) == WAIT_OBJECT_0;
}

void wait_to_be_stopped() {
    asked_to_stop_within(INFINITE);
}

std::wstring own_path() {
    std::wstring path(32768, L'\0');
    path.resize(::GetModuleFileNameW(nullptr, path.data(), DWORD(path.size())));
    return path;
}
