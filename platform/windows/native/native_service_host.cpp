#include "platform/windows/native/windows_service_host.h"

namespace autodeploy {

std::unique_ptr<ServiceHost> native_service_host(const std::string& runtime) {
    return std::make_unique<WindowsServiceHost>(runtime);
}

} // namespace autodeploy
