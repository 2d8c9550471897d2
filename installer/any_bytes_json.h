#pragma once

#include "installer/json.h"

#include <string>
#include <string_view>

namespace autodeploy {

// Names of files are any bytes. Files of ours that have to name others again are written and read by these: a byte
// that is no UTF-8 stands as backslash, udc and its two digits, which parse_json refuses. What compact_json and
// pretty_json write is for people and other machines; there it becomes U+FFFD.

Json parse_any_bytes_json(std::string_view text);
std::string compact_any_bytes_json(const Json& value);
std::string pretty_any_bytes_json(const Json& value);

} // namespace autodeploy
