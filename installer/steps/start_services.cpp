#include "installer/step.h"

#include "platform/error.h"
#include "platform/platform.h"

namespace autodeploy {

void prepare(const StartServices&, Captures&, StepContext&) {}

Performed perform(const StartServices& step, Captures& captures, StepContext& context) {
    ServiceManager& services = context.platform.services;
    services.reload();
    if (!captures.load("started-at")) {
        Json::Object marks;
        for (const Service& service : step.services) {
            // What runs now was started by a scriptlet, maybe between two packages, or by an interrupted run of ours.
            services.stop(service.name, Milliseconds(step.deadline_ms), true);
            services.restore(service);
            const ContactMark mark = context.client.contact_mark(service);
            marks[service.name] = Json::Object{{"at", mark.at}, {"log_end", mark.log_end}};
        }
        captures.save("contact-marks", marks);
    }
    for (const Service& service : step.services)
        if (service.running) services.start(service.name, Milliseconds(step.deadline_ms));
    captures.save("started-at", context.platform.clock.now_ms());
    return {};
}

void undo(const StartServices& step, Captures&, StepContext& context) {
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
