#include "platform/windows/native/service_registration.h"

#include "platform/error.h"
#include "platform/windows/native/native_service_control.h"
#include "platform/windows/native/service_handle.h"
#include "platform/windows/native/wide.h"

#include <windows.h>

#include <winsvc.h>

namespace autodeploy {

namespace {

constexpr const char* name = "autodeploy";
constexpr const wchar_t* source_key = L"SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\autodeploy";
/// A deployment that changes the client is finished first; the manager asks for signs of life meanwhile.
constexpr DWORD longest_goodbye = 60 * 60 * 1000;
constexpr DWORD stop_patience = 2 * 60 * 1000;

/// Nothing where there is none.
ServiceHandle our_service(const ServiceHandle& all, DWORD rights) {
    ServiceHandle handle(::OpenServiceW(all.get(), wide(name).c_str(), rights));
    const DWORD code = handle ? ERROR_SUCCESS : ::GetLastError();
    if (code != ERROR_SUCCESS && code != ERROR_SERVICE_DOES_NOT_EXIST) service_failure("open our service", code);
    return handle;
}

void set_event_source(const std::string& program) {
    HKEY key = nullptr;
    LSTATUS code = ::RegCreateKeyExW(HKEY_LOCAL_MACHINE, source_key, 0, nullptr, 0, KEY_SET_VALUE | KEY_WOW64_64KEY,
                                     nullptr, &key, nullptr);
    if (code == ERROR_SUCCESS) {
        const std::wstring file = wide(program);
        const DWORD types = EVENTLOG_ERROR_TYPE | EVENTLOG_WARNING_TYPE | EVENTLOG_INFORMATION_TYPE;
        code = ::RegSetValueExW(key, L"EventMessageFile", 0, REG_EXPAND_SZ, reinterpret_cast<const BYTE*>(file.c_str()),
                                DWORD((file.size() + 1) * sizeof(wchar_t)));
        if (code == ERROR_SUCCESS)
            code = ::RegSetValueExW(key, L"TypesSupported", 0, REG_DWORD, reinterpret_cast<const BYTE*>(&types),
                                    sizeof types);
        ::RegCloseKey(key);
    }
    if (code != ERROR_SUCCESS) service_failure("make the source of our events in the registry", DWORD(code));
}

/// What older Windows (and Wine) do not know is left as it is.
void set(const ServiceHandle& service, DWORD level, void* wanted) {
    if (::ChangeServiceConfig2W(service.get(), level, wanted)) return;
    const DWORD code = ::GetLastError();
    if (code != ERROR_INVALID_LEVEL && code != ERROR_CALL_NOT_IMPLEMENTED) service_failure("set up our service", code);
}

/// What is ours to say, each time.
void set_rest(const ServiceHandle& service) {
    std::wstring description =
        L"Updates the IBM Storage Protect backup-archive client of this machine when its server asks.";
    SERVICE_DESCRIPTIONW text{description.data()};
    set(service, SERVICE_CONFIG_DESCRIPTION, &text);
    SERVICE_PRESHUTDOWN_INFO goodbye{longest_goodbye};
    set(service, SERVICE_CONFIG_PRESHUTDOWN_INFO, &goodbye);
}

/// What an administrator may choose otherwise, once.
void set_choices(const ServiceHandle& service) {
    SERVICE_DELAYED_AUTO_START_INFO delayed{TRUE};
    set(service, SERVICE_CONFIG_DELAYED_AUTO_START_INFO, &delayed);
    SC_ACTION again[] = {{SC_ACTION_RESTART, 5000}, {SC_ACTION_RESTART, 60000}, {SC_ACTION_RESTART, 300000}};
    SERVICE_FAILURE_ACTIONSW failure{};
    failure.dwResetPeriod = 24 * 60 * 60;
    failure.cActions = 3;
    failure.lpsaActions = again;
    set(service, SERVICE_CONFIG_FAILURE_ACTIONS, &failure);
    SERVICE_FAILURE_ACTIONS_FLAG as_well_where_it_says_so{TRUE};
    set(service, SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, &as_well_where_it_says_so);
}

void stop_and_wait() {
    NativeServiceControl control;
    const auto processes = control.processes(name);
    const ScmAnswer answer = control.stop(name);
    if (answer == ScmAnswer::denied) service_failure("stop our service", DWORD(answer));
    for (DWORD waited = 0; control.status(name).state != ScmState::stopped || !processes->ended(); waited += 100) {
        if (waited >= stop_patience)
            throw Error("service_stop_failed",
                        "cannot stop our service: it has not ended within 2 minutes; it finishes "
                        "what it changes first: see `autodeploy status`");
        ::Sleep(100);
    }
}

} // namespace

void register_service(const std::string& program) {
    const std::wstring line = wide("\"" + program + "\" service run");
    const wchar_t* const title = L"autodeploy: updates of the IBM Storage Protect client";
    const ServiceHandle all = service_control_manager(SC_MANAGER_CONNECT | SC_MANAGER_CREATE_SERVICE);
    // Whoever sets recovery to "start again" must be allowed to start.
    constexpr DWORD rights = SERVICE_CHANGE_CONFIG | SERVICE_START;
    ServiceHandle service = our_service(all, rights);
    if (!service) {
        service = ServiceHandle(::CreateServiceW(all.get(), wide(name).c_str(), title, rights,
                                                 SERVICE_WIN32_OWN_PROCESS, SERVICE_AUTO_START, SERVICE_ERROR_NORMAL,
                                                 line.c_str(), nullptr, nullptr, nullptr, nullptr, nullptr));
        if (!service) service_failure("make our service", ::GetLastError());
        set_choices(service);
    } else if (!::ChangeServiceConfigW(service.get(), SERVICE_WIN32_OWN_PROCESS, SERVICE_NO_CHANGE, SERVICE_NO_CHANGE,
                                       line.c_str(), nullptr, nullptr, nullptr, nullptr, nullptr, title)) {
        service_failure("change our service", ::GetLastError());
    }
    set_rest(service);
    set_event_source(program);
}

void unregister_service() {
    const ServiceHandle all = service_control_manager(SC_MANAGER_CONNECT);
    if (const ServiceHandle service = our_service(all, DELETE)) {
        stop_and_wait();
        if (!::DeleteService(service.get()) && ::GetLastError() != ERROR_SERVICE_MARKED_FOR_DELETE)
            service_failure("remove our service", ::GetLastError());
    }
    const LSTATUS code = ::RegDeleteKeyExW(HKEY_LOCAL_MACHINE, source_key, KEY_WOW64_64KEY, 0);
    if (code != ERROR_SUCCESS && code != ERROR_FILE_NOT_FOUND)
        service_failure("remove the source of our events from the registry", DWORD(code));
}

} // namespace autodeploy
