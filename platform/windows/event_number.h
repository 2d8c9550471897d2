#pragma once

#include "platform/host.h"

#include <cstdint>
#include <string>

namespace autodeploy {

/// The number under which the event log keeps events of that id. Given out once and for ever; 1 for one that has none.
std::uint32_t event_number(const std::string& id);

/// The message, and behind it id and fields, a line each: "outcome=updated".
std::string event_text(const LogEvent& event);

} // namespace autodeploy
