#pragma once

#include "installer/json.h"

#include <string>
#include <vector>

namespace autodeploy {

/// Adds to the signed part of targets a terminating delegation: all of these keys, so many of which have to sign.
void add_delegation(Json& targets, const std::string& role, const std::vector<Json>& keys, std::int64_t threshold,
                    const std::vector<std::string>& paths);

} // namespace autodeploy
