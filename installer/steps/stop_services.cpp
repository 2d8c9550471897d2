#include "installer/rescue_list.h"
#include "installer/step.h"

#include "installer/client/layout.h"
#include "platform/error.h"
#include "platform/platform.h"

#include <algorithm>
#include <set>
#include <utility>

namespace autodeploy {

namespace {

constexpr Milliseconds start_deadline{120000};
constexpr Milliseconds process_look{1000};

std::vector<Process> remaining(const StopServices& step, StepContext& context) {
    std::vector<Process> found;
    for (Process& process : context.platform.processes.list())
        if (std::any_of(step.program_directories.begin(), step.program_directories.end(),
                        [&](const std::string& directory) { return lies_below(process.program, directory); }))
            found.push_back(std::move(process));
    return found;
}

std::string name_of(const Process& process) {
    return process.program + " (process " + std::to_string(process.id) + ")";
}

/// By the policy: given up at once, awaited, or ended; the deadline is one for all.
void clear_remaining(const StopServices& step, StepContext& context) {
    ProcessTable& processes = context.platform.processes;
    Clock& clock = context.platform.clock;
    const Milliseconds deadline = clock.elapsed() + Milliseconds(step.process_deadline_ms);
    std::vector<Process> left = remaining(step, context);
    while (step.await_remaining && !left.empty() && clock.elapsed() < deadline) {
        context.progress("waiting for " + name_of(left.front()) + " to end");
        clock.sleep(std::min(process_look, deadline - clock.elapsed()));
        left = remaining(step, context);
    }
    for (const Process& process : left) {
        if (!step.end_remaining)
            throw Error("client_process_remains",
                        "cannot go on: " + name_of(process) + " of the client still runs " +
                            (step.await_remaining ? std::to_string(step.process_deadline_ms / 1000) + " s " : "") +
                            "after its services were stopped; end it, or set apply.remaining_processes to end",
                        Retry::later);
        context.progress("ending " + name_of(process));
        if (processes.end(process, std::max(deadline - clock.elapsed(), Milliseconds(0)))) continue;
        // The journal daemon's kernel part goes on buffering when it is killed the hard way.
        const std::string name = file_name(process.program);
        if (name == "tsmjbbd" || name == "tsmjbbd.exe" || name == "jbbsvc.exe")
            throw Error("client_process_remains",
                        "cannot go on: the journal daemon " + name_of(process) + " does not end when asked, and " +
                            "it is never killed; stop it by hand",
                        Retry::later);
        processes.kill(process);
    }
}

} // namespace

void prepare(const StopServices& step, Captures&, StepContext& context) {
    std::vector<std::string> running;
    for (const Service& service : step.services)
        if (service.running) running.push_back(service.name);
    write_rescue_list(context.platform.files, context.rescue_path, running);
}

Performed perform(const StopServices& step, Captures& captures, StepContext& context) {
    std::set<std::string> held;
    for (const Service& service : step.services)
        if (context.platform.services.hold(service.name)) held.insert(service.name);
    captures.save("stopped-at", context.platform.clock.now_ms());
    for (const Service& service : step.services)
        context.platform.services.stop(service.name, Milliseconds(step.deadline_ms), step.kill_at_deadline);
    clear_remaining(step, context);
    context.held_down = std::move(held);
    return {};
}

void undo(const StopServices& step, Captures& captures, StepContext& context) {
    std::string failures;
    const auto attempt = [&failures](auto&& action) {
        try {
            action();
        } catch (const Error& error) {
            failures += (failures.empty() ? "" : "; ") + std::string(error.what());
        }
    };
    attempt([&] { context.platform.services.reload(); });
    for (const Service& service : step.services) {
        attempt([&] { context.platform.services.restore(service); });
        attempt([&] { context.platform.services.release(service.name); });
    }
    for (auto service = step.services.rbegin(); service != step.services.rend(); ++service)
        if (service->running) attempt([&] { context.platform.services.start(service->name, start_deadline); });
    if (!failures.empty()) throw Error("services_not_restored", failures);
    try {
        captures.save("started-at", context.platform.clock.now_ms());
    } catch (const Error&) {
        // It is for the report only; all of them run.
    }
}

std::string describe(const StopServices& step) {
    std::string text = "hold and stop the services:";
    for (const Service& service : step.services)
        text += " " + service.name + (service.running ? "" : " (not running)");
    return text;
}

std::string describe_undo(const StopServices& step) {
    std::string text = "restore their settings, release them, start:";
    for (const Service& service : step.services)
        if (service.running) text += " " + service.name;
    return text;
}

} // namespace autodeploy
