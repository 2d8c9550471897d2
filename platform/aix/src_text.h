#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// Readers of what the system resource controller and inittab say; each a function of its text.

/// A subsystem as `lssrc -S` has it.
struct Subsystem {
    std::string name;
    std::string arguments; ///< one text; the controller splits it at blanks
    std::string path;
    std::string user; ///< numeric
    std::string standard_output;
    std::string standard_error;
    std::string action;  ///< "-R" starts again what died, "-O" does not
    std::string multi;   ///< "-q" several instances, "-Q" one
    std::string contact; ///< "-S" signals, "-K" sockets, "-I" queues
    std::string normal_signal;
    std::string forced_signal;
    std::string wait_time;
    std::string group;

    bool operator==(const Subsystem&) const = default;
};

/// Columns are found by the names in the header, so that more or other ones do no harm. Lines that do not fit, or
/// without a name or an absolute path, are left out.
std::vector<Subsystem> parse_subsystems(std::string_view text);

/// One instance that runs or is about to stop.
struct SubsystemInstance {
    std::int64_t process = 0;
    bool active = false; ///< false while it is being stopped

    bool operator==(const SubsystemInstance&) const = default;
};

/// Of `lssrc -s NAME`, or without a name of `lssrc -a`: lines with a PID. An inoperative subsystem has none.
std::vector<SubsystemInstance> parse_subsystem_status(std::string_view text, std::string_view name = {});

struct InittabEntry {
    std::string id;
    std::string level;
    std::string action;
    std::string command;

    bool operator==(const InittabEntry&) const = default;
};

/// Of `lsitab -a` or the file itself; comments and lines of another form are left out.
std::vector<InittabEntry> parse_inittab(std::string_view text);
std::string inittab_line(const InittabEntry& entry);

/// The words of a command up to redirections, '&', ';' and comments; quotes taken off.
std::vector<std::string> command_words(std::string_view command);
/// Whether the command starts that subsystem, by name or by its group.
bool starts_subsystem(const InittabEntry& entry, const Subsystem& subsystem);

} // namespace autodeploy
