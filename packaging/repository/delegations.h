#pragma once

#include "installer/json.h"

#include <string>
#include <vector>

namespace autodeploy {

/// Adds to the signed part of targets a terminating delegation with one key and threshold 1.
void add_delegation(Json& targets, const std::string& role, const Json& key, const std::vector<std::string>& paths);

} // namespace autodeploy
