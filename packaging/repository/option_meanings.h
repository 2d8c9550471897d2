#pragma once

#include <string>

namespace autodeploy::publisher {

/// One line for `COMMAND --help`; the manual page says more. Throws std::out_of_range for an option that has none.
const std::string& meaning_of_option(const std::string& command, const std::string& option);

} // namespace autodeploy::publisher
