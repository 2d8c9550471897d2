#include "platform/windows/native/windows_host.h"

#include "platform/error.h"
#include "platform/windows/event_number.h"
#include "platform/windows/full_path.h"
#include "platform/windows/native/handle.h"
#include "platform/windows/native/wide.h"
#include "platform/windows/pending_renames.h"

#include <winsock2.h>
#include <ws2tcpip.h>

#include <windows.h>

#include <wtsapi32.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <thread>

namespace autodeploy {

namespace {

using Moment = std::chrono::steady_clock::time_point;
using Addresses = std::shared_ptr<addrinfo>;

struct Version {
    DWORD major = 0, minor = 0, build = 0;
};

/// GetVersionEx tells programs without the right manifest an older one.
Version windows_version() {
    using Query = LONG(WINAPI*)(OSVERSIONINFOW*);
    const auto query = reinterpret_cast<Query>(
        reinterpret_cast<void*>(::GetProcAddress(::GetModuleHandleW(L"ntdll.dll"), "RtlGetVersion")));
    OSVERSIONINFOW version{};
    version.dwOSVersionInfoSize = sizeof version;
    if (query == nullptr || query(&version) != 0) return {};
    return {version.dwMajorVersion, version.dwMinorVersion, version.dwBuildNumber};
}

bool has_key(const wchar_t* path) {
    HKEY key = nullptr;
    if (::RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_READ | KEY_WOW64_64KEY, &key) != ERROR_SUCCESS) return false;
    ::RegCloseKey(key);
    return true;
}

std::string value_of(const wchar_t* path, const wchar_t* name) {
    DWORD size = 0;
    constexpr DWORD flags = RRF_RT_ANY | RRF_SUBKEY_WOW6464KEY;
    if (::RegGetValueW(HKEY_LOCAL_MACHINE, path, name, flags, nullptr, nullptr, &size) != ERROR_SUCCESS) return {};
    std::string bytes(size, '\0');
    if (::RegGetValueW(HKEY_LOCAL_MACHINE, path, name, flags, nullptr, bytes.data(), &size) != ERROR_SUCCESS) return {};
    bytes.resize(size);
    return bytes;
}

void use_network() {
    static const int started = [] {
        WSADATA data{};
        return ::WSAStartup(MAKEWORD(2, 2), &data);
    }();
    static_cast<void>(started);
}

Addresses look_up(const std::string& address, int port) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &wanted, &found) != 0) return nullptr;
    return Addresses(found, [](addrinfo* list) { ::freeaddrinfo(list); });
}

/// Looking up a name has deadlines of its own that may be far longer: then it is left to end by itself.
Addresses look_up_until(const std::string& address, int port, Moment end) {
    auto promise = std::make_shared<std::promise<Addresses>>();
    std::future<Addresses> answer = promise->get_future();
    std::thread([promise, address, port] { promise->set_value(look_up(address, port)); }).detach();
    return answer.wait_until(end) == std::future_status::ready ? answer.get() : nullptr;
}

bool connects(const addrinfo& address, Moment end) {
    const SOCKET made = ::socket(address.ai_family, address.ai_socktype, address.ai_protocol);
    if (made == INVALID_SOCKET) return false;
    const std::unique_ptr<void, void (*)(void*)> owned(
        reinterpret_cast<void*>(made), [](void* socket) { ::closesocket(reinterpret_cast<SOCKET>(socket)); });
    u_long without_blocking = 1;
    ::ioctlsocket(made, long(FIONBIO), &without_blocking);
    if (::connect(made, address.ai_addr, int(address.ai_addrlen)) == 0) return true;
    if (::WSAGetLastError() != WSAEWOULDBLOCK) return false;
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    timeval time{long(left.count() / 1'000'000), long(left.count() % 1'000'000)};
    // The macro FD_SET compares in a way that warns.
    fd_set written{}, failed{};
    written.fd_count = failed.fd_count = 1;
    written.fd_array[0] = failed.fd_array[0] = made;
    return ::select(0, nullptr, &written, &failed, &time) > 0 && written.fd_count == 1;
}

/// Of this process, for as long as it runs.
bool may_shut_down() {
    HANDLE opened = nullptr;
    if (!::OpenProcessToken(::GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, &opened)) return false;
    const Handle token(opened);
    TOKEN_PRIVILEGES privileges{};
    privileges.PrivilegeCount = 1;
    privileges.Privileges[0].Attributes = SE_PRIVILEGE_ENABLED;
    return ::LookupPrivilegeValueW(nullptr, L"SeShutdownPrivilege", &privileges.Privileges[0].Luid) &&
           ::AdjustTokenPrivileges(token.get(), FALSE, &privileges, 0, nullptr, nullptr) &&
           ::GetLastError() == ERROR_SUCCESS;
}

/// A request of the process and not of a thread, so that whichever works is meant.
class PowerRequest final : public StaysAwake {
  public:
    explicit PowerRequest(HANDLE request) : request_(request) {}
    ~PowerRequest() override { ::PowerClearRequest(request_.get(), PowerRequestSystemRequired); }

  private:
    Handle request_;
};

} // namespace

HostFacts WindowsHost::facts() {
    HostFacts facts;
    std::wstring name(256, L'\0');
    DWORD size = DWORD(name.size());
    if (::GetComputerNameExW(ComputerNameDnsHostname, name.data(), &size)) facts.name = narrow(name.substr(0, size));
    facts.system = "windows";
    SYSTEM_INFO system{};
    ::GetNativeSystemInfo(&system);
    switch (system.wProcessorArchitecture) {
    case PROCESSOR_ARCHITECTURE_AMD64:
        facts.architecture = "x86_64";
        break;
    case PROCESSOR_ARCHITECTURE_INTEL:
        facts.architecture = "i386";
        break;
    default:
        facts.architecture = "other-" + std::to_string(system.wProcessorArchitecture);
    }
    facts.is_64_bit = system.wProcessorArchitecture != PROCESSOR_ARCHITECTURE_INTEL;
    const Version version = windows_version();
    facts.distribution = "windows " + std::to_string(version.major) + "." + std::to_string(version.minor) + "." +
                         std::to_string(version.build);
    return facts;
}

bool WindowsHost::is_administrator() {
    SID_IDENTIFIER_AUTHORITY authority = SECURITY_NT_AUTHORITY;
    PSID administrators = nullptr;
    if (!::AllocateAndInitializeSid(&authority, 2, SECURITY_BUILTIN_DOMAIN_RID, DOMAIN_ALIAS_RID_ADMINS, 0, 0, 0, 0, 0,
                                    0, &administrators))
        return false;
    BOOL member = FALSE;
    const BOOL told = ::CheckTokenMembership(nullptr, administrators, &member);
    ::FreeSid(administrators);
    return told && member;
}

bool WindowsHost::reaches(const std::string& address, int port, Milliseconds time) {
    use_network();
    const Moment end = std::chrono::steady_clock::now() + time;
    const Addresses addresses = look_up_until(address, port, end);
    for (const addrinfo* one = addresses.get(); one != nullptr; one = one->ai_next)
        if (connects(*one, end)) return true;
    return false;
}

std::vector<std::string> WindowsHost::cluster_software() {
    // The service is there on many servers; the key comes when the machine joins a cluster.
    if (has_key(L"SYSTEM\\CurrentControlSet\\Services\\ClusSvc") && has_key(L"Cluster")) return {"Failover Clustering"};
    return {};
}

std::vector<std::string> WindowsHost::pending_renames(const std::vector<std::string>& below) {
    const std::string value =
        value_of(L"SYSTEM\\CurrentControlSet\\Control\\Session Manager", L"PendingFileRenameOperations");
    return pending_renames_below(pending_renames_in(value), below);
}

std::vector<std::string> WindowsHost::logged_on() {
    WTS_SESSION_INFOW* sessions = nullptr;
    DWORD count = 0;
    if (!::WTSEnumerateSessionsW(WTS_CURRENT_SERVER_HANDLE, 0, 1, &sessions, &count)) return {};
    const std::unique_ptr<WTS_SESSION_INFOW, void (*)(void*)> owned(sessions, ::WTSFreeMemory);
    std::vector<std::string> users;
    for (DWORD i = 0; i < count; ++i) {
        if (sessions[i].State != WTSActive && sessions[i].State != WTSDisconnected) continue;
        wchar_t* name = nullptr;
        DWORD size = 0;
        if (!::WTSQuerySessionInformationW(WTS_CURRENT_SERVER_HANDLE, sessions[i].SessionId, WTSUserName, &name, &size))
            continue;
        // A session without a user is where people log on.
        if (std::string user = narrow(name); !user.empty()) users.push_back(std::move(user));
        ::WTSFreeMemory(name);
    }
    return users;
}

void WindowsHost::request_restart(const std::string& message, Seconds delay) {
    constexpr DWORD reason = SHTDN_REASON_MAJOR_APPLICATION | SHTDN_REASON_MINOR_UPGRADE | SHTDN_REASON_FLAG_PLANNED;
    constexpr DWORD is_scheduled = 1190; // ERROR_SHUTDOWN_IS_SCHEDULED, of newer headers
    std::wstring text = wide(message);
    may_shut_down(); // what Windows says tells more than what this does
    if (::InitiateSystemShutdownExW(nullptr, text.data(), DWORD(delay.count()), FALSE, TRUE, reason)) return;
    const DWORD code = ::GetLastError();
    if (code == ERROR_SHUTDOWN_IN_PROGRESS || code == is_scheduled) return;
    throw Error("restart_refused", "cannot restart the machine: " + system_message(int(code)), Retry::later);
}

bool WindowsHost::cancel_restart() {
    return may_shut_down() && ::AbortSystemShutdownW(nullptr);
}

std::unique_ptr<StaysAwake> WindowsHost::stay_awake() {
    std::wstring reason = L"the backup client is being updated";
    REASON_CONTEXT context{};
    context.Version = POWER_REQUEST_CONTEXT_VERSION;
    context.Flags = POWER_REQUEST_CONTEXT_SIMPLE_STRING;
    context.Reason.SimpleReasonString = reason.data();
    const HANDLE request = ::PowerCreateRequest(&context);
    if (request == INVALID_HANDLE_VALUE || request == nullptr) return nullptr;
    ::PowerSetRequest(request, PowerRequestSystemRequired);
    return std::make_unique<PowerRequest>(request);
}

std::vector<std::string> WindowsHost::mount_properties(const std::string& path) {
    const std::string root = parts_of_path(path).root;
    if (root.empty()) return {};
    std::vector<std::string> found;
    DWORD flags = 0;
    if (::GetVolumeInformationW(wide(root).c_str(), nullptr, 0, nullptr, nullptr, &flags, nullptr, 0) &&
        (flags & FILE_READ_ONLY_VOLUME) != 0)
        found.push_back("read-only");
    if (::GetDriveTypeW(wide(root).c_str()) == DRIVE_REMOTE) found.push_back("network");
    return found;
}

void WindowsHost::log(int priority, const std::string& message) {
    log_event({priority, "", message, {}});
}

void WindowsHost::log_event(const LogEvent& event) {
    const HANDLE source = ::RegisterEventSourceW(nullptr, L"autodeploy");
    if (source == nullptr) return;
    const WORD type = event.priority <= 3   ? EVENTLOG_ERROR_TYPE
                      : event.priority <= 4 ? EVENTLOG_WARNING_TYPE
                                            : EVENTLOG_INFORMATION_TYPE;
    // Longer texts are refused as a whole.
    constexpr std::size_t longest = 31000;
    const std::wstring text = wide(event_text(event)).substr(0, longest);
    const wchar_t* const texts[] = {text.c_str()};
    ::ReportEventW(source, type, 0, event_number(event.id), nullptr, 1, 0, const_cast<const wchar_t**>(texts), nullptr);
    ::DeregisterEventSource(source);
}

} // namespace autodeploy
