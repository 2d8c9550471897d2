#pragma once

#include "installer/json.h"
#include "platform/time_units.h"

#include <string>
#include <vector>

namespace autodeploy {

// What we wrote ourselves, perhaps in an older or a newer version: members that are missing are empty, unknown ones are
// passed over, wrong types throw Error metadata_malformed.

std::string text_member(const Json& object, const std::string& key);
std::int64_t number_member(const Json& object, const std::string& key);
bool flag_member(const Json& object, const std::string& key);
std::vector<std::string> texts_member(const Json& object, const std::string& key);

} // namespace autodeploy
