// The installer of a runtime, as the vendor's package brings it: registers the version of its own resource, and notes
// in C:\prerequisite.log how it was called and whether the client's scheduler runs meanwhile.
#include <windows.h>

#include <cstdio>
#include <string>

namespace {

bool scheduler_runs() {
    const SC_HANDLE manager = ::OpenSCManagerW(nullptr, nullptr, SC_MANAGER_CONNECT);
    const SC_HANDLE service = ::OpenServiceW(manager, L"TSM Client Scheduler", SERVICE_QUERY_STATUS);
    SERVICE_STATUS status{};
    const bool runs = ::QueryServiceStatus(service, &status) != 0 && status.dwCurrentState == SERVICE_RUNNING;
    ::CloseServiceHandle(service);
    ::CloseServiceHandle(manager);
    return runs;
}

bool registers() {
    HKEY key = nullptr;
    if (::RegCreateKeyExW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\Microsoft\\VisualStudio\\14.0\\VC\\Runtimes\\x64", 0, nullptr,
                          0, KEY_SET_VALUE | KEY_WOW64_64KEY, nullptr, &key, nullptr) != ERROR_SUCCESS)
        return false;
    const DWORD installed = 1;
    const std::wstring version = L"v14.38.33130.00";
    const bool done = ::RegSetValueExW(key, L"Installed", 0, REG_DWORD, reinterpret_cast<const BYTE*>(&installed),
                                       sizeof installed) == ERROR_SUCCESS &&
                      ::RegSetValueExW(key, L"Version", 0, REG_SZ, reinterpret_cast<const BYTE*>(version.c_str()),
                                       DWORD((version.size() + 1) * sizeof(wchar_t))) == ERROR_SUCCESS;
    ::RegCloseKey(key);
    return done;
}

} // namespace

int wmain(int count, wchar_t** words) {
    std::FILE* const log = ::_wfopen(L"C:\\prerequisite.log", L"a");
    if (log == nullptr) return 1;
    for (int i = 1; i < count && i < 5; ++i)
        std::fprintf(log, "%ls ", words[i]);
    std::fprintf(log, "%s\n", scheduler_runs() ? "beside the scheduler" : "without the scheduler");
    std::fclose(log);
    return registers() ? 3010 : 1603; // asks for a restart without a need
}
