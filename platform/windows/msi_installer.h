#pragma once

#include "platform/convergence.h"
#include "platform/host.h"
#include "platform/native_installer.h"
#include "platform/settings_store.h"
#include "platform/windows/msi_database.h"
#include "platform/windows/msi_run.h"
#include "platform/windows/msi_way.h"

namespace autodeploy {

/// Products of Windows Installer, changed by msiexec. A package's name is its ProductName; a newer one is installed
/// over an older one with nothing said of features and place, so that both stay. Where MSI knows no way but to remove
/// first (to an older release), features and place are noted in the evidence folder before anything is changed, and
/// given to the package that comes next.
class MsiInstaller final : public NativeInstaller, private PackageCommands {
  public:
    /// They outlive it. system_directory: Windows' own.
    struct Machine {
        MsiDatabase& database;
        CommandRunner& commands;
        FileSystem& files;
        Clock& clock;
        Host& host;
        SettingsStore& settings;
        std::string system_directory;
    };
    explicit MsiInstaller(Machine machine) : machine_(std::move(machine)) {}

    std::string name() const override { return "msi"; }
    std::optional<std::string> owner(const std::string& path) override { return machine_.database.owner(path); }
    std::vector<InstalledPackage> installed(const std::vector<std::string>& name_prefixes) override;
    std::optional<std::string> busy() override { return lock_holder(); }
    /// The policy that forbids installations, for all of them.
    std::vector<std::string> pinned(const std::vector<std::string>& names) override;
    PackageFile describe(const std::string& path) override;
    /// MSI has none of its own. What can be told beforehand: the package can be read, is the one that was promised, is
    /// for this machine, no policy forbids it, and no service goes with an old package for good.
    std::optional<std::string> dry_run(const PackageSet& target) override;
    /// Restart needed: reached, but files of these products wait for a restart of the machine.
    ConvergeResult converge(const PackageSet& target, const ConvergeOptions& options) override;
    std::vector<std::string> verify(const std::vector<std::string>& names) override;

  private:
    std::string tool_name() const override { return name(); }
    std::vector<InstalledPackage> packages_named(const std::vector<std::string>& names) override;
    std::optional<std::string> lock_holder() override;
    std::vector<Command> install_commands(const std::vector<PackageFile>& files, bool restore_missing) override;
    std::vector<Command> remove_commands(const std::vector<PackageId>& packages) override;
    bool is_replaced(const PackageSet& target, const PackageId& installed) override;
    ToolVerdict judge(const CommandResult& result) override;
    bool was_cut_off(const CommandResult& result) override;
    bool exit_code_counts() const override { return false; }
    std::vector<std::string> changed_files(const std::vector<std::string>& names) override { return verify(names); }
    /// Windows Installer leaves alone by itself what people have changed.
    std::vector<std::string> changed_configuration(const std::vector<std::string>&) override { return {}; }
    void drop_configuration(const std::string&) override {}
    /// It takes its own temporary files away when it settles what was broken off.
    std::vector<std::string> paths_in(const std::vector<PackageFile>&) override { return {}; }
    std::optional<std::string> stem_of_temporary(const std::string&) override { return std::nullopt; }
    std::string root() const override { return ""; }
    std::string nowhere() const override { return "NUL"; }

    template<class Wanted> std::vector<InstalledPackage> list(Wanted&& is_wanted);
    std::optional<MsiPackage> cached_package(const MsiProduct& product);
    std::string architecture_of(const MsiProduct& product);
    std::optional<std::string> lost_service(const PackageSet& target);
    std::optional<std::string> account_of_service(const std::string& service);
    std::vector<MsiPredecessor> predecessors(const MsiPackage& package);
    Command msiexec(MsiRun::Action action, const std::string& subject,
                    const std::map<std::string, std::string>& properties);
    void begin(const PackageSet& target, const ConvergeOptions& options);
    void wait_for_our_own(const ConvergeOptions& options);
    std::string log_path(int number) const;
    std::vector<std::string> waiting_for_restart(const PackageSet& target);

    Machine machine_;
    std::string evidence_;
    MsiChoices choices_;
    int next_log_ = 1;
    bool keeps_logs_ = true;
};

} // namespace autodeploy
