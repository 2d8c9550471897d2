#include "platform/linux/rpm_installer.h"

#include "platform/error.h"
#include "platform/linux/lock_holder.h"
#include "platform/linux/rpm_text.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace autodeploy {

namespace {

const std::string program = "/usr/bin/rpm";
constexpr Milliseconds query_deadline{120000};
constexpr Milliseconds check_deadline{10 * 60 * 1000};
constexpr std::size_t query_limit = 64 << 20;
constexpr std::uint64_t largest_lock_list = 1 << 20;
constexpr std::size_t most_problems = 5;
const char* const lock_lists[] = {"/etc/dnf/plugins/versionlock.list",
                                  "/etc/yum/pluginconf.d/versionlock.list",
                                  "/etc/dnf/versionlock.toml",
                                  "/etc/zypp/locks",
                                  "/etc/dnf/dnf.conf",
                                  "/etc/yum.conf"};

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

std::string without_epoch(const std::string& version) {
    return version.substr(version.find(':') + 1);
}

std::string full_name(const PackageId& id) {
    // rpm takes an epoch in such a name, too.
    return id.name + "-" + id.version + (id.architecture.empty() ? "" : "." + id.architecture);
}

InstalledPackage installed_from(const PackageFile& found) {
    InstalledPackage package;
    package.id = found.id;
    package.digest = found.digest;
    package.state = "installed";
    return package;
}

} // namespace

RpmInstaller::RpmInstaller(CommandRunner& commands, FileSystem& files, Clock& clock, ProcessTable& processes,
                           std::string root)
    : commands_(commands), files_(files), clock_(clock), processes_(processes), root_(std::move(root)) {
    if (root_ == "/") root_.clear();
}

std::string RpmInstaller::database() {
    if (!database_.empty()) return database_;
    Command command;
    command.program = program;
    command.arguments = {"--eval", "%{_dbpath}"};
    const CommandResult result = commands_.run(command);
    database_ = first_line(result.output);
    // Debian's rpm has its database in the home directory, since dpkg owns the system's.
    database_is_odd_ = !result.succeeded() || !database_.starts_with('/') || database_.ends_with("/.rpmdb");
    if (database_is_odd_) database_ = "/var/lib/rpm";
    return database_;
}

Command RpmInstaller::rpm(const std::vector<std::string>& arguments) {
    const std::string folder = database();
    Command command;
    command.program = program;
    if (!root_.empty()) command.arguments = {"--root", root_};
    if (database_is_odd_) command.arguments.insert(command.arguments.end(), {"--define", "_dbpath " + folder});
    command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
    return command;
}

CommandResult RpmInstaller::read(const std::vector<std::string>& arguments) {
    Command command = rpm(arguments);
    command.deadline = query_deadline;
    command.output_limit = query_limit;
    CommandResult result = commands_.run(command);
    if (result.timed_out)
        throw Error("tool_failed", "cannot read rpm's database: rpm did not answer in time", Retry::later);
    for (const char* sign :
         {"cannot open Packages", "rpmdb open failed", "DB_RUNRECOVERY", "database disk image is malformed",
          "rpmdbNextIterator: skipping", "Thread died in Berkeley DB"})
        if (result.error.find(sign) != std::string::npos)
            throw Error("package_database_damaged",
                        "cannot read rpm's database: " + first_line(result.error) + "; try: rpm --rebuilddb");
    return result;
}

std::vector<PackageFile> RpmInstaller::all_packages() {
    const CommandResult result = read({"--query", "--all", "--queryformat", rpm_query_format()});
    if (!result.succeeded())
        throw Error("tool_failed", "cannot read rpm's database: " + first_line(result.error), Retry::later);
    return parse_rpm_query(result.output);
}

std::optional<std::string> RpmInstaller::owner(const std::string& path) {
    const CommandResult result = read({"--query", "--file", "--queryformat", "%{NAME}\\n", path});
    if (!result.succeeded() || result.output.empty()) return std::nullopt;
    return first_line(result.output);
}

std::vector<InstalledPackage> RpmInstaller::installed(const std::vector<std::string>& name_prefixes) {
    std::vector<InstalledPackage> packages;
    std::map<std::pair<std::string, std::string>, int> versions;
    for (const PackageFile& found : all_packages()) {
        if (std::none_of(name_prefixes.begin(), name_prefixes.end(),
                         [&](const std::string& prefix) { return found.id.name.starts_with(prefix); }))
            continue;
        ++versions[{found.id.name, found.id.architecture}];
        packages.push_back(installed_from(found));
    }
    // rpm knows no half states, but an upgrade that was cut off leaves the old version beside the new one.
    for (InstalledPackage& package : packages)
        if (versions[{package.id.name, package.id.architecture}] > 1) {
            package.healthy = false;
            package.state = "two versions";
        }
    std::sort(packages.begin(), packages.end(),
              [](const InstalledPackage& a, const InstalledPackage& b) { return a.id < b.id; });
    return packages;
}

std::vector<InstalledPackage> RpmInstaller::packages_named(const std::vector<std::string>& names) {
    std::vector<InstalledPackage> packages;
    const std::set<std::string> asked(names.begin(), names.end());
    if (asked.empty()) return packages;
    std::vector<std::string> arguments = {"--query", "--queryformat", rpm_query_format()};
    arguments.insert(arguments.end(), asked.begin(), asked.end());
    // Reading all of them takes seconds where thousands are installed.
    const CommandResult result = read(arguments);
    std::set<std::string> answered = names_not_installed(result.output);
    for (const PackageFile& found : parse_rpm_query(result.output)) {
        if (!asked.contains(found.id.name)) continue;
        answered.insert(found.id.name);
        packages.push_back(installed_from(found));
    }
    if (!std::includes(answered.begin(), answered.end(), asked.begin(), asked.end()))
        throw Error("tool_failed", "cannot read rpm's database: " + first_line(result.error), Retry::later);
    return packages;
}

std::optional<std::string> RpmInstaller::lock_holder() {
    return holder_of_lock(root_ + database() + "/.rpm.lock", processes_);
}

std::vector<std::string> RpmInstaller::pinned(const std::vector<std::string>& names) {
    std::vector<std::string> found;
    for (const char* list : lock_lists) {
        const std::string path = root_ + list;
        if (!files_.status(path)) continue;
        for (const std::string& name : names_in_version_locks(files_.read(path, largest_lock_list), names))
            found.push_back(name + " is locked or excluded in " + list);
    }
    return found;
}

PackageFile RpmInstaller::describe(const std::string& path) {
    Command command;
    command.program = program;
    // Whose signature it has is not asked here: trust comes from the signed manifest.
    command.arguments = {"--query", "--package", "--nosignature", "--queryformat", rpm_query_format(), path};
    command.deadline = query_deadline;
    const CommandResult result = commands_.run(command);
    const std::vector<PackageFile> packages = parse_rpm_query(result.output);
    if (!result.succeeded() || packages.size() != 1)
        throw Error("package_unreadable",
                    "cannot read the package " + path + ": " +
                        (result.timed_out ? "rpm did not answer in time" : first_line(result.error)));
    PackageFile file = packages.front();
    file.path = path;
    file.sha256 = files_.sha256(path);
    return file;
}

std::vector<Command> RpmInstaller::install_commands(const std::vector<PackageFile>& files, bool) {
    // Going back and going to the same version again are no errors; keys are not asked for, payloads are checked.
    std::vector<std::string> arguments = {"--upgrade", "--verbose", "--oldpackage", "--replacepkgs", "--nosignature"};
    for (const PackageFile& file : files)
        arguments.push_back(file.path);
    return {rpm(arguments)};
}

std::vector<Command> RpmInstaller::remove_commands(const std::vector<PackageId>& packages) {
    // The target as a whole was checked for its dependencies; on the way to it some may be unmet.
    std::vector<std::string> arguments = {"--erase", "--verbose", "--nodeps"};
    for (const PackageId& package : packages)
        arguments.push_back(full_name(package));
    return {rpm(arguments)};
}

std::vector<std::string> RpmInstaller::changed_configuration(const std::vector<std::string>& names) {
    std::vector<std::string> arguments = {"--query", "--queryformat", rpm_files_format()};
    arguments.insert(arguments.end(), names.begin(), names.end());
    // Those that are not installed make it end with their number.
    return changed_since_shipped(files_, root_, parse_rpm_configuration(read(arguments).output));
}

void RpmInstaller::drop_configuration(const std::string& path) {
    for (const char* ending : {"", ".rpmnew", ".rpmsave", ".rpmorig"})
        files_.remove_durably(root_ + path + ending);
}

std::vector<std::string> RpmInstaller::paths_in(const std::vector<PackageFile>& files) {
    std::vector<std::string> paths;
    if (files.empty()) return paths;
    std::vector<std::string> arguments = {"--query", "--package", "--nosignature", "--queryformat",
                                          "[%{FILENAMES}\\n]"};
    for (const PackageFile& file : files)
        arguments.push_back(file.path);
    const std::string text = read(arguments).output;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        if (text[at] == '/') paths.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return paths;
}

/// "dsmc;5f3a01bc"
std::optional<std::string> RpmInstaller::stem_of_temporary(const std::string& name) {
    const std::size_t mark = name.rfind(';');
    const bool hexadecimal = mark != std::string::npos && mark > 0 && name.size() == mark + 9 &&
                             name.find_first_not_of("0123456789abcdef", mark + 1) == std::string::npos;
    if (!hexadecimal) return std::nullopt;
    return name.substr(0, mark);
}

ToolVerdict RpmInstaller::judge(const CommandResult& result) {
    return judge_rpm(result);
}

std::optional<std::string> RpmInstaller::dry_run(const PackageSet& target) {
    std::vector<std::string> problems;
    const auto test = [&](const std::vector<std::string>& arguments, const std::vector<std::string>& leave_out) {
        Command command = rpm(arguments);
        command.deadline = check_deadline;
        const CommandResult result = commands_.run(command);
        if (result.timed_out) problems.emplace_back("rpm's dry run did not end in time");
        if (result.succeeded()) return;
        const std::vector<std::string> found = parse_rpm_problems(result.output + "\n" + result.error, leave_out);
        problems.insert(problems.end(), found.begin(), found.end());
    };
    std::vector<PackageId> gone;
    // One that is present as well says what is wrong with the new one by its name.
    std::vector<std::string> gone_names = target.absent;
    std::erase_if(gone_names, [&](const std::string& name) {
        return std::any_of(target.present.begin(), target.present.end(),
                           [&](const PackageFile& file) { return file.id.name == name; });
    });
    std::vector<std::string> names = gone_names;
    for (const PackageFile& file : target.present)
        names.push_back(file.id.name);
    for (const InstalledPackage& package : packages_named(names))
        if (goes_first(target, package.id)) {
            gone.push_back(package.id);
            gone_names.push_back(package.id.name + "-" + without_epoch(package.id.version) + "." +
                                 package.id.architecture);
        }
    if (!target.present.empty()) {
        std::vector<std::string> arguments = {"--upgrade", "--test", "--oldpackage", "--replacepkgs", "--nosignature"};
        for (const PackageFile& file : target.present)
            arguments.push_back(file.path);
        test(arguments, gone_names);
    }
    if (!gone.empty()) {
        // Who needs what is to go: those that change with it do not count.
        std::vector<std::string> changing = target.absent;
        for (const PackageFile& file : target.present)
            changing.push_back(file.id.name);
        std::vector<std::string> arguments = {"--erase", "--test"};
        for (const PackageId& package : gone)
            arguments.push_back(full_name(package));
        test(arguments, changing);
    }
    if (problems.empty()) return std::nullopt;
    std::string text;
    for (std::size_t index = 0; index < problems.size() && index < most_problems; ++index)
        text += (index > 0 ? "; " : "") + problems[index];
    return text;
}

void RpmInstaller::get_ready(const PackageSet& target, const ConvergeOptions& options) {
    ready_ = ready_for(*this, commands_, files_, target, options);
}

ConvergeResult RpmInstaller::converge(const PackageSet& target, const ConvergeOptions& options) {
    const std::optional<Readiness> ready = std::exchange(ready_, std::nullopt);
    return converge_with(*this, commands_, files_, clock_, target, options, ready);
}

std::vector<std::string> RpmInstaller::verify(const std::vector<std::string>& names) {
    if (names.empty()) return {};
    std::vector<std::string> arguments = {"--verify", "--nodeps", "--noscripts"};
    arguments.insert(arguments.end(), names.begin(), names.end());
    Command command = rpm(arguments);
    command.deadline = check_deadline;
    command.output_limit = query_limit;
    const CommandResult result = commands_.run(command);
    if (result.timed_out)
        throw Error("tool_failed", "cannot verify the installed packages: rpm did not end in time", Retry::later);
    return parse_rpm_verify(result.output);
}

} // namespace autodeploy
