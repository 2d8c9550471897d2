#include "platform/windows/event_number.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace autodeploy {

namespace {

/// A new one goes to the end: the place is the number.
constexpr std::array<std::string_view, 8> ids = {"agent-started", "deployment-phase", "deployment-ended",
                                                 "probation",     "metadata-expires", "attempts-cleared",
                                                 "problem",       "restart-announced"};
constexpr std::uint32_t first_number = 100;
constexpr std::uint32_t other = 1;

} // namespace

std::uint32_t event_number(const std::string& id) {
    const auto found = std::find(ids.begin(), ids.end(), id);
    return found == ids.end() ? other : first_number + std::uint32_t(found - ids.begin());
}

std::string event_text(const LogEvent& event) {
    std::string text = event.message;
    if (!event.id.empty()) text += "\r\n\r\nevent=" + event.id;
    for (const auto& [name, value] : event.fields)
        if (!value.empty()) text += "\r\n" + name + "=" + value;
    return text;
}

} // namespace autodeploy
