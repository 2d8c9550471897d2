#include "platform/aix/installp_installer.h"

#include "platform/aix/installp_text.h"
#include "platform/aix/lines.h"
#include "platform/error.h"

#include <algorithm>
#include <map>

namespace autodeploy {

namespace {

const std::string installp = "/usr/sbin/installp";
const std::string lslpp = "/usr/bin/lslpp";
constexpr Milliseconds query_deadline{120000};
constexpr Milliseconds check_deadline{10 * 60 * 1000};
constexpr std::size_t query_limit = 64 << 20;
constexpr std::size_t most_problems = 5;

std::string folder_of(const std::string& path) {
    return path.substr(0, path.rfind('/'));
}

const InstalledPackage* find_fileset(const std::vector<InstalledPackage>& now, const std::string& name) {
    const auto found =
        std::find_if(now.begin(), now.end(), [&](const InstalledPackage& one) { return one.id.name == name; });
    return found == now.end() ? nullptr : &*found;
}

/// Folder of images → names of filesets, in the order of folders as they first come.
std::vector<std::pair<std::string, std::vector<std::string>>> by_folder(const std::vector<PackageFile>& files) {
    std::vector<std::pair<std::string, std::vector<std::string>>> folders;
    for (const PackageFile& file : files) {
        const std::string folder = folder_of(file.path);
        auto place = std::find_if(folders.begin(), folders.end(), [&](const auto& one) { return one.first == folder; });
        if (place == folders.end()) place = folders.insert(folders.end(), {folder, {}});
        place->second.push_back(file.id.name);
    }
    return folders;
}

std::vector<std::string> with(std::vector<std::string> arguments, const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

/// What a word of a state means, which the table of lslpp alone does not say.
bool was_cut_off(const InstalledPackage& package) {
    return !package.healthy && package.state != "BROKEN" && package.state != "OBSOLETE";
}

} // namespace

InstallpWay installp_way(const std::vector<PackageFile>& wanted, const std::vector<InstalledPackage>& now) {
    InstallpWay way;
    way.clean_up = std::any_of(now.begin(), now.end(), was_cut_off);
    std::vector<std::string> releases_to_go_down_to;
    for (const PackageFile& file : wanted)
        if (const InstalledPackage* there = find_fileset(now, file.id.name))
            if (compare_levels(there->id.version, file.id.version) > 0)
                releases_to_go_down_to.push_back(file.id.version);
    for (const PackageFile& file : wanted) {
        const InstalledPackage* there = find_fileset(now, file.id.name);
        const auto& down = releases_to_go_down_to;
        // Those of one release need each other: none of them can be removed while another stays.
        if (there != nullptr && std::find(down.begin(), down.end(), file.id.version) != down.end()) {
            way.remove.push_back(file.id.name);
            way.apply.push_back(file);
        } else if (there == nullptr || compare_levels(there->id.version, file.id.version) < 0) {
            way.apply.push_back(file);
        } else {
            way.overwrite.push_back(file);
        }
    }
    std::reverse(way.remove.begin(), way.remove.end());
    return way;
}

InstallpInstaller::InstallpInstaller(CommandRunner& commands, ProcessTable& processes, FileSystem& files, Clock& clock,
                                     std::string root)
    : commands_(commands), processes_(processes), files_(files), clock_(clock), root_(std::move(root)) {}

Command InstallpInstaller::tool(const std::string& program, const std::vector<std::string>& arguments) const {
    Command command;
    command.program = root_ + program;
    command.arguments = arguments;
    // Its scripts look for their tools by PATH, and ODMDIR tells where the database is.
    command.environment = {{"PATH", "/usr/bin:/etc:/usr/sbin:/usr/ucb:/sbin"}, {"ODMDIR", "/etc/objrepos"}};
    command.deadline = query_deadline;
    command.output_limit = query_limit;
    return command;
}

CommandResult InstallpInstaller::read(const std::string& program, const std::vector<std::string>& arguments) {
    CommandResult result = commands_.run(tool(program, arguments));
    if (result.timed_out)
        throw Error("tool_failed",
                    "cannot read the database of installed software: " + program + " did not answer in time",
                    Retry::later);
    for (const char* sign : {"0514-", "odmerrno", "ODM"})
        if (result.error.find(sign) != std::string::npos)
            throw Error("package_database_damaged", "cannot read the database of installed software: " +
                                                        result.error.substr(0, result.error.find('\n')) +
                                                        "; see lppchk -v");
    return result;
}

std::vector<InstalledPackage> InstallpInstaller::ask(const std::vector<std::string>& patterns) {
    if (patterns.empty()) return {};
    // Those that are not there only make a message each; the letters of -L hide what is half done, the words of -l do
    // not.
    const CommandResult levels = read(lslpp, with({"-Lc"}, patterns));
    const CommandResult states = read(lslpp, with({"-lc"}, patterns));
    return installed_filesets(parse_lslpp_levels(levels.output), parse_lslpp_states(states.output));
}

std::optional<std::string> InstallpInstaller::owner(const std::string& path) {
    return parse_lslpp_owner(read(lslpp, {"-wc", path}).output, path);
}

std::vector<InstalledPackage> InstallpInstaller::installed(const std::vector<std::string>& name_prefixes) {
    std::vector<std::string> patterns;
    for (const std::string& prefix : name_prefixes)
        patterns.push_back(prefix + "*");
    std::vector<InstalledPackage> packages = ask(patterns);
    std::erase_if(packages, [&](const InstalledPackage& package) {
        return std::none_of(name_prefixes.begin(), name_prefixes.end(),
                            [&](const std::string& prefix) { return package.id.name.starts_with(prefix); });
    });
    return packages;
}

std::vector<InstalledPackage> InstallpInstaller::packages_named(const std::vector<std::string>& names) {
    std::vector<InstalledPackage> packages = ask(names);
    std::erase_if(packages, [&](const InstalledPackage& package) {
        return std::find(names.begin(), names.end(), package.id.name) == names.end();
    });
    return packages;
}

std::optional<std::string> InstallpInstaller::lock_holder() {
    for (const Process& process : processes_.list()) {
        if (process.arguments.empty()) continue;
        // ps shows a program's first word; geninstall and smit end up in installp, too.
        const std::string name = process.arguments.front().substr(process.arguments.front().rfind('/') + 1);
        const bool script = process.arguments.size() > 1 && process.arguments[1].ends_with("/installp");
        if (name == "installp" || name == "geninstall" || name == "emgr" || script)
            return "process " + std::to_string(process.id) + " (" + process.arguments.front() + ") is at work";
    }
    return std::nullopt;
}

std::vector<std::string> InstallpInstaller::pinned(const std::vector<std::string>& names) {
    std::vector<std::string> found;
    if (names.empty()) return found;
    for (const FilesetLine& line : parse_lslpp_levels(read(lslpp, with({"-Lc"}, names)).output))
        if (line.locked || line.state == "E") found.push_back(line.name + " is locked by an interim fix (emgr -l)");
    return found;
}

PackageFile InstallpInstaller::describe(const std::string& path) {
    const CommandResult result = commands_.run(tool(installp, {"-Ld", path}));
    const std::vector<PackageId> contents = parse_image_contents(result.output);
    if (contents.size() != 1)
        throw Error("package_unreadable",
                    "cannot read the package " + path + ": installp finds " + std::to_string(contents.size()) +
                        " filesets in it, and one is expected; images of several are described by "
                        "their table of contents (.toc)");
    PackageFile file;
    file.id = contents.front();
    file.path = path;
    file.sha256 = files_.sha256(root_ + path);
    return file;
}

std::vector<Command> InstallpInstaller::install_commands(const std::vector<PackageFile>& files, bool) {
    std::vector<std::string> names;
    for (const PackageFile& file : files)
        names.push_back(file.id.name);
    const InstallpWay way = installp_way(files, packages_named(names));
    std::vector<Command> commands;
    if (way.clean_up) commands.push_back(tool(installp, {"-C"}));
    if (!way.remove.empty()) commands.push_back(tool(installp, with({"-u"}, way.remove)));
    // A .toc that came along or was made earlier is not believed.
    for (const auto& [folder, filesets] : by_folder(files))
        commands.push_back(tool("/usr/sbin/inutoc", {folder}));
    // Else a library that nobody uses any more is still "in use".
    commands.push_back(tool("/usr/sbin/slibclean", {}));
    for (const auto& [folder, filesets] : by_folder(way.apply))
        commands.push_back(tool(installp, with({"-acXYgd", folder}, filesets)));
    // The one that overwrites knows no -g.
    for (const auto& [folder, filesets] : by_folder(way.overwrite))
        commands.push_back(tool(installp, with({"-acXYFd", folder}, filesets)));
    return commands;
}

std::vector<Command> InstallpInstaller::remove_commands(const std::vector<PackageId>& packages) {
    std::vector<std::string> names;
    for (const PackageId& package : packages)
        names.push_back(package.name);
    return {tool(installp, with({"-u"}, names))};
}

ToolVerdict InstallpInstaller::judge(const CommandResult& result) {
    return judge_installp(result);
}

std::optional<std::string> InstallpInstaller::dry_run(const PackageSet& target) {
    std::vector<std::string> names;
    for (const PackageFile& file : target.present)
        names.push_back(file.id.name);
    const std::vector<InstalledPackage> now = packages_named(names);
    std::vector<PackageFile> needed;
    for (const PackageFile& file : target.present) {
        const InstalledPackage* there = find_fileset(now, file.id.name);
        if (there == nullptr || !there->healthy || there->id.version != file.id.version) needed.push_back(file);
    }
    InstallpWay way = installp_way(needed, now);
    if (needed.empty()) way.overwrite = needed = target.present;
    std::vector<std::string> problems;
    const auto preview = [&](const std::vector<std::string>& arguments, const std::vector<std::string>& expected) {
        Command command = tool(installp, arguments);
        command.deadline = check_deadline;
        const CommandResult result = commands_.run(command);
        if (result.timed_out) return problems.emplace_back("installp's preview did not end in time"), void();
        const InstallpPreview seen = parse_installp_preview(result.output);
        bool missing = false;
        for (const std::string& name : expected)
            missing = missing || std::none_of(seen.selected.begin(), seen.selected.end(),
                                              [&](const auto& one) { return one.first == name; });
        if (!missing) return;
        if (seen.failures.empty()) {
            const ToolVerdict verdict = judge_installp(result);
            problems.push_back(verdict.reason.empty() ? "installp's preview leaves filesets out" : verdict.reason);
        }
        problems.insert(problems.end(), seen.failures.begin(), seen.failures.end());
    };
    for (const auto& [folder, filesets] : by_folder(needed)) {
        const CommandResult result = commands_.run(tool("/usr/sbin/inutoc", {folder}));
        if (!result.succeeded()) problems.push_back("inutoc " + folder + ": " + result.error);
    }
    // What is to be removed first makes way only then: a preview over what is there needs force.
    const bool down = !way.remove.empty();
    if (down) preview(with({"-up"}, way.remove), way.remove);
    std::vector<PackageFile> apply = way.apply;
    std::vector<PackageFile> overwrite = way.overwrite;
    if (down) {
        overwrite.insert(overwrite.end(), apply.begin(), apply.end());
        apply.clear();
    }
    for (const auto& [folder, filesets] : by_folder(apply))
        preview(with({"-apXYgd", folder}, filesets), filesets);
    for (const auto& [folder, filesets] : by_folder(overwrite))
        preview(with({"-apXYFd", folder}, filesets), filesets);
    for (const std::string& name : target.absent)
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    std::vector<std::string> gone;
    for (const InstalledPackage& package : packages_named(names))
        if (goes_first(target, package.id)) gone.push_back(package.id.name);
    if (!gone.empty()) preview(with({"-up"}, gone), gone);
    if (problems.empty()) return std::nullopt;
    std::string text;
    for (std::size_t index = 0; index < problems.size() && index < most_problems; ++index)
        text += (index > 0 ? "; " : "") + problems[index];
    return text;
}

ConvergeResult InstallpInstaller::converge(const PackageSet& target, const ConvergeOptions& options) {
    return converge_with(*this, commands_, files_, clock_, target, options);
}

std::vector<std::string> InstallpInstaller::verify(const std::vector<std::string>& names) {
    if (names.empty()) return {};
    Command command = tool("/usr/bin/lppchk", with({"-c"}, names));
    command.deadline = check_deadline;
    const CommandResult result = commands_.run(command);
    if (result.timed_out)
        throw Error("tool_failed", "cannot verify the installed filesets: lppchk did not end in time", Retry::later);
    return parse_lppchk(result.output + "\n" + result.error);
}

} // namespace autodeploy
