#pragma once

#include "platform/native_installer.h"

#include <string>
#include <vector>

namespace autodeploy {

/// How a release of the look-alike client is wrong.
enum class Ailment {
    none,
    script_fails, ///< a scriptlet fails in such a way that the package is not installed
};

/// A tool with a machine of its own, on which a client of several packages of release 8.1.25.0 is installed.
class InstallerBench {
  public:
    InstallerBench() = default;
    InstallerBench(const InstallerBench&) = delete;
    InstallerBench& operator=(const InstallerBench&) = delete;
    virtual ~InstallerBench() = default;

    virtual NativeInstaller& installer() = 0;
    virtual ConvergeOptions options() = 0;
    /// All packages of that release, as files.
    virtual PackageSet packages(const std::string& release, Ailment ailment = Ailment::none) = 0;
    /// Everything that is installed, content of the files and database, for comparison.
    virtual std::string snapshot() = 0;
    /// Somebody else holds the tool's lock, until the next call with false.
    virtual void hold_lock(bool held) = 0;
};

/// What every tool does, the real ones and the one in memory. To be called in a test case; the sentences become its
/// subcases.
void check_native_installer_contract(InstallerBench& bench);

/// Exactly what the set says is installed, and healthy.
bool is_reached(NativeInstaller& installer, const PackageSet& target);

} // namespace autodeploy
