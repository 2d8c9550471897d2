#pragma once

#include "platform/clock.h"
#include "platform/command_runner.h"
#include "platform/file_system.h"
#include "platform/host.h"
#include "platform/native_installer.h"
#include "platform/prerequisite_installer.h"
#include "platform/process_table.h"
#include "platform/service_manager.h"
#include "platform/settings_store.h"

#include <memory>
#include <string>
#include <vector>

namespace autodeploy {

/// The machine, as everything above sees it. The interfaces outlive nobody: whoever made them keeps them.
struct Platform {
    FileSystem& files;
    Clock& clock;
    CommandRunner& commands;
    ProcessTable& processes;
    ServiceManager& services;
    Host& host;
    SettingsStore& settings;
    std::vector<NativeInstaller*> installers;       ///< those whose tool is on this machine
    PrerequisiteInstaller* prerequisites = nullptr; ///< null where a system knows none

    /// The one of that name ("rpm", …). Throws Error tool_missing.
    NativeInstaller& installer(const std::string& name) const;
};

/// Owns the parts of a Platform.
class NativePlatform {
  public:
    NativePlatform() = default;
    NativePlatform(const NativePlatform&) = delete;
    NativePlatform& operator=(const NativePlatform&) = delete;
    virtual ~NativePlatform() = default;
    virtual Platform& platform() = 0;
};

/// The machine that we run on; the build picks the folder that defines it. Only the main programs call this.
/// state_directory: our private folder, for what detached tools and holds need to leave behind.
std::unique_ptr<NativePlatform> native_platform(const std::string& state_directory);

} // namespace autodeploy
