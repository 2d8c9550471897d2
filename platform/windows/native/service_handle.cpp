#include "platform/windows/native/service_handle.h"

#include "platform/error.h"

#include <windows.h>

#include <winsvc.h>

namespace autodeploy {

ServiceHandle::~ServiceHandle() {
    if (handle_) ::CloseServiceHandle(handle_);
}

ServiceHandle service_control_manager(unsigned long rights) {
    ServiceHandle handle(::OpenSCManagerW(nullptr, nullptr, rights));
    if (!handle) service_failure("open the service control manager", ::GetLastError());
    return handle;
}

void service_failure(const std::string& what, unsigned long code) {
    throw Error(code == ERROR_ACCESS_DENIED ? "access_denied" : "service_manager_failed",
                "cannot " + what + ": " + system_message(int(code)));
}

} // namespace autodeploy
