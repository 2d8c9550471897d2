#include "platform/windows/native/scm_service_host.h"

namespace autodeploy {

std::unique_ptr<ServiceHost> native_service_host(const std::string& runtime) {
    return std::make_unique<ScmServiceHost>(runtime);
}

} // namespace autodeploy
