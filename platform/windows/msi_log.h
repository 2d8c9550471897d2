#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// What a log of msiexec (/l*v) says about how it went. Texts may be in the machine's language; what is looked for are
/// numbers and words that are the same everywhere, and English ones beside them.
struct MsiLog {
    std::string failed_action;        ///< the first that ended with return value 3
    std::vector<std::string> errors;  ///< "Error 1920. Service …", each once, in order
    std::vector<std::string> holders; ///< of files in use, as Windows tells them
    bool files_were_in_use = false;   ///< replaced at the next start of the machine
    std::optional<unsigned> result;   ///< what the engine returned at the end

    bool operator==(const MsiLog&) const = default;
};

/// bytes: of the file, UTF-16 as Windows writes it or single bytes.
MsiLog parse_msi_log(std::string_view bytes);

/// In one line why it failed; empty where the log does not tell.
std::string reason_in(const MsiLog& log);

} // namespace autodeploy
