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
    Code{1601, MsiMeaning::failed, "the service of Windows Installer could not be reached"},
    Code{1602, MsiMeaning::cancelled, "the installation was cancelled"},
    Code{1603, MsiMeaning::failed, "the installation failed; its log says where, above \"return value 3\""},
    Code{1604, MsiMeaning::unsettled, "an installation is suspended"},
    Code{1605, MsiMeaning::not_installed, "the product is not installed"},
    Code{1618, MsiMeaning::busy, "another installation is at work"},
    Code{1619, MsiMeaning::package_unreadable, "the package could not be opened"},
    Code{1620, MsiMeaning::package_unreadable, "the file is no package"},
    Code{1625, MsiMeaning::cancelled, "a policy of the system forbids the installation (DisableMSI, AppLocker)"},
    Code{1627, MsiMeaning::failed, "a function of the package failed"},
    Code{1633, MsiMeaning::failed, "the package is for another kind of machine"},
    Code{1638, MsiMeaning::other_release, "another release of the product is installed"},
    Code{1641, MsiMeaning::restarting, "done, and a restart of the machine was begun"},
    Code{1704, MsiMeaning::unsettled, "an installation that was broken off has to be settled first"},
    Code{3010, MsiMeaning::restart_asked, "done, and a restart of the machine is asked for"},
};

const Code* known(unsigned code) {
    const auto* found = std::find_if(codes.begin(), codes.end(), [&](const Code& row) { return row.code == code; });
    return found == codes.end() ? nullptr : found;
}

/// What msiexec reads back from a command line: its quotes are not those of other programs, so nothing is to need them
/// but for blanks.
std::string plain(std::string text, const std::string& what) {
    if (text.empty() || text.find_first_of(std::string_view("\0\r\n\"", 4)) != std::string::npos)
        throw Error("package_install_failed",
                    "cannot run msiexec: " + what + " is empty or has a quote or a line break in it");
    while (text.size() > 3 && text.ends_with('\\'))
        text.pop_back();
    return text;
}

bool is_property_name(const std::string& name) {
    return !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    });
}

/// Names that decide about restarts, and for whom something is installed; msiexec takes them in any case.
bool is_ours(std::string name) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
    return name == "REBOOT" || name == "REBOOTYESNO" || name == "REBOOTPROMPT" || name == "MSIRESTARTMANAGERCONTROL" ||
           name == "ALLUSERS" || name == "MSIINSTALLPERUSER";
}

} // namespace

Command msi_command(const std::string& system_directory, const MsiRun& run) {
    const bool installs = run.action == MsiRun::Action::install;
    Command command;
    command.program = system_directory + "\\msiexec.exe";
    command.arguments = {installs ? "/i" : "/x", plain(run.subject, "the package"), "/qn", "/norestart"};
    if (!run.log.empty()) {
        command.arguments.push_back("/l*v");
        command.arguments.push_back(plain(run.log, "the log"));
    }
    for (const auto& [name, value] : run.properties) {
        if (!is_property_name(name))
            throw Error("package_install_failed", "cannot run msiexec: \"" + name + "\" is no name of a property");
        if (is_ours(name))
            throw Error("package_install_failed", "cannot run msiexec: " + name + " is not to be chosen");
        command.arguments.push_back(name + "=" + plain(value, "the property " + name));
    }
    // Started by the system itself, a package may else install for that user alone.
    if (installs) command.arguments.push_back("ALLUSERS=1");
    // RebootYesNo is the vendor's own.
    for (const char* switch_off :
         {"REBOOT=ReallySuppress", "RebootYesNo=No", "MSIRESTARTMANAGERCONTROL=DisableShutdown"})
        command.arguments.push_back(switch_off);
    return command;
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
