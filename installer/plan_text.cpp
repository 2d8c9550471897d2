#include "installer/step.h"

namespace autodeploy {

std::string plan_text(const Plan& plan) {
    std::string text = "from " + plan.from_release + " to " + plan.to_release + "\n";
    int number = 0;
    for (const Step& step : plan.steps) {
        text +=
            std::to_string(++number) + ". " + std::visit([](const auto& kind) { return describe(kind); }, step) + "\n";
        const std::string undo = std::visit([](const auto& kind) { return describe_undo(kind); }, step);
        if (!undo.empty()) text += "   undo: " + undo + "\n";
    }
    return text;
}

} // namespace autodeploy
