// A service that behaves as its command line says: --start-fails CODE, --start-takes MS, --stop-takes MS,
// --stop-hangs, --lives-on MS (after it has told that it is stopped), --child (starts itself once more, as a program).
#include "tests/standin/windows/stoppable_service.h"

#include <windows.h>

#include <cstdlib>
#include <string>

namespace {

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

void start_child() {
    const std::wstring path = own_path();
    std::wstring line = L"\"" + path + L"\" --as-child " + std::to_wstring(number(L"--child"));
    STARTUPINFOW start{};
    start.cb = sizeof start;
    PROCESS_INFORMATION started{};
    if (!::CreateProcessW(path.c_str(), line.data(), nullptr, nullptr, FALSE, 0, nullptr, nullptr, &start, &started))
        return;
    ::CloseHandle(started.hThread);
    ::CloseHandle(started.hProcess);
}

void service(unsigned long, wchar_t**) {
    if (!tell_starting()) return;
    ::Sleep(number(L"--start-takes"));
    if (const DWORD code = number(L"--start-fails")) return tell_stopped(code);
    if (has(L"--child")) start_child();
    tell_running();
    wait_to_be_stopped();
    ::Sleep(has(L"--stop-hangs") ? INFINITE : number(L"--stop-takes"));
    // The manager lets main() return as soon as it hears of the stop; the process lives on from here.
    tell_stopped();
}

} // namespace

int wmain(int count, wchar_t** arguments) {
    words = count;
    word = arguments;
    if (has(L"--as-child")) {
        ::Sleep(number(L"--as-child"));
        return 0;
    }
    if (!serve(service)) return 1;
    ::Sleep(number(L"--lives-on"));
    return 0;
}
