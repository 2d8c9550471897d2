#pragma once

#include "platform/service.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// Where a client of one word size has something, and where that of the other one looks for it.
struct Relocation {
    std::string from;
    std::string to;
};

/// The directories of the client that have another name for that word size: out of client_layout(), but for what other
/// products use too, and the one its program lies in, where an administrator chose another below Windows' "Program
/// Files (x86)". Empty where all stay. from, to: 32 or 64.
std::vector<Relocation> relocations(std::string_view system, int from, int to, const std::string& program_directory);

/// The path in its new place; nothing if it lies below none of the old directories. Windows' letter case is ignored.
std::optional<std::string> relocated(const std::vector<Relocation>& relocations, const std::string& path);

/// Keys of kept_settings() and where a client of the other word size looks for them; the same key twice where both have
/// the same word size.
std::vector<Relocation> settings_relocations(std::string_view system, int from, int to);

/// Every old directory in it is the new one, also where it stands within a longer text.
std::string relocated_text(const std::vector<Relocation>& relocations, const std::string& text);

/// The service as it has to be for the new client: every old directory in its program, arguments, environment and
/// settings is the new one, also where it stands within a longer text (a command line, a line of inittab).
Service relocated(const std::vector<Relocation>& relocations, const Service& service);

} // namespace autodeploy
