#include "platform/changing_tool.h"

#include "platform/error.h"

#include <algorithm>

namespace autodeploy {

namespace {

constexpr Milliseconds between_reports{60 * 1000};
constexpr Milliseconds patience_after_limit{30 * 60 * 1000};

void report(const ConvergeOptions& options, const std::string& line) {
    if (options.report) options.report(line);
}

std::string minutes(Milliseconds time) {
    return std::to_string(time.count() / 60000) + " minutes";
}

/// Goes on waiting for a tool that has run past its first limit.
ToolEnd wait_on(CommandRunner& commands, Clock& clock, const std::string& name, Milliseconds begun,
                const ConvergeOptions& options) {
    ToolEnd end;
    for (;;) {
        const Milliseconds passed = clock.elapsed() - begun;
        report(options, name + " overruns: it has been running for " + minutes(passed));
        if (passed >= options.scriptlet_limit) {
            if (passed >= options.scriptlet_limit + patience_after_limit)
                throw Error("package_install_failed",
                            "cannot wait any longer for " + name + ": it has been running for " + minutes(passed) +
                                ", though its scripts were ended; look at what it waits for, it was not killed",
                            Retry::later);
            report(options, name + ": its hung scripts are ended");
            commands.end_scriptlets(name);
            end.scriptlets_ended = true;
        }
        const Milliseconds to_limit = options.scriptlet_limit - passed;
        const Milliseconds time =
            to_limit > Milliseconds::zero() ? std::min(between_reports, to_limit) : between_reports;
        end.result = commands.wait_detached(name, time);
        if (!end.result.timed_out) return end;
    }
}

} // namespace

DetachedCommand changing_tool(const std::string& name, const Command& command, const std::string& output_path,
                              const ConvergeOptions& options) {
    DetachedCommand detached;
    detached.name = name;
    detached.command = command;
    detached.command.deadline = std::min(options.overrun, options.scriptlet_limit);
    detached.output_path = output_path;
    return detached;
}

ToolEnd run_changing_tool(CommandRunner& commands, Clock& clock, const std::string& name, const Command& command,
                          const std::string& output_path, const ConvergeOptions& options) {
    const Milliseconds begun = clock.elapsed();
    ToolEnd end;
    end.result = commands.run_detached(changing_tool(name, command, output_path, options));
    return end.result.timed_out ? wait_on(commands, clock, name, begun, options) : end;
}

void wait_for_survivor(CommandRunner& commands, Clock& clock, const std::string& name, const ConvergeOptions& options) {
    if (commands.detached_state(name) != DetachedState::running) return;
    const Milliseconds begun = clock.elapsed();
    report(options, "waiting for " + name + ", which was started before");
    if (commands.wait_detached(name, std::min(options.overrun, options.scriptlet_limit)).timed_out)
        wait_on(commands, clock, name, begun, options);
}

} // namespace autodeploy
