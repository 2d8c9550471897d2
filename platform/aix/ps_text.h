#pragma once

#include "platform/process.h"
#include "platform/time_units.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// Readers of what ps, fuser and mount say; each a function of its text.

/// "[[dd-]hh:]mm:ss" in seconds.
std::optional<std::int64_t> parse_elapsed(std::string_view text);

/// Of `ps -e -o pid,ppid,etime,args`. started is the second of the start by the wall clock (now is when ps ran), the
/// program the first word, as it stands there. Lines of another form, and what has ended, are left out.
std::vector<Process> parse_processes(std::string_view text, UnixTime now);

/// Whether the words of a command line, as ps joins them, can be told from each other.
bool can_be_split(std::string_view command_line);

/// The environment in the answer of `ps eww PID`, which shows it behind the command line. Nothing where it cannot be
/// told.
std::optional<std::map<std::string, std::string>> parse_environment(std::string_view text,
                                                                    const std::vector<std::string>& arguments);

/// Numbers of processes in what fuser writes to standard output.
std::vector<std::int64_t> parse_fuser(std::string_view text);

struct AixMount {
    std::string point;
    std::string type;
    std::string options;

    bool operator==(const AixMount&) const = default;
};

/// Of `mount` without arguments.
std::vector<AixMount> parse_mounts(std::string_view text);

/// Free bytes in the answer of `df -Pk PATH`.
std::optional<std::uint64_t> parse_df(std::string_view text);

} // namespace autodeploy
