#include "platform/convergence.h"

#include "platform/changing_tool.h"
#include "platform/error.h"
#include "platform/unfinished_mark.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace autodeploy {

namespace {

constexpr int most_attempts = 5;
constexpr std::uint64_t largest_mark = 16 << 20;
constexpr Milliseconds lock_patience{10 * 60 * 1000};
constexpr Milliseconds between_looks{500};

bool is_same_package(const PackageFile& wanted, const InstalledPackage& found) {
    return found.id == wanted.id && found.healthy &&
           (wanted.digest.empty() || found.digest.empty() || wanted.digest == found.digest);
}

std::vector<std::string> names_of(const PackageSet& target) {
    std::vector<std::string> names = target.absent;
    for (const PackageFile& file : target.present)
        if (std::find(names.begin(), names.end(), file.id.name) == names.end()) names.push_back(file.id.name);
    return names;
}

std::vector<std::string> names_present(const PackageSet& target) {
    std::vector<std::string> names;
    for (const PackageFile& file : target.present)
        names.push_back(file.id.name);
    return names;
}

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts)
        text += (text.empty() ? "" : ", ") + part;
    return text;
}

std::string described(const PackageId& id) {
    return id.name + " " + id.version;
}

/// A few that take turns: what the runner has to clear up after one run does not hold up the next.
std::vector<std::string> run_names(const PackageCommands& tool, const ConvergeOptions& options) {
    const std::string name = options.run_name + "-" + tool.tool_name();
    return {name, name + "-2", name + "-3"};
}

std::string output_path(const PackageCommands& tool, const ConvergeOptions& options) {
    return options.evidence_path + "/" + tool.tool_name() + ".txt";
}

UnfinishedMark mark_before(PackageCommands& tool, FileSystem& files, const PackageSet& target) {
    UnfinishedMark mark;
    mark.administrators = tool.changed_configuration(names_of(target));
    note_paths(files, tool.root(), tool.paths_in(target.present), mark);
    return mark;
}

/// One call of converge_with.
class Way {
  public:
    Way(PackageCommands& tool, CommandRunner& commands, FileSystem& files, Clock& clock, const PackageSet& target,
        const ConvergeOptions& options, const std::optional<Readiness>& ready)
        : tool_(tool), commands_(commands), files_(files), clock_(clock), target_(target), options_(options) {
        // Where nothing seemed to be missing, that is asked again.
        if (ready && ready->run_name == options.run_name && ready->target == target && !ready->difference.none())
            ready_ = &*ready;
    }

    ConvergeResult go();

  private:
    Difference difference() { return difference_to(target_, tool_.packages_named(names_of(target_))); }
    Difference attempt(const Difference& from, bool everything);
    bool remove(const std::vector<PackageId>& packages);
    bool run_tool(const Command& command);
    bool files_are_right();
    bool dropped_strange_configuration();
    void wait_for_lock();
    Error failure(const Difference& rest);
    template<class Action> void note(Action&& action);
    std::string target_line() const;
    void note_scriptlets();
    std::vector<std::string> noted_scriptlets();

    PackageCommands& tool_;
    CommandRunner& commands_;
    FileSystem& files_;
    Clock& clock_;
    const PackageSet& target_;
    const ConvergeOptions& options_;
    const Readiness* ready_ = nullptr;
    const std::vector<std::string> run_names_ = run_names(tool_, options_);
    std::size_t runs_ = 0;
    const std::string mark_ = unfinished_path(options_.evidence_path, tool_.tool_name());
    std::string output_ = output_path(tool_, options_);
    bool interrupted_ = false; ///< a run of the tool was cut off: it may have left anything
    bool killed_ = false;      ///< in this attempt
    bool check_files_ = false; ///< the database alone does not show that the files are right
    bool changed_ = false;     ///< a tool ran and was not turned away by a lock
    bool turned_away_ = false; ///< the last one was
    bool hopeless_ = false;    ///< another attempt would hang again
    bool restore_missing_ = false;
    UnfinishedMark before_; ///< before any run towards this or another target
    std::vector<std::string> scriptlets_;
    std::vector<std::string> wrong_files_;
    std::string reason_;
    /// What failed on the way here; stays, so that a caller who died before he took note of it is told again.
    const std::string scriptlets_note_ = options_.evidence_path + "/" + tool_.tool_name() + ".scriptlets";
};

/// On the way back a disk that takes nothing any more is no reason to stop.
template<class Action> void Way::note(Action&& action) {
    try {
        action();
    } catch (const Error& error) {
        if (!options_.way_back) throw;
        if (error.cause() == "read_only") output_ = tool_.nowhere(); // a tool without output could not even begin
    }
}

ConvergeResult Way::go() {
    for (const std::string& name : run_names_)
        wait_for_survivor(commands_, clock_, name, options_);
    interrupted_ = files_.status(mark_).has_value();
    if (interrupted_) ready_ = nullptr;
    // Whether the tool's output can be kept; a tool that cannot write it does not even begin.
    if (options_.way_back) note([&] { files_.append_durably(output_, ""); });
    Difference rest = ready_ != nullptr ? ready_->difference : difference();
    if (rest.none() && !interrupted_) return {Convergence::reached, noted_scriptlets()};
    if (tool_.lock_holder()) return {Convergence::busy, {}};
    if (interrupted_) {
        before_ = parse_mark(files_.read(mark_, largest_mark));
    } else {
        before_ = ready_ != nullptr ? ready_->mark : mark_before(tool_, files_, target_);
        note([&] { files_.write_durably(mark_, mark_text(before_)); });
    }
    check_files_ = interrupted_;
    bool everything = interrupted_;
    for (int number = 1;; ++number) {
        const Difference before = rest;
        const std::vector<std::string> wrong_before = wrong_files_;
        rest = attempt(before, everything);
        if (turned_away_ && !changed_) {
            if (!interrupted_) note([&] { files_.remove_durably(mark_); });
            return {Convergence::busy, {}};
        }
        if (turned_away_) {
            wait_for_lock();
            rest = difference();
        }
        const bool right = rest.none() && !killed_ && files_are_right();
        if (right && !(interrupted_ && dropped_strange_configuration())) break;
        const bool nothing_gained = number > 1 && !turned_away_ && !killed_ && !restore_missing_ && rest == before &&
                                    wrong_files_ == wrong_before;
        if (hopeless_ || nothing_gained || number == most_attempts) throw failure(rest);
        everything = true;
    }
    if (interrupted_)
        remove_leftovers(files_, tool_.root(), before_, tool_.paths_in(target_.present),
                         [&](const std::string& name) { return tool_.stem_of_temporary(name); });
    // Before the mark goes: from then on nothing is run again that could tell.
    note([&] { note_scriptlets(); });
    note([&] { files_.remove_durably(mark_); });
    return {Convergence::reached, scriptlets_};
}

std::string Way::target_line() const {
    std::string line;
    for (const PackageFile& file : target_.present)
        line += (line.empty() ? "" : ", ") + described(file.id);
    return line + "\n";
}

void Way::note_scriptlets() {
    if (scriptlets_.empty()) {
        if (files_.status(scriptlets_note_)) files_.remove_durably(scriptlets_note_);
        return;
    }
    std::string text = target_line();
    for (std::string line : scriptlets_) {
        std::replace(line.begin(), line.end(), '\n', ' ');
        text += line + "\n";
    }
    files_.write_durably(scriptlets_note_, text);
}

/// Those of a run to this very target.
std::vector<std::string> Way::noted_scriptlets() {
    if (!files_.status(scriptlets_note_)) return {};
    std::string text = files_.read(scriptlets_note_, largest_mark);
    if (!text.starts_with(target_line())) return {};
    std::vector<std::string> lines;
    for (std::size_t at = target_line().size(); at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

/// Returns what is left to be done, unless it was turned away.
Difference Way::attempt(const Difference& from, bool everything) {
    scriptlets_.clear();
    turned_away_ = killed_ = false;
    std::vector<PackageId> unwanted;
    const auto is_first = [&](const PackageId& id) {
        return goes_first(target_, id) && !tool_.is_replaced(target_, id);
    };
    std::copy_if(from.remove.begin(), from.remove.end(), std::back_inserter(unwanted), is_first);
    // First, since the new packages may have files or names in common with these.
    if (!remove(unwanted)) return difference();
    const std::vector<PackageFile>& install = everything ? target_.present : from.install;
    if (!install.empty()) {
        const Readiness* ready = std::exchange(ready_, nullptr);
        const bool usable = ready != nullptr && !everything && !restore_missing_;
        for (const Command& command :
             usable ? ready->install_commands : tool_.install_commands(install, restore_missing_))
            if (!run_tool(command)) break;
    }
    if (turned_away_) return {};
    Difference rest = difference();
    std::vector<PackageId> strays;
    std::copy_if(rest.remove.begin(), rest.remove.end(), std::back_inserter(strays),
                 [&](const PackageId& id) { return !is_first(id); });
    if (strays.empty()) return rest;
    // A stray may take files with it that the wanted version has as well.
    check_files_ = true;
    remove(strays);
    return difference();
}

bool Way::remove(const std::vector<PackageId>& packages) {
    if (packages.empty()) return true;
    const std::vector<Command> commands = tool_.remove_commands(packages);
    return std::all_of(commands.begin(), commands.end(), [&](const Command& command) { return run_tool(command); });
}

bool Way::run_tool(const Command& command) {
    const std::string& name = run_names_[runs_++ % run_names_.size()];
    const ToolEnd end = run_changing_tool(commands_, clock_, name, command, output_, options_);
    ToolVerdict verdict = tool_.judge(end.result);
    turned_away_ = verdict.lock_was_held;
    hopeless_ = hopeless_ || end.scriptlets_ended;
    if (turned_away_) return false;
    changed_ = true;
    if (tool_.was_cut_off(end.result)) interrupted_ = killed_ = check_files_ = true;
    scriptlets_.insert(scriptlets_.end(), verdict.failed_scriptlets.begin(), verdict.failed_scriptlets.end());
    if (!verdict.reason.empty()) reason_ = std::move(verdict.reason);
    return end.result.succeeded() || !tool_.exit_code_counts();
}

/// True if there was any: then the packages are to be installed once more.
bool Way::dropped_strange_configuration() {
    if (restore_missing_) return false; // once is enough
    for (const std::string& path : tool_.changed_configuration(names_present(target_)))
        if (std::find(before_.administrators.begin(), before_.administrators.end(), path) ==
            before_.administrators.end()) {
            tool_.drop_configuration(path);
            restore_missing_ = true;
        }
    return restore_missing_;
}

bool Way::files_are_right() {
    wrong_files_.clear();
    if (!check_files_ && scriptlets_.empty()) return true;
    wrong_files_ = tool_.changed_files(names_present(target_));
    return wrong_files_.empty();
}

void Way::wait_for_lock() {
    const Milliseconds end = clock_.elapsed() + lock_patience;
    while (const std::optional<std::string> holder = tool_.lock_holder()) {
        if (clock_.elapsed() >= end)
            throw Error("package_install_failed",
                        "cannot go on with " + tool_.tool_name() + " in the middle of its work: " + *holder,
                        Retry::later);
        clock_.sleep(between_looks);
    }
}

Error Way::failure(const Difference& rest) {
    std::vector<std::string> states;
    for (const InstalledPackage& package : tool_.packages_named(names_of(target_)))
        states.push_back(described(package.id) + (package.state.empty() ? "" : " (" + package.state + ")"));
    std::vector<std::string> wanted;
    for (const PackageFile& file : target_.present)
        wanted.push_back(described(file.id));
    std::string why = "there is " + (states.empty() ? std::string("nothing") : joined(states));
    if (rest.none()) why = "files differ from the packages: " + wrong_files_.front();
    if (!scriptlets_.empty()) why += "; " + joined(scriptlets_);
    if (!reason_.empty()) why += "; " + tool_.tool_name() + " says: " + reason_;
    return Error("package_install_failed", "cannot bring the packages by " + tool_.tool_name() + " to " +
                                               joined(wanted) + ": " + why + "; its whole output is in " + output_);
}

} // namespace

bool PackageCommands::was_cut_off(const CommandResult& result) {
    constexpr int by_signal = 128;
    return result.exit_code > by_signal || result.exit_code < 0;
}

Difference difference_to(const PackageSet& target, const std::vector<InstalledPackage>& now) {
    Difference difference;
    for (const PackageFile& wanted : target.present) {
        const bool there = std::any_of(now.begin(), now.end(),
                                       [&](const InstalledPackage& found) { return is_same_package(wanted, found); });
        if (!there) difference.install.push_back(wanted);
        // Before the wanted one is there, an older one is not a stray: it is what will be upgraded, if it can be.
        for (const InstalledPackage& found : now)
            if (found.id.name == wanted.id.name && found.id != wanted.id && (there || goes_first(target, found.id)))
                difference.remove.push_back(found.id);
    }
    for (const InstalledPackage& found : now)
        if (goes_first(target, found.id) &&
            std::find(difference.remove.begin(), difference.remove.end(), found.id) == difference.remove.end())
            difference.remove.push_back(found.id);
    return difference;
}

Readiness ready_for(PackageCommands& tool, CommandRunner& commands, FileSystem& files, const PackageSet& target,
                    const ConvergeOptions& options) {
    commands.detached_state(run_names(tool, options).front());
    Readiness ready{options.run_name, target, difference_to(target, tool.packages_named(names_of(target))), {}, {}};
    if (ready.difference.none()) return ready;
    ready.mark = mark_before(tool, files, target);
    if (!ready.difference.install.empty())
        ready.install_commands = tool.install_commands(ready.difference.install, false);
    // What goes first is run without being expected, and takes a name away.
    std::vector<DetachedCommand> expected;
    const std::vector<std::string> names = run_names(tool, options);
    if (ready.difference.remove.empty() && ready.install_commands.size() <= names.size())
        for (const Command& command : ready.install_commands)
            expected.push_back(changing_tool(names[expected.size()], command, output_path(tool, options), options));
    commands.expect_detached(expected);
    return ready;
}

ConvergeResult converge_with(PackageCommands& tool, CommandRunner& commands, FileSystem& files, Clock& clock,
                             const PackageSet& target, const ConvergeOptions& options,
                             const std::optional<Readiness>& ready) {
    struct Expected {
        CommandRunner& commands;
        ~Expected() { commands.expect_detached({}); }
    } const expected{commands};
    return Way(tool, commands, files, clock, target, options, ready).go();
}

} // namespace autodeploy
