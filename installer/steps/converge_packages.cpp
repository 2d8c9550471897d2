#include "installer/step.h"

#include "installer/client/versions.h"
#include "platform/error.h"
#include "platform/gets_ready.h"
#include "platform/platform.h"

#include <algorithm>

namespace autodeploy {

namespace {

constexpr Milliseconds stop_deadline{120000};
constexpr Milliseconds busy_pause{5000};
constexpr Milliseconds busy_limit{15 * 60 * 1000};

ConvergeOptions options_of(const ConvergePackages& step, const StepContext& context) {
    return converge_options(context, "", step.overrun_ms, step.scriptlet_limit_ms);
}

/// Where the manager has no means to hold a service, a boot or a scriptlet may have started it.
void keep_stopped(const ConvergePackages& step, StepContext& context) {
    for (const std::string& name : step.stopped_services)
        if (!context.held_down.contains(name) && context.platform.services.find(name))
            context.platform.services.stop(name, stop_deadline, true);
}

std::string names_text(const std::vector<const PackageFile*>& files) {
    std::string text;
    for (const PackageFile* file : files)
        text += " " + file->id.name + (file->id.architecture.empty() ? "" : "." + file->id.architecture);
    return text;
}

/// What cannot be updated in place and goes first, from the one set to the other.
std::string removed_first(const std::string& installer, const PackageSet& from, const PackageSet& to) {
    std::vector<const PackageFile*> replaced; // by others, or for another machine
    std::vector<const PackageFile*> anew;
    std::vector<const PackageFile*> lowered;
    for (const PackageFile& now : from.present) {
        if (goes_first(to, now.id)) {
            const bool comes_back = std::any_of(to.present.begin(), to.present.end(), [&](const PackageFile& file) {
                return file.id.name == now.id.name && !is_for_another_machine(file.id, now.id);
            });
            (comes_back ? anew : replaced).push_back(&now);
            continue;
        }
        for (const PackageFile& wanted : to.present) {
            const auto newer = parse_package_version(now.id.version);
            const auto older = parse_package_version(wanted.id.version);
            if (installer == "installp" && now.id.name == wanted.id.name && newer && older && *older < *newer)
                lowered.push_back(&now);
        }
    }
    std::string text;
    if (!replaced.empty()) text += "; removed first, since others take their place:" + names_text(replaced);
    if (!anew.empty())
        text += "; removed first and installed anew, since such a level is not updated in place:" + names_text(anew);
    if (!lowered.empty())
        text += "; removed first and installed anew, since " + installer + " does not go down:" + names_text(lowered);
    return text;
}

/// Waits for another program at work, with a bound.
Convergence bring_back(const ConvergePackages& step, const PackageSet& set, StepContext& context) {
    ConvergeOptions options = options_of(step, context);
    options.way_back = true;
    context.held_down.clear(); // what was held may have been started by us since
    const Milliseconds begin = context.platform.clock.elapsed();
    while (true) {
        keep_stopped(step, context);
        const ConvergeResult result = context.platform.installer(step.installer).converge(set, options);
        if (result.convergence != Convergence::busy) return result.convergence;
        if (context.platform.clock.elapsed() - begin > busy_limit)
            throw Error("installer_busy",
                        "cannot put the old packages back: another program has been working with " + step.installer +
                            " for too long; end it and run 'autodeploy retry'",
                        Retry::later);
        context.platform.clock.sleep(busy_pause);
    }
}

Error without_restart() {
    return Error(std::string(restart_completes_undo),
                 "cannot put the old packages back without a restart of the machine: "
                 "files of theirs are replaced when it starts");
}

/// At the start of the machine a file of the new release may have taken the place of an old one that was put back
/// before: the database does not know of it, and a newer file stays where packages are only installed once more.
void mend_after_restart(const ConvergePackages& step, StepContext& context) {
    std::vector<std::string> names;
    for (const PackageFile& file : step.way_back.present)
        names.push_back(file.id.name);
    NativeInstaller& installer = context.platform.installer(step.installer);
    if (installer.verify(names).empty()) return;
    PackageSet none;
    none.absent = names;
    for (const PackageSet& set : {none, step.way_back})
        if (bring_back(step, set, context) == Convergence::restart_needed) throw without_restart();
    if (const std::vector<std::string> wrong = installer.verify(names); !wrong.empty())
        throw Error("package_files_differ", "cannot put the old packages back: after a restart of the machine they "
                                            "were installed anew, and still " +
                                                wrong.front());
}

} // namespace

void prepare(const ConvergePackages& step, Captures&, StepContext& context) {
    context.platform.files.make_private_directory(context.folder + "/evidence");
    // The services still run: what can be read now costs no time later.
    if (auto* const installer = dynamic_cast<GetsReady*>(&context.platform.installer(step.installer)))
        installer->get_ready(step.target, options_of(step, context));
}

Performed perform(const ConvergePackages& step, Captures& captures, StepContext& context) {
    keep_stopped(step, context);
    captures.save("begun", true);
    const ConvergeResult result =
        context.platform.installer(step.installer).converge(step.target, options_of(step, context));
    keep_stopped(step, context);
    captures.save("notes", Json(result.warnings));
    switch (result.convergence) {
    case Convergence::reached:
        if (step.scriptlets_must_succeed && !result.warnings.empty())
            throw Error("scriptlet_failed", "cannot accept the packages: " + result.warnings.front() +
                                                "; their files are in place, but the setting " +
                                                "apply.failed_scriptlet is roll_back");
        return {};
    case Convergence::busy:
        return {Performed::Result::busy, "another program works with " + step.installer};
    case Convergence::restart_needed:
        // On the way back files are looked at for that, whenever it is gone.
        captures.save("restart", result.warnings.empty() ? "the installer asks for a restart" : result.warnings.back());
        return {Performed::Result::restart_needed, captures.load("restart")->string()};
    }
    return {};
}

void undo(const ConvergePackages& step, Captures& captures, StepContext& context) {
    if (!captures.has("begun")) return;
    if (step.way_back.present.empty())
        throw Error("no_way_back",
                    "cannot put the old packages back: the deployment was allowed to begin without them; "
                    "install them by hand");
    const Convergence reached = bring_back(step, step.way_back, context);
    if (reached == Convergence::reached && !captures.has("restart")) return;
    try {
        captures.save("restart", "on the way back");
    } catch (const Error&) {
        // On a disk that takes nothing any more the way back goes on all the same.
    }
    if (reached == Convergence::restart_needed) throw without_restart();
    mend_after_restart(step, context);
}

std::string describe(const ConvergePackages& step) {
    std::string text = "bring the packages by " + step.installer + " to:";
    for (const PackageFile& file : step.target.present)
        text += " " + file.id.name + " " + file.id.version;
    for (const std::string& name : step.target.absent)
        if (std::none_of(step.target.present.begin(), step.target.present.end(),
                         [&](const PackageFile& file) { return file.id.name == name; }))
            text += " -" + name;
    return text + removed_first(step.installer, step.way_back, step.target);
}

std::string describe_undo(const ConvergePackages& step) {
    std::string text = "bring the packages back to:";
    for (const PackageFile& file : step.way_back.present)
        text += " " + file.id.name + " " + file.id.version;
    return text + removed_first(step.installer, step.target, step.way_back);
}

} // namespace autodeploy
