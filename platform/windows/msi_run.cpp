#include "platform/windows/msi_run.h"

#include "platform/error.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace autodeploy {

namespace {

struct Code {
    unsigned code;
    MsiMeaning meaning;
    const char* words;
};

// 2 and 1627 are what Wine's msiexec says where Windows' says 1619 and 1603.
constexpr std::array codes{
    Code{0, MsiMeaning::done, "done"},
    Code{2, MsiMeaning::package_unreadable, "the package was not found"},
    Code{1602, MsiMeaning::cancelled, "the installation was cancelled"},
    Code{1603, MsiMeaning::failed, "the installation failed; its log says where, above \"return value 3\""},
    Code{1605, MsiMeaning::not_installed, "the product is not installed"},
    Code{1618, MsiMeaning::busy, "another installation is at work"},
    Code{1619, MsiMeaning::package_unreadable, "the package could not be opened"},
    Code{1627, MsiMeaning::failed, "a function of the package failed"},
    Code{1638, MsiMeaning::other_release, "another release of the product is installed"},
    Code{1641, MsiMeaning::restarting, "done, and a restart of the machine was begun"},
    Code{1704, MsiMeaning::unsettled, "an installation that was broken off has to be settled first"},
    Code{3010, MsiMeaning::restart_asked, "done, and a restart of the machine is asked for"},
};

const Code* known(unsigned code) {
    const auto* found = std::find_if(codes.begin(), codes.end(), [&](const Code& row) { return row.code == code; });
    return found == codes.end() ? nullptr : found;
}

/// msiexec's quotes are its own: doubled within, and a backslash means itself.
std::string in_quotes(const std::string& text, const std::string& what) {
    if (text.find_first_of(std::string_view("\0\r\n", 3)) != std::string::npos)
        throw Error("package_install_failed", "cannot run msiexec: " + what + " has a line break in it");
    std::string quoted = "\"";
    for (const char c : text)
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    return quoted + "\"";
}

bool is_property_name(const std::string& name) {
    return !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    });
}

/// Names that decide about restarts; msiexec takes them in any case.
bool is_ours(std::string name) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
    return name == "REBOOT" || name == "REBOOTYESNO" || name == "REBOOTPROMPT" || name == "MSIRESTARTMANAGERCONTROL";
}

} // namespace

std::string msi_command_line(const std::string& system_directory, const MsiRun& run) {
    std::string line = in_quotes(system_directory + "\\msiexec.exe", "the system directory") +
                       (run.action == MsiRun::Action::install ? " /i " : " /x ") +
                       in_quotes(run.subject, "the package") + " /qn /norestart /l*v " + in_quotes(run.log, "the log");
    for (const auto& [name, value] : run.properties) {
        if (!is_property_name(name))
            throw Error("package_install_failed", "cannot run msiexec: \"" + name + "\" is no name of a property");
        if (is_ours(name))
            throw Error("package_install_failed",
                        "cannot run msiexec: " + name + " is not to be chosen, it decides about restarts");
        line += " " + name + "=" + in_quotes(value, "the property " + name);
    }
    // RebootYesNo is the vendor's own.
    return line + " REBOOT=ReallySuppress RebootYesNo=No MSIRESTARTMANAGERCONTROL=DisableShutdown";
}

MsiMeaning msi_meaning(unsigned code) {
    const Code* row = known(code);
    return row ? row->meaning : MsiMeaning::unknown;
}

std::string msi_words(unsigned code) {
    const Code* row = known(code);
    return std::string(row ? row->words : "a code that is not known here") + " (msiexec " + std::to_string(code) + ")";
}

} // namespace autodeploy
