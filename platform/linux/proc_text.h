#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// Readers of what /proc says; each a function of its text.

struct ProcStat {
    std::int64_t parent = 0;
    std::string started; ///< clock ticks since the start of the machine
    char state = '?';    ///< 'Z' has ended and is not yet reaped
};

/// /proc/PID/stat; nothing if it is not of that form. The program's name in it may hold blanks and parentheses.
std::optional<ProcStat> parse_proc_stat(std::string_view text);

/// Texts that end with a zero byte each, as in cmdline and environ.
std::vector<std::string> split_at_zeros(std::string_view text);
std::map<std::string, std::string> parse_environ(std::string_view text);

/// True if /proc/PID/maps names a file whose path starts so.
bool maps_file_below(std::string_view maps, std::string_view path_prefix);

/// The path that an exe link shows, without the kernel's mark of a file that is gone or was replaced.
std::string without_deleted_mark(std::string path);

struct Mount {
    std::string point;
    std::string type;
    std::string options;       ///< of this mount: "rw,noexec"
    std::string super_options; ///< of the file system
};

/// /proc/self/mountinfo, in its order; lines of another form are left out.
std::vector<Mount> parse_mountinfo(std::string_view text);

} // namespace autodeploy
