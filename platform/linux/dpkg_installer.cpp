#include "platform/linux/dpkg_installer.h"

#include "platform/error.h"
#include "platform/linux/deb_contents.h"
#include "platform/linux/lock_holder.h"

#include <algorithm>
#include <utility>

namespace autodeploy {

namespace {

const std::string dpkg = "/usr/bin/dpkg";
constexpr Milliseconds query_deadline{60000};
constexpr Milliseconds verify_deadline{10 * 60 * 1000};
constexpr std::size_t query_limit = 64 << 20;
constexpr std::uint64_t largest_list = 64 << 20;
constexpr std::size_t most_problems = 5;

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

/// What dpkg-query would take for a pattern stands for itself.
std::string as_pattern(const std::string& path) {
    std::string pattern;
    for (const char letter : path) {
        if (letter == '*' || letter == '?' || letter == '[' || letter == '\\') pattern += '\\';
        pattern += letter;
    }
    return pattern;
}

/// Lines of files that the package had in an earlier version are still kept by dpkg.
std::string without_obsolete(const std::string& conffiles) {
    std::string text;
    for (std::size_t at = 0; at < conffiles.size();) {
        const std::size_t end = std::min(conffiles.find('\n', at), conffiles.size());
        const std::string line = conffiles.substr(at, end - at);
        if (!line.ends_with(" obsolete")) text += line + "\n";
        at = end + 1;
    }
    return text;
}

/// "/etc/x hash" for each name in a package's list, the hashes taken from its sums.
std::string hashed_conffiles(const std::string& names, const std::string& md5sums) {
    std::string text;
    for (std::size_t at = 0; at < names.size();) {
        const std::size_t end = std::min(names.find('\n', at), names.size());
        const std::string path = names.substr(at, end - at);
        at = end + 1;
        if (!path.starts_with('/')) continue; // empty, or a file to be removed
        const std::string ending = "  " + path.substr(1) + "\n";
        const std::size_t found = md5sums.find(ending);
        const std::size_t begin = found == std::string::npos ? found : md5sums.rfind('\n', found);
        if (found == std::string::npos) continue;
        const std::size_t hash = begin == std::string::npos ? 0 : begin + 1;
        text += path + " " + md5sums.substr(hash, found - hash) + "\n";
    }
    return text;
}

std::string limited(const std::vector<std::string>& problems) {
    std::string text;
    for (std::size_t index = 0; index < problems.size() && index < most_problems; ++index)
        text += (index > 0 ? "; " : "") + problems[index];
    if (problems.size() > most_problems) text += "; and " + std::to_string(problems.size() - most_problems) + " more";
    return text;
}

} // namespace

DpkgInstaller::DpkgInstaller(CommandRunner& commands, FileSystem& files, Clock& clock, ProcessTable& processes,
                             std::string root)
    : commands_(commands), files_(files), clock_(clock), processes_(processes), root_(std::move(root)) {
    if (root_ == "/") root_.clear();
}

std::string DpkgInstaller::database(const std::string& name) const {
    return root_ + "/var/lib/dpkg" + name;
}

CommandResult DpkgInstaller::query(const std::vector<std::string>& arguments) {
    Command command;
    command.program = "/usr/bin/dpkg-query";
    command.arguments = {"--admindir=" + database("")};
    command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
    command.deadline = query_deadline;
    command.output_limit = query_limit;
    CommandResult result = commands_.run(command);
    // 1: nothing was found
    if (result.exit_code == 0 || (result.exit_code == 1 && !result.timed_out)) return result;
    const bool damaged = result.error.find("parsing file") != std::string::npos;
    throw Error(damaged ? "package_database_damaged" : "tool_failed",
                "cannot read dpkg's database: " +
                    (result.timed_out ? "dpkg-query did not answer in time" : first_line(result.error)),
                damaged ? Retry::no : Retry::later);
}

std::vector<DebRecord> DpkgInstaller::records(const std::vector<std::string>& patterns) {
    std::vector<std::string> arguments = {"--show", "--showformat=" + deb_record_format()};
    arguments.insert(arguments.end(), patterns.begin(), patterns.end());
    std::vector<DebRecord> all = parse_deb_records(query(arguments).output);
    // Not installed, or only its configuration files are left.
    std::erase_if(all, [](const DebRecord& record) {
        const std::string& status = record.package.status;
        return status.size() < 2 || status[1] == 'n' || status[1] == 'c';
    });
    return all;
}

std::optional<std::string> DpkgInstaller::owner(const std::string& path) {
    return parse_deb_owner(query({"--search", as_pattern(path)}).output);
}

std::string DpkgInstaller::installed_digest(const DebRecord& record) {
    const DebPackage& package = record.package;
    for (const std::string& name : {package.name, package.name + ":" + package.architecture}) {
        const std::string path = database("/info/" + name + ".md5sums");
        if (files_.status(path))
            return deb_digest(record, files_.read(path, largest_list), without_obsolete(record.conffiles));
    }
    return deb_digest(record, "", without_obsolete(record.conffiles));
}

InstalledPackage DpkgInstaller::installed_from(const DebRecord& record) {
    InstalledPackage package;
    package.id = {record.package.name, record.package.version, record.package.architecture};
    package.state = record.package.status;
    while (package.state.ends_with(' '))
        package.state.pop_back();
    // "ii", or "hi" of a package on hold; a third letter says that it must be reinstalled.
    package.healthy = package.state.size() == 2 && package.state[1] == 'i';
    package.digest = installed_digest(record);
    return package;
}

std::vector<InstalledPackage> DpkgInstaller::installed(const std::vector<std::string>& name_prefixes) {
    std::vector<InstalledPackage> packages;
    if (name_prefixes.empty()) return packages;
    std::vector<std::string> patterns;
    for (const std::string& prefix : name_prefixes)
        patterns.push_back(as_pattern(prefix) + "*");
    for (const DebRecord& record : records(patterns))
        packages.push_back(installed_from(record));
    return packages;
}

std::vector<InstalledPackage> DpkgInstaller::packages_named(const std::vector<std::string>& names) {
    std::vector<InstalledPackage> packages;
    if (names.empty()) return packages;
    for (const DebRecord& record : records(names))
        packages.push_back(installed_from(record));
    return packages;
}

std::optional<std::string> DpkgInstaller::lock_holder() {
    for (const char* lock : {"/lock-frontend", "/lock"})
        if (auto holder = holder_of_lock(database(lock), processes_)) return holder;
    return std::nullopt;
}

std::vector<std::string> DpkgInstaller::pinned(const std::vector<std::string>& names) {
    std::vector<std::string> found;
    if (names.empty()) return found;
    for (const DebRecord& record : records(names))
        if (record.package.status.starts_with('h'))
            found.push_back(record.package.name + " is on hold (apt-mark showhold)");
    return found;
}

DebRecord DpkgInstaller::record_of_file(const std::string& path) {
    Command command;
    command.program = "/usr/bin/dpkg-deb";
    command.arguments = {"--show", "--showformat=" + deb_record_format(), path};
    command.deadline = query_deadline;
    const CommandResult result = commands_.run(command);
    std::vector<DebRecord> records = parse_deb_records(result.output);
    if (!result.succeeded() || records.size() != 1)
        throw Error("package_unreadable",
                    "cannot read the package " + path + ": " +
                        (result.timed_out ? "dpkg-deb did not answer in time" : first_line(result.error)));
    return records.front();
}

std::string DpkgInstaller::control_member(const std::string& path, const std::string& member) {
    Command command;
    command.program = "/usr/bin/dpkg-deb";
    command.arguments = {"--info", path, member};
    command.deadline = query_deadline;
    command.output_limit = largest_list;
    const CommandResult result = commands_.run(command);
    return result.succeeded() ? result.output : std::string();
}

PackageFile DpkgInstaller::describe(const std::string& path) {
    const DebRecord record = record_of_file(path);
    std::string sums = control_member(path, "md5sums");
    const std::string names = control_member(path, "conffiles");
    std::string hashes = sums;
    // What a package does not bring along, dpkg writes down from the files itself.
    if (sums.empty() || !names.empty()) hashes = md5sums_of_deb(path);
    if (sums.empty()) sums = hashes;
    PackageFile file;
    file.id = {record.package.name, record.package.version, record.package.architecture};
    file.path = path;
    file.sha256 = files_.sha256(path);
    file.digest = deb_digest(record, sums, hashed_conffiles(names, hashes));
    file.installed_bytes = record.installed_bytes;
    return file;
}

/// The one place where a command of dpkg that changes something is made.
Command DpkgInstaller::change(const std::vector<std::string>& arguments) const {
    Command command;
    command.program = dpkg;
    if (!root_.empty()) command.arguments.push_back("--root=" + root_);
    // The administrator's files stay, nothing asks, going back to an older version is no error whatever dpkg.cfg says.
    command.arguments.insert(command.arguments.end(), {"--force-confold", "--force-confdef", "--force-downgrade"});
    command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
    command.environment = {{"DEBIAN_FRONTEND", "noninteractive"}, {"DEBCONF_NONINTERACTIVE_SEEN", "true"}};
    return command;
}

std::vector<Command> DpkgInstaller::install_commands(const std::vector<PackageFile>& files, bool restore_missing) {
    std::vector<DebPackage> packages;
    for (const PackageFile& file : files)
        packages.push_back(record_of_file(file.path).package);
    std::vector<Command> commands;
    for (const std::vector<std::size_t>& group : deb_install_order(packages)) {
        std::vector<std::string> arguments = {"--install"};
        if (restore_missing) arguments.insert(arguments.begin(), "--force-confmiss");
        for (const std::size_t index : group)
            arguments.push_back(files[index].path);
        commands.push_back(change(arguments));
    }
    return commands;
}

std::vector<Command> DpkgInstaller::remove_commands(const std::vector<PackageId>& packages) {
    // A half-installed package is removed too.
    std::vector<std::string> arguments = {"--force-remove-reinstreq", "--remove"};
    for (const PackageId& package : packages) {
        const bool plain = package.architecture.empty() || package.architecture == "all";
        arguments.push_back(plain ? package.name : package.name + ":" + package.architecture);
    }
    return {change(arguments)};
}

std::vector<std::string> DpkgInstaller::changed_configuration(const std::vector<std::string>& names) {
    std::vector<ShippedFile> shipped;
    if (names.empty()) return {};
    for (const DebRecord& record : records(names))
        for (ShippedFile& file : parse_conffiles(record.conffiles))
            shipped.push_back(std::move(file));
    return changed_since_shipped(files_, root_, shipped);
}

void DpkgInstaller::drop_configuration(const std::string& path) {
    for (const char* ending : {"", ".dpkg-dist", ".dpkg-new", ".dpkg-old"})
        files_.remove_durably(root_ + path + ending);
}

/// From the sums, which lie at the front of the file: the list of the content itself would have to be unpacked.
std::vector<std::string> DpkgInstaller::paths_in(const std::vector<PackageFile>& files) {
    std::vector<std::string> paths;
    for (const PackageFile& file : files)
        for (std::string& path : paths_in_md5sums(control_member(file.path, "md5sums")))
            paths.push_back(std::move(path));
    return paths;
}

std::optional<std::string> DpkgInstaller::stem_of_temporary(const std::string& name) {
    for (const std::string ending : {".dpkg-new", ".dpkg-tmp"})
        if (name.size() > ending.size() && name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
    return std::nullopt;
}

std::optional<std::string> DpkgInstaller::dry_run(const PackageSet& target) {
    std::vector<DebPackage> packages;
    for (const PackageFile& file : target.present)
        packages.push_back(record_of_file(file.path).package);
    std::vector<DebPackage> installed;
    for (const DebRecord& record : records({}))
        installed.push_back(record.package);
    const std::vector<std::string> problems = deb_problems(installed, packages, target.absent);
    if (!problems.empty()) return limited(problems);
    if (target.present.empty()) return std::nullopt;
    // dpkg itself does not look at dependencies in a dry run, and takes a pre-dependency within the set for unmet.
    std::vector<std::string> arguments = {"--force-depends", "--no-act", "--install"};
    for (const PackageFile& file : target.present)
        arguments.push_back(file.path);
    Command command = change(arguments);
    command.deadline = verify_deadline;
    CommandResult result = commands_.run(command);
    if (result.succeeded()) return std::nullopt;
    if (result.timed_out) return "dpkg's dry run did not end in time";
    result.output += result.error;
    const std::string reason = judge_dpkg(result).reason;
    return reason.empty() ? "dpkg's dry run ended with " + std::to_string(result.exit_code) : reason;
}

void DpkgInstaller::get_ready(const PackageSet& target, const ConvergeOptions& options) {
    ready_ = ready_for(*this, commands_, files_, target, options);
}

ConvergeResult DpkgInstaller::converge(const PackageSet& target, const ConvergeOptions& options) {
    const std::optional<Readiness> ready = std::exchange(ready_, std::nullopt);
    return converge_with(*this, commands_, files_, clock_, target, options, ready);
}

std::vector<std::string> DpkgInstaller::verify(const std::vector<std::string>& names) {
    std::vector<std::string> differences;
    if (names.empty()) return differences;
    const std::vector<InstalledPackage> packages = packages_named(names);
    for (const std::string& name : names)
        if (std::none_of(packages.begin(), packages.end(),
                         [&](const InstalledPackage& package) { return package.id.name == name; }))
            differences.push_back(name + " is not installed");
    if (!differences.empty()) return differences;
    Command command;
    command.program = dpkg;
    if (!root_.empty()) command.arguments.push_back("--root=" + root_);
    command.arguments.emplace_back("--verify");
    command.arguments.insert(command.arguments.end(), names.begin(), names.end());
    command.deadline = verify_deadline;
    command.output_limit = query_limit;
    const CommandResult result = commands_.run(command);
    differences = parse_dpkg_verify(result.output);
    // Newer versions end with 1 where something differs.
    if (result.timed_out || result.exit_code > 1)
        throw Error("tool_failed",
                    "cannot verify the installed packages: dpkg " +
                        (result.timed_out ? "did not end in time" : "says " + first_line(result.error)),
                    Retry::later);
    return differences;
}

} // namespace autodeploy
