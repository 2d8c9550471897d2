#pragma once

#include "platform/convergence.h"
#include "platform/gets_ready.h"
#include "platform/linux/dpkg_text.h"
#include "platform/native_installer.h"
#include "platform/process_table.h"

namespace autodeploy {

/// Packages of Debian, through dpkg, dpkg-query and dpkg-deb. root: another directory to be worked on as if it were
/// "/".
class DpkgInstaller final : public NativeInstaller, public GetsReady, private PackageCommands {
  public:
    DpkgInstaller(CommandRunner& commands, FileSystem& files, Clock& clock, ProcessTable& processes,
                  std::string root = "/");

    std::string name() const override { return "dpkg"; }
    std::optional<std::string> owner(const std::string& path) override;
    std::vector<InstalledPackage> installed(const std::vector<std::string>& name_prefixes) override;
    std::optional<std::string> busy() override { return lock_holder(); }
    std::vector<std::string> pinned(const std::vector<std::string>& names) override;
    PackageFile describe(const std::string& path) override;
    std::optional<std::string> dry_run(const PackageSet& target) override;
    void get_ready(const PackageSet& target, const ConvergeOptions& options) override;
    ConvergeResult converge(const PackageSet& target, const ConvergeOptions& options) override;
    std::vector<std::string> verify(const std::vector<std::string>& names) override;

  private:
    std::string tool_name() const override { return name(); }
    std::vector<InstalledPackage> packages_named(const std::vector<std::string>& names) override;
    std::optional<std::string> lock_holder() override;
    std::vector<Command> install_commands(const std::vector<PackageFile>& files, bool restore_missing) override;
    std::vector<Command> remove_commands(const std::vector<PackageId>& packages) override;
    ToolVerdict judge(const CommandResult& result) override { return judge_dpkg(result); }
    std::vector<std::string> changed_files(const std::vector<std::string>& names) override { return verify(names); }
    std::vector<std::string> changed_configuration(const std::vector<std::string>& names) override;
    void drop_configuration(const std::string& path) override;
    std::vector<std::string> paths_in(const std::vector<PackageFile>& files) override;
    std::optional<std::string> stem_of_temporary(const std::string& name) override;
    std::string root() const override { return root_; }

    std::string database(const std::string& name) const;
    CommandResult query(const std::vector<std::string>& arguments);
    std::vector<DebRecord> records(const std::vector<std::string>& patterns);
    DebRecord record_of_file(const std::string& path);
    std::string control_member(const std::string& path, const std::string& member);
    std::string installed_digest(const DebRecord& record);
    InstalledPackage installed_from(const DebRecord& record);
    Command change(const std::vector<std::string>& arguments) const;

    CommandRunner& commands_;
    FileSystem& files_;
    Clock& clock_;
    ProcessTable& processes_;
    std::string root_;
    std::optional<Readiness> ready_; ///< for the next converge
};

} // namespace autodeploy
