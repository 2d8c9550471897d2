#pragma once

#include <string_view>

namespace autodeploy {

/// '*' stands for any text, '?' for one character; everything else for itself. The whole text has to fit. Takes time in
/// the product of both lengths at most.
bool fits_pattern(std::string_view pattern, std::string_view text);

} // namespace autodeploy
