#pragma once

#include "platform/clock.h"
#include "platform/command_runner.h"
#include "platform/file_system.h"
#include "platform/native_installer.h"
#include "platform/unfinished_mark.h"

#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// What lies between the packages that are there and a target.
struct Difference {
    std::vector<PackageFile> install; ///< not there, not healthy, or another package of the same version
    std::vector<PackageId> remove;    ///< to be absent, or another version beside the wanted one

    bool none() const { return install.empty() && remove.empty(); }
    bool operator==(const Difference&) const = default;
};

Difference difference_to(const PackageSet& target, const std::vector<InstalledPackage>& now);

/// What a run of the tool meant, read from its output.
struct ToolVerdict {
    bool lock_was_held = false;                 ///< it did nothing because somebody else is at work
    std::vector<std::string> failed_scriptlets; ///< a line each
    std::string reason;                         ///< why it failed, in its own words; may be empty
};

/// A native tool as the common way to a target needs it.
class PackageCommands {
  public:
    PackageCommands() = default;
    PackageCommands(const PackageCommands&) = delete;
    PackageCommands& operator=(const PackageCommands&) = delete;
    virtual ~PackageCommands() = default;

    virtual std::string tool_name() const = 0;
    /// All packages of exactly these names, several versions of one too.
    virtual std::vector<InstalledPackage> packages_named(const std::vector<std::string>& names) = 0;
    virtual std::optional<std::string> lock_holder() = 0;
    /// To be run one after the other; the next one only if the one before succeeded.
    /// restore_missing: configuration files that are gone come back, too.
    virtual std::vector<Command> install_commands(const std::vector<PackageFile>& files, bool restore_missing) = 0;
    /// As install_commands.
    virtual std::vector<Command> remove_commands(const std::vector<PackageId>& packages) = 0;
    /// Whether the new packages take this installed one away by themselves, though its name is to be absent: then it is
    /// not removed before them.
    virtual bool is_replaced(const PackageSet&, const PackageId&) { return false; }
    virtual ToolVerdict judge(const CommandResult& result) = 0;
    /// Whether the tool did not come to its own end and may have left anything.
    virtual bool was_cut_off(const CommandResult& result);
    /// Whether its exit code says that the next command makes no sense. Where not, only the state that is read back
    /// counts.
    virtual bool exit_code_counts() const { return true; }
    /// Files that differ from the database.
    virtual std::vector<std::string> changed_files(const std::vector<std::string>& names) = 0;
    /// Configuration files of these packages that are not as they were shipped.
    virtual std::vector<std::string> changed_configuration(const std::vector<std::string>& names) = 0;
    /// Takes such a file away, with what the tool put beside it.
    virtual void drop_configuration(const std::string& path) = 0;
    /// All that the packages bring, as far as their headers tell it quickly.
    virtual std::vector<std::string> paths_in(const std::vector<PackageFile>& files) = 0;
    /// The file's name, if this is what the tool calls it until it is whole.
    virtual std::optional<std::string> stem_of_temporary(const std::string& name) = 0;
    /// Where paths lie: empty for "/".
    virtual std::string root() const = 0;
    /// A file that takes any output and keeps none.
    virtual std::string nowhere() const { return "/dev/null"; }
};

/// What was read before a convergence, for that one only.
struct Readiness {
    std::string run_name;
    PackageSet target;
    Difference difference;
    UnfinishedMark mark;
    std::vector<Command> install_commands;
};

Readiness ready_for(PackageCommands& tool, CommandRunner& commands, FileSystem& files, const PackageSet& target,
                    const ConvergeOptions& options);

/// NativeInstaller::converge for any tool: goes towards the target and reads back what came of it, until it is reached
/// or no step brings it nearer. A mark in the evidence folder tells an interrupted run from a finished one: after such
/// a run the database alone is not believed, every package is installed again, and what the mark shows to be left over
/// is cleared away.
ConvergeResult converge_with(PackageCommands& tool, CommandRunner& commands, FileSystem& files, Clock& clock,
                             const PackageSet& target, const ConvergeOptions& options,
                             const std::optional<Readiness>& ready = std::nullopt);

} // namespace autodeploy
