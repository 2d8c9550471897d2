#include "installer/step.h"

#include "platform/platform.h"

namespace autodeploy {

namespace {

std::string names_of(const RepointServices& step) {
    std::string text;
    for (const Service& service : step.after)
        text += " " + service.name;
    return text;
}

} // namespace

void prepare(const RepointServices&, Captures&, StepContext&) {}

Performed perform(const RepointServices& step, Captures& captures, StepContext& context) {
    captures.save("begun", true);
    for (const Service& service : step.after)
        context.platform.services.restore(service);
    return {};
}

void undo(const RepointServices& step, Captures& captures, StepContext& context) {
    if (!captures.has("begun")) return;
    for (const Service& service : step.before)
        context.platform.services.restore(service);
}

std::string describe(const RepointServices& step) {
    return "point to the programs and directories of the new client:" + names_of(step);
}

std::string describe_undo(const RepointServices& step) {
    return "point back to those of the old client:" + names_of(step);
}

} // namespace autodeploy
