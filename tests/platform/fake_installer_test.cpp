#include "tests/fakes/fake_machine.h"
#include "tests/platform/native_installer_contract.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

class FakeBench : public InstallerBench {
  public:
    explicit FakeBench(PackageTool tool) : machine(tool), name_(tool == PackageTool::rpm ? "rpm" : "dpkg") {}

    NativeInstaller& installer() override { return machine.platform().installer(name_); }
    ConvergeOptions options() override { return {}; }
    PackageSet packages(const std::string& release, Ailment ailment) override {
        if (ailment == Ailment::script_fails) machine.sickness[release] = Sickness::script_fails;
        return machine.packages(release);
    }
    std::string snapshot() override { return machine.snapshot(); }
    void hold_lock(bool held) override { machine.busy_calls = held ? 1000 : 0; }

    FakeMachine machine;

  private:
    std::string name_;
};

} // namespace

TEST_CASE("the fake machine's dpkg keeps the contract of the real one") {
    FakeBench bench(PackageTool::dpkg);
    check_native_installer_contract(bench);
}

TEST_CASE("the fake machine's rpm keeps the contract of the real one") {
    FakeBench bench(PackageTool::rpm);
    check_native_installer_contract(bench);
}
