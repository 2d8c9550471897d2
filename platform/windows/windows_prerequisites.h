#pragma once

#include "platform/clock.h"
#include "platform/command_runner.h"
#include "platform/host.h"
#include "platform/prerequisite_installer.h"
#include "platform/settings_store.h"
#include "platform/windows/msi_database.h"

#include <string>
#include <vector>

namespace autodeploy {

/// Prerequisites by their own installers, told by the registry. What an installer says of itself is a hint: what is
/// registered afterwards, and what of its files waits for a restart, is read back.
class WindowsPrerequisites final : public PrerequisiteInstaller {
  public:
    /// They outlive it. system_directory: Windows' own.
    struct Machine {
        MsiDatabase& database;
        CommandRunner& commands;
        Clock& clock;
        Host& host;
        SettingsStore& settings;
        std::string system_directory;
    };
    explicit WindowsPrerequisites(Machine machine) : machine_(std::move(machine)) {}

    std::optional<std::string> installed(const Prerequisite& wanted) override;
    std::vector<std::string> waiting(const PrerequisiteFile& wanted) override;
    ConvergeResult install(const PrerequisiteFile& wanted, const ConvergeOptions& options) override;

  private:
    ConvergeResult looked_at_again(const PrerequisiteFile& wanted, std::vector<std::string> warnings);

    Machine machine_;
};

} // namespace autodeploy
