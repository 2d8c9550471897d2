#include "installer/step.h"

#include "platform/error.h"
#include "platform/platform.h"

#include <algorithm>

namespace autodeploy {

namespace {

bool is_untouched(const InstalledPackage& then, const InstalledPackage& now) {
    return then == now;
}

/// Put back is whole, whatever the database said of it before: half installed, applied but not committed.
bool is_back(const InstalledPackage& then, const InstalledPackage& now) {
    return then.id == now.id && now.healthy && (then.digest == now.digest || !then.healthy);
}

/// What differs from the packages as they were found, in the words of a report; empty if nothing does.
std::string difference(const ConfirmBefore& step, StepContext& context,
                       bool (&is_same)(const InstalledPackage&, const InstalledPackage&)) {
    std::vector<InstalledPackage> now = context.platform.installer(step.installer).installed(step.names);
    std::erase_if(now, [&](const InstalledPackage& package) {
        return std::find(step.names.begin(), step.names.end(), package.id.name) == step.names.end();
    });
    std::string text;
    const auto add = [&text](const std::string& what) { text += (text.empty() ? "" : ", ") + what; };
    for (const InstalledPackage& then : step.packages)
        if (std::none_of(now.begin(), now.end(),
                         [&](const InstalledPackage& package) { return is_same(then, package); }))
            add(then.id.name + " " + then.id.version + " is no longer as it was");
    for (const InstalledPackage& package : now)
        if (std::none_of(step.packages.begin(), step.packages.end(),
                         [&](const InstalledPackage& then) { return then.id == package.id; }))
            add(package.id.name + " " + package.id.version + " (" + package.state + ") is there too");
    return text;
}

} // namespace

void prepare(const ConfirmBefore&, Captures&, StepContext&) {}

Performed perform(const ConfirmBefore& step, Captures& captures, StepContext& context) {
    if (captures.has("confirmed")) return {}; // taken up again: from here on it may differ
    if (const std::string changed = difference(step, context, is_untouched); !changed.empty())
        throw Error("changed_meanwhile",
                    "cannot begin: the packages were changed by somebody else since the plan was made: " + changed,
                    Retry::later);
    captures.save("confirmed", true);
    return {};
}

void undo(const ConfirmBefore& step, Captures& captures, StepContext& context) {
    if (!captures.has("confirmed")) return; // nothing was done, so what differs is not ours
    if (const std::string changed = difference(step, context, is_back); !changed.empty())
        throw Error("old_state_not_restored", "cannot confirm that the old packages are back: " + changed +
                                                  "; reinstall them from the folder of kept packages");
}

std::string describe(const ConfirmBefore& step) {
    std::string text = "confirm that the machine is as the plan assumes:";
    for (const InstalledPackage& package : step.packages)
        text += " " + package.id.name + " " + package.id.version;
    return text;
}

std::string describe_undo(const ConfirmBefore&) {
    return "confirm that the old packages are there again";
}

} // namespace autodeploy
