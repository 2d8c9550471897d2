#pragma once

#include "platform/convergence.h"
#include "platform/native_installer.h"
#include "platform/process_table.h"

namespace autodeploy {

/// Filesets of AIX, through installp and lslpp. A package file is an image that may hold several filesets; filesets of
/// one image are several PackageFiles with the same path. Only the level tells one package from another. root: what
/// stands before the paths of the tools and of installed files, for tests; images are given as the tools see them.
class InstallpInstaller final : public NativeInstaller, private PackageCommands {
  public:
    InstallpInstaller(CommandRunner& commands, ProcessTable& processes, FileSystem& files, Clock& clock,
                      std::string root = "");

    std::string name() const override { return "installp"; }
    std::optional<std::string> owner(const std::string& path) override;
    std::vector<InstalledPackage> installed(const std::vector<std::string>& name_prefixes) override;
    std::optional<std::string> busy() override { return lock_holder(); }
    /// Filesets that an interim fix holds.
    std::vector<std::string> pinned(const std::vector<std::string>& names) override;
    PackageFile describe(const std::string& path) override;
    std::optional<std::string> dry_run(const PackageSet& target) override;
    ConvergeResult converge(const PackageSet& target, const ConvergeOptions& options) override;
    std::vector<std::string> verify(const std::vector<std::string>& names) override;

  private:
    std::string tool_name() const override { return name(); }
    std::vector<InstalledPackage> packages_named(const std::vector<std::string>& names) override;
    std::optional<std::string> lock_holder() override;
    std::vector<Command> install_commands(const std::vector<PackageFile>& files, bool restore_missing) override;
    std::vector<Command> remove_commands(const std::vector<PackageId>& packages) override;
    ToolVerdict judge(const CommandResult& result) override;
    bool exit_code_counts() const override { return false; }
    std::vector<std::string> changed_files(const std::vector<std::string>& names) override { return verify(names); }
    /// installp keeps no word on who changed a configuration file.
    std::vector<std::string> changed_configuration(const std::vector<std::string>&) override { return {}; }
    void drop_configuration(const std::string&) override {}
    /// What an interrupted run left is the business of `installp -C`.
    std::vector<std::string> paths_in(const std::vector<PackageFile>&) override { return {}; }
    std::optional<std::string> stem_of_temporary(const std::string&) override { return std::nullopt; }
    std::string root() const override { return root_; }

    /// The one place where a command of these tools is made.
    Command tool(const std::string& program, const std::vector<std::string>& arguments) const;
    CommandResult read(const std::string& program, const std::vector<std::string>& arguments);
    std::vector<InstalledPackage> ask(const std::vector<std::string>& patterns);

    CommandRunner& commands_;
    ProcessTable& processes_;
    FileSystem& files_;
    Clock& clock_;
    std::string root_;
};

/// How a set is to be installed over what is there.
struct InstallpWay {
    bool clean_up = false;              ///< an earlier run was cut off
    std::vector<std::string> remove;    ///< filesets that are newer than wanted, with those of the same release
    std::vector<PackageFile> apply;     ///< not there, or older
    std::vector<PackageFile> overwrite; ///< there at that level, but not healthy or not trusted

    bool operator==(const InstallpWay&) const = default;
};
InstallpWay installp_way(const std::vector<PackageFile>& wanted, const std::vector<InstalledPackage>& now);

} // namespace autodeploy
