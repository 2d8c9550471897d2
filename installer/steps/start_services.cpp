#include "installer/step.h"

#include "platform/error.h"
#include "platform/platform.h"

namespace autodeploy {

namespace {

/// Whether anything tells of a stop: where nothing was stopped, going back is not to stop what never stopped running.
bool was_stopped(const Captures& captures, StepContext& context) {
    const auto has_trace = [&context](const char* kind, const char* trace) {
        const std::optional<Captures> others = captures_of_kind(context, kind);
        return others && others->has(trace);
    };
    return captures.has("contact-marks") || captures.has("started-at") || has_trace("stop-services", "stopped-at") ||
           has_trace("converge-packages", "begun");
}

/// What runs now was started by a scriptlet, maybe between two packages, or by an interrupted run of ours.
void stop_what_runs(const StartServices& step, StepContext& context) {
    ServiceManager& services = context.platform.services;
    bool read_again = false;
    for (const Service& service : step.services) {
        if (context.held_down.contains(service.name)) continue;
        if (!read_again) services.reload();
        read_again = true;
        services.stop(service.name, Milliseconds(step.deadline_ms), true);
    }
}

void start_one(const StartServices& step, const Service& service, StepContext& context) {
    ServiceManager& services = context.platform.services;
    try {
        services.start(service.name, Milliseconds(step.deadline_ms));
    } catch (const Error&) {
        // A scriptlet may have masked it, taken it away, or left the manager with an old definition.
        services.reload();
        const std::optional<Service> now = services.find(service.name);
        if (now && now->settings == service.settings) throw;
        services.restore(service);
        services.start(service.name, Milliseconds(step.deadline_ms));
    }
}

} // namespace

void prepare(const StartServices&, Captures&, StepContext&) {}

Performed perform(const StartServices& step, Captures& captures, StepContext& context) {
    ServiceManager& services = context.platform.services;
    if (!captures.load("started-at")) {
        stop_what_runs(step, context);
        Json::Object marks;
        for (const Service& service : step.services) {
            const ContactMark mark = context.client.contact_mark(service);
            marks[service.name] = Json::Object{{"at", mark.at}, {"log_end", mark.log_end}};
        }
        captures.save("contact-marks", marks);
    }
    for (const Service& service : step.services)
        if (service.running) start_one(step, service, context);
    captures.save("started-at", context.platform.clock.now_ms());
    // Whether they start at boot too is not what the scheduler has to wait for.
    services.reload();
    for (const Service& service : step.services)
        services.restore(service);
    return {};
}

void undo(const StartServices& step, Captures& captures, StepContext& context) {
    if (!was_stopped(captures, context)) return;
    for (auto service = step.services.rbegin(); service != step.services.rend(); ++service) {
        if (!context.platform.services.find(service->name)) continue; // its definition went with the packages
        context.platform.services.hold(service->name);
        context.platform.services.stop(service->name, Milliseconds(step.deadline_ms), true);
    }
}

std::string describe(const StartServices& step) {
    std::string text = "start the services that ran before:";
    for (const Service& service : step.services)
        if (service.running) text += " " + service.name;
    return text;
}

std::string describe_undo(const StartServices&) {
    return "hold and stop them again";
}

} // namespace autodeploy
