// Starts the services that an update had stopped, where the agent cannot do so itself any more: it is gone, broken, or
// has given up. Shares nothing with the agent but two formats that never change: the list of services, one a line in
// UTF-8, that the agent makes durable before it stops the first one, and a key in the registry for each service that it
// holds, with the start type that it had. Its service "autodeploy-rescue" looks once a minute; "--now" looks once, and
// leaves out the question whether the agent may still do it.
//
// exit 0: nothing to do, left to the agent, or all of them run; 1: some could not be started; 2: wrong arguments

#include <windows.h>

#include <shlobj.h>
#include <winsvc.h>

#include <cstdint>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

namespace {

constexpr wchar_t service_name[] = L"autodeploy-rescue";
constexpr wchar_t agent_name[] = L"autodeploy";
constexpr wchar_t holds[] = L"SOFTWARE\\Autodeploy\\Held Services";
constexpr DWORD between_looks = 60'000;
/// A living agent takes up its journal within this time; after that its word counts no more.
constexpr std::uint64_t patience = std::uint64_t(15) * 60'000;
constexpr DWORD start_patience = 120'000;
constexpr DWORD largest_list = 65536;
/// Where the agent's lock lies in its file.
constexpr DWORD lock_place_high = 0x7FFFFFFF;

struct File {
    HANDLE handle;
    explicit File(HANDLE opened) : handle(opened) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (there()) ::CloseHandle(handle);
    }
    bool there() const { return handle != INVALID_HANDLE_VALUE; }
};

struct Service {
    SC_HANDLE handle;
    explicit Service(SC_HANDLE opened) : handle(opened) {}
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;
    ~Service() {
        if (handle) ::CloseServiceHandle(handle);
    }
};

void say(const std::wstring& text, WORD type) {
    std::wprintf(L"autodeploy-rescue: %ls\n", text.c_str());
    std::fflush(stdout);
    if (const HANDLE log = ::RegisterEventSourceW(nullptr, agent_name)) {
        const wchar_t* texts[] = {text.c_str()};
        ::ReportEventW(log, type, 0, 1, nullptr, 1, 0, texts, nullptr);
        ::DeregisterEventSource(log);
    }
}

std::wstring state_folder() {
    wchar_t* path = nullptr;
    std::wstring found = L"C:\\ProgramData";
    if (SUCCEEDED(::SHGetKnownFolderPath(FOLDERID_ProgramData, 0, nullptr, &path)) && path) found = path;
    ::CoTaskMemFree(path);
    return found + L"\\Autodeploy\\state";
}

struct List {
    bool there = false;
    bool damaged = false;
    std::uint64_t written = 0; ///< tells one deployment's list from the next one's
    std::vector<std::wstring> names;

    bool operator==(const List&) const = default;
};

List read_list(const std::wstring& path) {
    List list;
    const File file(::CreateFileW(path.c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                  nullptr, OPEN_EXISTING, 0, nullptr));
    if (!file.there()) {
        const DWORD code = ::GetLastError();
        list.there = list.damaged = code != ERROR_FILE_NOT_FOUND && code != ERROR_PATH_NOT_FOUND;
        return list;
    }
    list.there = true;
    FILETIME written{};
    ::GetFileTime(file.handle, nullptr, nullptr, &written);
    list.written = (std::uint64_t(written.dwHighDateTime) << 32) | written.dwLowDateTime;
    std::string text(largest_list, '\0');
    DWORD length = 0;
    if (!::ReadFile(file.handle, text.data(), largest_list, &length, nullptr)) list.damaged = true;
    text.resize(length);
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string line = text.substr(0, end);
        text = end == std::string::npos ? "" : text.substr(end + 1);
        // Names of services hold neither slash, and at most 256 characters.
        std::wstring name(line.size(), L'\0');
        const int size = line.empty() ? 0
                                      : ::MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, line.data(),
                                                              int(line.size()), name.data(), int(name.size()));
        name.resize(std::size_t(size));
        bool good = size > 0 && size <= 256 && end != std::string::npos;
        for (const wchar_t one : name)
            good = good && one >= L' ' && one != L'/' && one != L'\\';
        if (good)
            list.names.push_back(name);
        else
            list.damaged = true;
    }
    if (list.names.empty()) list.damaged = true;
    return list;
}

/// What the agent keeps from starting, and would start at boot but for that.
std::vector<std::wstring> held_and_automatic() {
    std::vector<std::wstring> found;
    HKEY key = nullptr;
    if (::RegOpenKeyExW(HKEY_LOCAL_MACHINE, holds, 0, KEY_READ | KEY_WOW64_64KEY, &key) != ERROR_SUCCESS) return found;
    for (DWORD index = 0;; ++index) {
        wchar_t name[257];
        DWORD length = 257;
        if (::RegEnumKeyExW(key, index, name, &length, nullptr, nullptr, nullptr, nullptr) != ERROR_SUCCESS) break;
        wchar_t start[32] = L"";
        DWORD size = sizeof start;
        if (::RegGetValueW(key, name, L"start", RRF_RT_REG_SZ, nullptr, start, &size) == ERROR_SUCCESS &&
            std::wstring(start) == L"auto")
            found.emplace_back(name);
    }
    ::RegCloseKey(key);
    return found;
}

bool agent_runs(SC_HANDLE all) {
    const Service agent(::OpenServiceW(all, agent_name, SERVICE_QUERY_STATUS));
    SERVICE_STATUS status{};
    return agent.handle && ::QueryServiceStatus(agent.handle, &status) && status.dwCurrentState != SERVICE_STOPPED;
}

/// Empty if it runs.
std::wstring start(SC_HANDLE all, const std::wstring& name) {
    const Service service(
        ::OpenServiceW(all, name.c_str(), SERVICE_START | SERVICE_QUERY_STATUS | SERVICE_CHANGE_CONFIG));
    if (!service.handle) return L"it cannot be opened (error " + std::to_wstring(::GetLastError()) + L")";
    bool started = ::StartServiceW(service.handle, 0, nullptr);
    if (!started && ::GetLastError() == ERROR_SERVICE_DISABLED &&
        ::ChangeServiceConfigW(service.handle, SERVICE_NO_CHANGE, SERVICE_DEMAND_START, SERVICE_NO_CHANGE, nullptr,
                               nullptr, nullptr, nullptr, nullptr, nullptr, nullptr))
        started = ::StartServiceW(service.handle, 0, nullptr);
    if (const DWORD code = ::GetLastError(); !started && code != ERROR_SERVICE_ALREADY_RUNNING)
        return L"error " + std::to_wstring(code);
    SERVICE_STATUS status{};
    for (DWORD waited = 0; waited < start_patience; waited += 200) {
        if (!::QueryServiceStatus(service.handle, &status)) break;
        if (status.dwCurrentState == SERVICE_RUNNING) return L"";
        if (status.dwCurrentState == SERVICE_STOPPED) break;
        ::Sleep(200);
    }
    return L"it does not run after its start";
}

enum class Look { nothing, left_to_agent, started, failed };

/// What was done for a list is not done again: what an administrator stops afterwards stays stopped.
struct Watch {
    List list;
    std::uint64_t seen = 0; ///< since when, in ms since the boot
    std::set<std::wstring> done;
};

Look look(bool now, Watch& watch) {
    const std::wstring state = state_folder();
    const List list = read_list(state + L"\\restart-services");
    const std::vector<std::wstring> held =
        list.damaged || !list.there ? held_and_automatic() : std::vector<std::wstring>();
    if (!list.there && held.empty()) {
        watch = {};
        return Look::nothing;
    }
    if (watch.seen == 0 || !(list == watch.list)) watch = {list, ::GetTickCount64(), {}};

    // While the agent applies a plan it holds this lock; while we act it must not begin. One that cannot be opened
    // because it or its folder is gone or damaged keeps nobody.
    const File lock(::CreateFileW((state + L"\\lock").c_str(), GENERIC_READ,
                                  FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING, 0,
                                  nullptr));
    OVERLAPPED place{};
    place.OffsetHigh = lock_place_high;
    if (lock.there() &&
        !::LockFileEx(lock.handle, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &place) &&
        (::GetLastError() == ERROR_LOCK_VIOLATION || ::GetLastError() == ERROR_IO_PENDING))
        return Look::left_to_agent;

    const Service all(::OpenSCManagerW(nullptr, nullptr, SC_MANAGER_CONNECT));
    if (!all.handle) {
        say(L"cannot reach the service control manager (error " + std::to_wstring(::GetLastError()) +
                L"); run this as an administrator",
            EVENTLOG_ERROR_TYPE);
        return Look::failed;
    }
    if (!now && ::GetTickCount64() - watch.seen < patience && agent_runs(all.handle)) return Look::left_to_agent;

    if ((list.damaged || !list.there) && watch.done.empty())
        say(L"the list of stopped services, " + state +
                L"\\restart-services, is lost or damaged: what is held counts, too",
            EVENTLOG_WARNING_TYPE);
    std::vector<std::wstring> names = list.names;
    names.insert(names.end(), held.begin(), held.end());
    Look outcome = Look::started;
    for (const std::wstring& name : names) {
        if (!watch.done.insert(name).second) continue;
        const std::wstring failure = start(all.handle, name);
        if (failure.empty())
            say(name + L" runs", EVENTLOG_WARNING_TYPE);
        else {
            say(L"cannot start " + name + L": " + failure, EVENTLOG_ERROR_TYPE);
            outcome = Look::failed;
        }
    }
    return outcome;
}

SERVICE_STATUS_HANDLE told_to = nullptr;
HANDLE stop_asked = nullptr;

void tell(DWORD state) {
    SERVICE_STATUS status{};
    status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
    status.dwCurrentState = state;
    if (state == SERVICE_RUNNING) status.dwControlsAccepted = SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN;
    ::SetServiceStatus(told_to, &status);
}

DWORD WINAPI control(DWORD what, DWORD, void*, void*) {
    if (what == SERVICE_CONTROL_INTERROGATE) return NO_ERROR;
    if (what != SERVICE_CONTROL_STOP && what != SERVICE_CONTROL_SHUTDOWN) return ERROR_CALL_NOT_IMPLEMENTED;
    ::SetEvent(stop_asked);
    return NO_ERROR;
}

void WINAPI serve(DWORD, wchar_t**) {
    stop_asked = ::CreateEventW(nullptr, TRUE, FALSE, nullptr);
    told_to = ::RegisterServiceCtrlHandlerExW(service_name, control, nullptr);
    if (!told_to || !stop_asked) return;
    tell(SERVICE_RUNNING);
    Watch watch;
    do
        look(false, watch);
    while (::WaitForSingleObject(stop_asked, between_looks) == WAIT_TIMEOUT);
    tell(SERVICE_STOPPED);
}

} // namespace

int wmain(int count, wchar_t** arguments) {
    // Programs and libraries of the folder that we are started in are not ours.
    ::SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
    const std::wstring what = count == 2 ? arguments[1] : L"";
    if (what == L"--now") {
        Watch watch;
        const Look found = look(true, watch);
        if (found == Look::left_to_agent) std::wprintf(L"autodeploy-rescue: the agent is at work, nothing done\n");
        return found == Look::failed ? 1 : 0;
    }
    if (what == L"service") {
        wchar_t name[] = L"";
        const SERVICE_TABLE_ENTRYW table[] = {{name, serve}, {nullptr, nullptr}};
        if (::StartServiceCtrlDispatcherW(table)) return 0;
    }
    std::wprintf(L"autodeploy-rescue --now\n"
                 L"Starts, as an administrator, the services that an update had stopped and did not start again.\n"
                 L"The service autodeploy-rescue does so by itself.\n");
    return what == L"--help" ? 0 : 2;
}
