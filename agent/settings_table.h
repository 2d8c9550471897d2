#pragma once

#include "agent/settings.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

// How to add a setting: a member in settings.h with its default, and a row here. Reader, documentation and printed
// settings follow from the row.

/// One setting as a row of the table. Texts are as in the file, quotes taken away.
struct SettingRow {
    std::string key; ///< "wait.deadline"
    std::string type;
    std::string range;
    std::string meaning;
    bool list = false; ///< the value is a list of texts; else one text
    /// Throws BadValue, or Error where a text has more to say.
    std::function<void(Settings&, const std::vector<std::string>&)> set;
    std::function<std::vector<std::string>(const Settings&)> get;
};

/// What was expected instead: "a duration like 90s, 5m, 2h".
struct BadValue {
    std::string expected;
};

const std::vector<SettingRow>& setting_rows();
/// "requirements.ID": how much one requirement weighs on this site.
inline constexpr std::string_view requirements_section = "requirements";
Severity parse_severity(const std::string& text);
std::string text(Severity severity);

/// As YAML would read it back: quoted where it has to be.
std::string yaml_scalar(const std::string& text);

} // namespace autodeploy
