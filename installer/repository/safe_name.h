#pragma once

#include <string>
#include <string_view>

namespace autodeploy {

/// One file's name for any text, on every system: two texts never share one, not even where case does not count. Only
/// a-z 0-9 - _ and dots inside stay bare; everything else becomes %XX, and so does what Windows would take for a
/// device (CON, LPT1.json). Never empty, never hidden, at most 200 bytes (a longer one becomes a digest).
std::string safe_file_name(std::string_view text);

/// Whether a target's name may be asked for at a source: relative, no component empty, "." or "..", no control
/// character, no backslash, no colon.
bool is_safe_target_path(std::string_view path);

} // namespace autodeploy
