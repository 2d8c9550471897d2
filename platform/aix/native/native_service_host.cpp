#include "platform/aix/src_registration.h"
#include "platform/posix/posix_service_host.h"
#include "platform/posix/run_and_collect.h"
#include "platform/standard_paths.h"

namespace autodeploy {

namespace {

class AixServiceHost final : public PosixServiceHost {
  public:
    using PosixServiceHost::PosixServiceHost;

    void install_service(const std::string& program) override {
        SrcRegistration{run_and_collect}.install(standard_paths().service, program);
    }
    void uninstall_service() override { SrcRegistration{run_and_collect}.uninstall(standard_paths().service); }
};

} // namespace

std::unique_ptr<ServiceHost> native_service_host(const std::string& runtime) {
    return std::make_unique<AixServiceHost>(runtime);
}

} // namespace autodeploy
