#pragma once

#include "platform/platform.h"

#include <string>
#include <vector>

namespace autodeploy {

/// Starts the services of the rescue list, as the rescue program does, where an attempt can be neither finished nor
/// undone. No list: nothing. Goes on past what fails and returns that, for people; never throws.
std::vector<std::string> start_listed_services(Platform& platform, const std::string& rescue_list);

} // namespace autodeploy
